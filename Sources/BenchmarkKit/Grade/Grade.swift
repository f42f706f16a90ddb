/// How far a result can be believed: a letter, and what takes points away, each with its remedy.
///
/// Derived from the result alone, so that it can be made anew for any result file. A hundred points less the
/// deductions: A from 90, B from 75, C from 60, D from 40, E from 20, F below. The grade judges the measurement, never
/// the engines.
public struct Grade: Sendable, Hashable {
    public let deductions: [Deduction]

    /// One weakness.
    public struct Deduction: Sendable, Hashable, Codable {
        public let points: Int
        /// What is weak.
        public let text: String
        /// What to do about it.
        public let remedy: String
    }

    /// 0 ... 100.
    public var points: Int { max(0, 100 - deductions.reduce(0) { $0 + $1.points }) }

    /// A to F.
    public var letter: String {
        let least: [(points: Int, letter: String)] = [(90, "A"), (75, "B"), (60, "C"), (40, "D"), (20, "E")]
        return least.first { points >= $0.points }?.letter ?? "F"
    }

    public init(_ result: RunResult) {
        self.init(Weaknesses(result: result, index: SampleIndex(result)).all)
    }

    /// Heaviest first.
    init(_ deductions: [Deduction]) {
        self.deductions = deductions.filter { $0.points > 0 }.sorted { $0.points > $1.points }
    }

    /// For a report: the letter, then a line for each deduction.
    public var lines: [String] {
        let head =
            deductions.isEmpty
            ? "Grade A (100 of 100): nothing to improve." : "Grade \(letter) (\(points) of 100)."
        return [head] + deductions.map { "−\($0.points): \($0.text). Remedy: \($0.remedy)." }
    }
}
