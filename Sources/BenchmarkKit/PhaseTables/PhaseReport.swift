import Foundation

/// The tables of the phase documents, measured afresh: what `alexbench report` writes.
public enum PhaseReport {
    /// The report's files: name inside `Results/`, and text. The same bytes for the same results.
    /// - Parameter results: Result files by their name inside `Results/`.
    public static func render(results: [String: RunResult]) -> [String: String] {
        [:]
    }

    /// Markers in README.md between which the results stand.
    public static let begin = "<!-- results:begin -->"
    public static let end = "<!-- results:end -->"

    /// `readme` with the block between the markers made anew from the results.
    /// - Throws: `ReportError` if a marker is missing or they are in the wrong order.
    public static func rewrite(readme: String, results: [String: RunResult]) throws(ReportError) -> String {
        guard let begin = readme.range(of: begin), let end = readme.range(of: end),
            begin.upperBound <= end.lowerBound
        else {
            throw ReportError(
                "README.md: the lines \(Self.begin) and \(Self.end) must stand in it once each, in this order")
        }
        return readme[..<begin.upperBound] + "\n" + readme[end.lowerBound...]
    }
}
