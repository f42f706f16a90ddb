import BenchmarkKit
import Foundation

extension Command {
    /// `alexbench report [RESULT.json|DIR…]`.
    static let report = Command(
        name: "report", summary: "tables, charts and pages, made anew from results",
        discussion:
            "Prints the report of result files and folders of them. With --write it goes into the folder instead: the "
            + "tables with the CSV and Markdown of each result, the page as report.html, the Markdown with its charts. "
            + "The same results give the same bytes.",
        operands: Operands(usage: "[RESULT.json|DIR…]", count: 0...1_000, completion: .file),
        flags: [Flags.reportForm, Flags.charts, Flags.write, Flags.readme, Flags.output],
        examples: [
            "alexbench report Results --write --readme README.md",
            "alexbench report Results --format html --output report.html",
            "alexbench report mixed.json --format markdown --charts --output mixed.md",
        ]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let request = try ReportRequest(arguments)
        switch arguments[Flags.reportForm] {
        case .tables: try request.writeTables()
        case .html: try request.writePage()
        case .markdown: try request.writeMarkdown()
        }
        return .fine
    }
}

/// One call of `alexbench report`: its results, and where the report goes.
struct ReportRequest {
    let arguments: ParsedArguments
    let operands: [String]
    let output: OutputFile
    /// The folder that `--write` writes into; `nil` without it.
    let folder: String?
    /// By their names inside their folder, in ascending order.
    let results: [(name: String, result: RunResult)]

    init(_ arguments: ParsedArguments) throws(Failure) {
        self.arguments = arguments
        operands = arguments.operands.isEmpty ? ["Results"] : arguments.operands
        let form = arguments[Flags.reportForm]
        let isPath = arguments[Flags.output].map { $0 != "-" } ?? false
        if form == .tables || arguments[Flags.write], operands.count != 1 || operands[0].hasSuffix(".json") {
            let flag = arguments[Flags.write] ? "--write" : "--format tables"
            throw .usage(
                "\(flag) \(operands.joined(separator: " "))", "takes one folder",
                remedy: "name a folder of results, or write --format html")
        }
        if arguments[Flags.charts], form != .markdown {
            throw .usage("--charts", "needs Markdown", remedy: "add --format markdown; the page has its charts anyway")
        }
        if arguments[Flags.charts], !isPath, !arguments[Flags.write] {
            throw .usage(
                "--charts", "has no folder for the SVG files", remedy: "add --output FILE, beside which they go")
        }
        if arguments.isGiven(Flags.readme), form != .tables {
            throw .usage("--readme", "goes with the tables only", remedy: "leave --format away")
        }
        if arguments[Flags.write], arguments.isGiven(Flags.output) {
            throw .usage("--output", "and --write exclude each other", remedy: "leave one of them away")
        }
        output = try OutputFile(arguments[Flags.output])
        folder = arguments[Flags.write] ? operands[0] : nil
        var results: [(name: String, result: RunResult)] = []
        for operand in operands { results += try Self.read(operand) }
        self.results = results
    }

    /// A result file, or all results of a folder; the folders in it are reports of their own.
    private static func read(_ path: String) throws(Failure) -> [(name: String, result: RunResult)] {
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if path.hasSuffix(".json"), !isFolder.boolValue {
            return [((path as NSString).lastPathComponent, try ResultFile.read(path, missing: .noBaseline))]
        }
        guard isThere, isFolder.boolValue else {
            throw Failure(.noBaseline, "\(path): no such folder\nname a folder of result files (JSON)")
        }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
        var results: [(name: String, result: RunResult)] = []
        // What selfcheck keeps beside the results is no result.
        for name in names where name.hasSuffix(".json") && !name.hasSuffix("selfcheck.json") {
            results.append((name, try ResultFile.read("\(path)/\(name)", missing: .noBaseline)))
        }
        return results
    }
}
