import BenchmarkKit
import Foundation
import Testing

/// `alexbench report` from the command line.
@Suite struct ReportTests {
    private static let results = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Results").path

    @Test func page() throws {
        let scratch = try ScratchFolder()
        let file = "\(Self.results)/mixed-100K.json"
        let run = try ChildProcess.run(["report", file, "--format", "html", "--output", scratch.path("r.html")])
        #expect(run.code == 0, "\(run.errors)")
        let page = try scratch.text(of: "r.html")
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("<svg class=\"chart\""))
        #expect(try ChildProcess.run(["report", file, "--format", "html"]).output == page, "the same bytes")
    }

    @Test func markdownWithCharts() throws {
        let scratch = try ScratchFolder()
        let run = try ChildProcess.run([
            "report", "\(Self.results)/mixed-100K.json", "--format", "markdown", "--charts", "--output",
            scratch.path("r.md"),
        ])
        #expect(run.code == 0, "\(run.errors)")
        let text = try scratch.text(of: "r.md")
        for name in ["throughput", "dependent", "latency", "space"] {
            #expect(text.contains("](r-\(name).svg)"))
            #expect(try scratch.text(of: "r-\(name).svg").hasPrefix("<svg xmlns="))
        }
    }

    @Test func folder() throws {
        let scratch = try ScratchFolder()
        for name in ["mixed-100K", "query-100K"] {
            try FileManager.default.copyItem(
                atPath: "\(Self.results)/\(name).json", toPath: scratch.path("\(name).json"))
        }
        let folder = String(scratch.path("x").dropLast(2))
        let html = try ChildProcess.run(["report", folder, "--format", "html", "--write"])
        #expect(html.code == 0, "\(html.errors)")
        let page = try scratch.text(of: "report.html")
        #expect(page.contains(">mixed-100K</a>") && page.contains(">query-100K</a>"))
        let markdown = try ChildProcess.run(["report", folder, "--format", "markdown", "--charts", "--write"])
        #expect(markdown.code == 0, "\(markdown.errors)")
        #expect(try scratch.text(of: "query-100K.md").contains("](query-100K-latency.svg)"))
    }

    @Test(arguments: [
        (["report", "a.json", "b.json"], 64), (["report", "a.json", "--write"], 64),
        (["report", "--charts"], 64), (["report", "--charts", "--format", "markdown"], 64),
        (["report", "--format", "pdf"], 64), (["report", "--format", "html", "--readme", "README.md"], 64),
        (["report", "absent.json", "--format", "html"], 5), (["report", "absent", "--format", "html"], 5),
    ])
    func badInput(arguments: [String], code: Int) throws {
        let run = try ChildProcess.run(arguments)
        #expect(Int(run.code) == code, "\(arguments): \(run.errors)")
        #expect(run.output.isEmpty && !run.errors.isEmpty)
    }
}
