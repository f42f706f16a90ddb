/// Two results beside each other: what changed, by how much, and whether that can be told from noise.
///
/// Steps: refuse results of different things; take each figure that both have; estimate candidate ÷ base from the
/// unpaired repeats (Mann–Whitney); correct for the number of figures (Benjamini–Hochberg); a figure that got worse by
/// the threshold or more, and can be told from noise, is a regression. Counts are compared exactly.
public struct Comparison: Sendable {
    public let base: RunResult
    public let candidate: RunResult
    /// A change for the worse counts as a regression from this share on: 0.1 is 10 %.
    public let threshold: Double
    public let outcome: Outcome
    let changes: [Change]

    public enum Outcome: Sendable, Hashable {
        /// No figure got worse by the threshold or more, as far as can be told.
        case fine
        /// At least one did. Names row, backend and metric of each.
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

    /// Compares at once. O(figures × repeats²).
    public init(base: RunResult, candidate: RunResult, threshold: Double = 0) {
        self.base = base
        self.candidate = candidate
        self.threshold = threshold
        let differences = Comparability.differences(base, candidate)
        guard differences.isEmpty else {
            changes = []
            outcome = .notComparable(differences)
            return
        }
        changes = Change.all(base, candidate, threshold: threshold)
        let regressions = changes.filter { $0.verdict == .worse }.map(\.name)
        outcome = regressions.isEmpty ? .fine : .regression(regressions)
    }
}
