import BenchmarkKit
import Foundation

/// Results kept by name in a folder, for later comparisons.
struct Baselines {
    let folder: String

    static let usualFolder = ".alexbench/baselines"

    init(_ arguments: ParsedArguments) { folder = arguments[Flags.baselines] ?? Self.usualFolder }

    /// A name is letters, digits, `.`, `_` and `-`, at most 64, the first no dot or dash: so it can be no path or flag.
    static func isName(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || [45, 46, 95].contains(byte)
        }
        return isPlain && (1...64).contains(text.utf8.count) && text.first != "." && text.first != "-"
    }

    /// The file of a name.
    func path(of name: String) throws(Failure) -> String {
        guard Self.isName(name) else {
            throw .usage(
                "'\(name)'", "is no name of a baseline",
                remedy: "use letters, digits, '.', '_' and '-', at most 64, the first a letter or digit")
        }
        return "\(folder)/\(name).json"
    }

    /// All names, sorted. None where there is no such folder.
    var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.filter(Self.isName).sorted()
    }

    /// Keeps a result under a name, replacing what was there.
    func save(_ result: RunResult, as name: String) throws(Failure) {
        let path = try path(of: name)
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Failure(
                .failure, "\(folder): can't be made: \(Console.systemMessage(errno))\nname another with --baselines")
        }
        try OutputFile(path).write(ResultFormat.json.render(result))
    }

    /// The result under a name.
    func read(_ name: String) throws(Failure) -> RunResult {
        let path = try path(of: name)
        guard FileManager.default.fileExists(atPath: path) else { throw missing(name) }
        return try ResultFile.read(path, missing: .noBaseline)
    }

    func delete(_ name: String) throws(Failure) {
        let path = try path(of: name)
        guard FileManager.default.fileExists(atPath: path) else { throw missing(name) }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw Failure(.failure, "\(path): can't be removed: \(Console.systemMessage(errno))")
        }
    }

    private func missing(_ name: String) -> Failure {
        let known = names
        let remedy =
            known.isEmpty
            ? "there are none; keep one with: alexbench baseline save \(name) RESULT.json"
            : Suggestion.remedy(for: name, among: known, noun: "baselines")
        return Failure(.noBaseline, "'\(name)': no such baseline in \(folder)\n\(remedy)")
    }
}
