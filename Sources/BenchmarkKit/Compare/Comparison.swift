/// Two results beside each other: what changed, by how much, and whether that can be told from noise.
public struct Comparison: Sendable {
    public let base: RunResult
    public let candidate: RunResult
    /// A change for the worse counts as a regression from this share on: 0.1 is 10 %.
    public let threshold: Double
    public let outcome: Outcome

    public enum Outcome: Sendable, Hashable {
        /// No row got worse by the threshold or more, as far as can be told.
        case fine
        /// At least one row did. Names the rows.
        case regression([String])
        /// The two results measured different things. Says how they differ.
        case notComparable([String])

        /// The program's exit code.
        public func exitCode(failsOnRegression: Bool) -> Int32 {
            switch self {
            case .fine: 0
            case .regression: failsOnRegression ? 2 : 0
            case .notComparable: 6
            }
        }
    }

    public init(base: RunResult, candidate: RunResult, threshold: Double = 0) {
        self.base = base
        self.candidate = candidate
        self.threshold = threshold
        outcome = .fine
    }

    /// The comparison as `text` or `markdown`; `csv` and `json` give its rows in those forms.
    public func render(_ format: ResultFormat, colour: Bool = false, width: Int = 110) -> String {
        var document = ReportDocument()
        document.lines([base.command, candidate.command])
        return format == .markdown ? document.markdown : document.text(colour: colour, width: width)
    }
}
