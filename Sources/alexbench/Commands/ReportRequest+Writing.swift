import BenchmarkKit
import Foundation

extension ReportRequest {
    /// The published tables; with `--write` the CSV and Markdown of each result too.
    func writeTables() throws(Failure) {
        let byName = Dictionary(results.map { ($0.name, $0.result) }, uniquingKeysWith: { first, _ in first })
        let files = PhaseReport.render(results: byName).sorted { $0.key < $1.key }
        if let readme = arguments[Flags.readme] { try rewrite(readme, byName) }
        guard let folder else { return try output.write(files.map(\.value).joined(separator: "\n")) }
        for (name, text) in files { try OutputFile("\(folder)/\(name)").write(text) }
        for (name, result) in results {
            for format in [ResultFormat.csv, .markdown] {
                try OutputFile("\(folder)/\(Self.stem(name)).\(format.fileExtension)").write(format.render(result))
            }
        }
    }

    /// All results on one page, but for those that have tables of their own among others that have none: a folder's
    /// page stays small enough to be read.
    func writePage() throws(Failure) {
        let entries = results.map { (name: Self.stem($0.name), result: $0.result) }
        let shown = entries.filter { !PhaseReport.hasTables($0.name) }
        let elsewhere = shown.isEmpty ? [] : entries.map(\.name).filter(PhaseReport.hasTables)
        let page = HTMLPage(shown.isEmpty ? entries : shown, elsewhere: elsewhere).render()
        guard let folder else { return try output.write(page) }
        try OutputFile("\(folder)/report.html").write(page)
    }

    /// All results as Markdown, one behind the other; with `--write` each into its own file.
    func writeMarkdown() throws(Failure) {
        var texts: [String] = []
        for (place, entry) in results.enumerated() {
            let stem = Self.stem(entry.name)
            let target = output.path ?? ""
            let beside = results.count == 1 ? Self.stem(target) : "\(Self.stem(target))-\(place + 1)"
            let path = folder.map { "\($0)/\(stem)" } ?? beside
            var text = ResultFormat.markdown.render(entry.result)
            if arguments[Flags.charts] {
                let charted = ChartedMarkdown(entry.result, name: (path as NSString).lastPathComponent)
                text = charted.text
                let place = (path as NSString).deletingLastPathComponent
                for file in charted.files {
                    try OutputFile(place.isEmpty ? file.name : "\(place)/\(file.name)").write(file.svg)
                }
            }
            if folder != nil { try OutputFile("\(path).md").write(text) }
            texts.append(results.count == 1 ? text : "# \(stem)\n\n\(text)")
        }
        if folder == nil { try output.write(texts.joined(separator: "\n")) }
    }

    /// The name without its ending.
    private static func stem(_ name: String) -> String { (name as NSString).deletingPathExtension }

    private func rewrite(_ path: String, _ results: [String: RunResult]) throws(Failure) {
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
