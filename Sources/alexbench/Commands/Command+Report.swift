import BenchmarkKit
import Foundation

extension Command {
    /// `alexbench report [DIR]`.
    static let report = Command(
        name: "report", summary: "the published tables, made anew from a folder of results",
        discussion:
            "Prints the report. With --write it goes into the folder instead, and the CSV and Markdown of each "
            + "result beside it. The same results give the same bytes.",
        operands: Operands(usage: "[DIR]", count: 0...1, completion: .directory),
        flags: [Flags.write, Flags.readme, Flags.output],
        examples: ["alexbench report Results", "alexbench report Results --write --readme README.md"]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let folder = arguments.operands.first ?? "Results"
        let output = try OutputFile(arguments[Flags.output])
        let results = try readResults(in: folder)
        let files = PhaseReport.render(results: results).sorted { $0.key < $1.key }
        if let readme = arguments[Flags.readme] { try rewrite(readme, results) }
        guard arguments[Flags.write] else {
            try output.write(files.map(\.value).joined(separator: "\n"))
            return .fine
        }
        for (name, text) in files { try OutputFile("\(folder)/\(name)").write(text) }
        for (name, result) in results {
            for format in [ResultFormat.csv, .markdown] {
                let path = "\(folder)/\(name.dropLast("json".count))\(format.fileExtension)"
                try OutputFile(path).write(format.render(result))
            }
        }
        return .fine
    }

    /// All results of a folder and the folders in it, by their names inside it.
    private static func readResults(in folder: String) throws(Failure) -> [String: RunResult] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw Failure(.noBaseline, "\(folder): no such folder\nname a folder of result files (JSON)")
        }
        let names = (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
        var results: [String: RunResult] = [:]
        for name in names where name.hasSuffix(".json") {
            results[name] = try ResultFile.read("\(folder)/\(name)", missing: .noBaseline)
        }
        return results
    }

    private static func rewrite(_ path: String, _ results: [String: RunResult]) throws(Failure) {
        let text = String(decoding: try InputFile.contents(ofFile: path, missing: .failure), as: UTF8.self)
        do {
            try OutputFile(path).write(try PhaseReport.rewrite(readme: text, results: results))
        } catch let error as ReportError {
            throw Failure(.failure, error.message)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(.failure, "\(path): \(error)")
        }
    }
}
