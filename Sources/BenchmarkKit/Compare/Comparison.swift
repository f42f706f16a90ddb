/// Two results beside each other: what changed, by how much, and whether that can be told from noise.
///
/// Steps: refuse results of different things; take each figure that both have; estimate candidate ÷ base, from the
/// repeats' pairs where the two ran alternating, else unpaired; correct the tests' p for the number of figures (Holm);
/// a figure that got worse by both thresholds or more, and can be told from noise, is a regression. Counts are
/// compared exactly: one that is unequal is a regression whatever the thresholds.
public struct Comparison: Sendable {
    public let base: RunResult
    public let candidate: RunResult
    public let settings: Settings
    public var outcome: Outcome
    let changes: [Change]
    /// What a fresh run said of the regressions; `nil` where there was none.
    var confirmation: Confirmation?

    /// What counts as a regression, and how sure one has to be.
    public struct Settings: Sendable, Hashable {
        /// A change for the worse counts from this share on: 0.1 is 10 %.
        public var threshold = 0.0
        /// And only from so many nanoseconds an operation on; rates are taken as the time of one operation.
        public var thresholdNanoseconds = 0.0
        /// The probability of even one false finding among all figures.
        public var level = Statistics.level
        /// Whether repeat r of both sides ran side by side with the same stream.
        public var isPaired = false

        public init(
            threshold: Double = 0, thresholdNanoseconds: Double = 0, level: Double = Statistics.level,
            isPaired: Bool = false
        ) {
            self.threshold = threshold
            self.thresholdNanoseconds = thresholdNanoseconds
            self.level = level
            self.isPaired = isPaired
        }
    }

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

    /// Compares at once. O(figures × repeats²), and the bootstrap's resamples times that where repeats are paired.
    public init(base: RunResult, candidate: RunResult, threshold: Double = 0) {
        self.init(base: base, candidate: candidate, settings: Settings(threshold: threshold))
    }

    public init(base: RunResult, candidate: RunResult, settings: Settings) {
        self.base = base
        self.candidate = candidate
        self.settings = settings
        let differences = Comparability.differences(base, candidate)
        guard differences.isEmpty else {
            changes = []
            outcome = .notComparable(differences)
            return
        }
        changes = Change.all(base, candidate, settings)
        let regressions = changes.filter(\.isRegression).map(\.name)
        outcome = regressions.isEmpty ? .fine : .regression(regressions)
    }

    /// Names of the figures that can be told to differ, better or worse, whatever the thresholds.
    public var told: [String] { changes.filter(\.isTold).map(\.name) }

    /// Names of the figures that can be told to be worse, whatever the thresholds.
    public var toldWorse: [String] { changes.filter(\.isToldWorse).map(\.name) }
}

extension Comparison {
    /// Which regressions a fresh run showed again.
    struct Confirmation: Sendable, Hashable {
        var confirmed: [String]
        var unconfirmed: [String]
    }

    /// This comparison with only those regressions that a fresh one of the same things shows too.
    public func confirmed(by fresh: Comparison) -> Comparison {
        guard case .regression(let names) = outcome else { return self }
        var again: Set<String> = []
        if case .regression(let those) = fresh.outcome { again = Set(those) }
        var copy = self
        let confirmation = Confirmation(
            confirmed: names.filter(again.contains), unconfirmed: names.filter { !again.contains($0) })
        copy.confirmation = confirmation
        copy.outcome = confirmation.confirmed.isEmpty ? .fine : .regression(confirmation.confirmed)
        return copy
    }
}
