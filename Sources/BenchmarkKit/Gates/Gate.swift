/// One success criterion of the roadmap (R.3), and what the results say of it.
public struct Gate: Sendable {
    public enum Verdict: String, Sendable {
        case met
        case unmet
        /// Its interval holds the bound.
        case undecided
        /// No result has it.
        case notMeasured = "not measured"
        /// The engine lacks the feature that the criterion is about.
        case noFeature = "unmet: no such feature"

        /// Whether the criterion counts as met: nothing but a measurement makes it so.
        public var isMet: Bool { self == .met }
    }

    /// `map-read`.
    public let name: String
    /// What is measured: `map read`.
    public let subject: String
    /// What the roadmap demands of it: `< 500 ns`.
    public let bound: String
    let unit: PhaseSection.Unit
    let measured: PhaseSection.Measured?
    public let verdict: Verdict
    /// The run behind the figure: the result's name and row. Empty where there is none.
    public let run: String
    /// The backend that was measured.
    public let backend: String
    /// The name of the result that has the figure, for `make results ONLY=`.
    let source: String
    /// What has to be said beside it.
    public let remark: String

    /// The criterion in the roadmap's terms: `map read: < 500 ns`.
    public var criterion: String { "\(subject): \(bound)" }

    /// A demand on a measured value.
    enum Demand {
        case atLeast(Double)
        case above(Double)
        case below(Double)

        func verdict(_ measured: PhaseSection.Measured) -> Verdict {
            switch self {
            case .atLeast(let bound):
                measured.lower >= bound ? .met : measured.upper < bound ? .unmet : .undecided
            case .above(let bound):
                measured.lower > bound ? .met : measured.upper <= bound ? .unmet : .undecided
            case .below(let bound):
                measured.upper < bound ? .met : measured.lower >= bound ? .unmet : .undecided
            }
        }
    }

    /// A criterion that a measurement decides.
    init(
        _ name: String, _ subject: String, _ bound: String, unit: PhaseSection.Unit, _ demand: Demand,
        _ measured: PhaseSection.Measured?, run: String, source: String, backend: String = PhaseEngines.current,
        remark: String = ""
    ) {
        (self.name, self.subject, self.bound, self.unit, self.measured) = (name, subject, bound, unit, measured)
        (self.source, self.backend, self.remark) = (source, backend, remark)
        verdict = measured.map(demand.verdict) ?? .notMeasured
        self.run = measured == nil ? "" : run
    }

    /// A criterion about something that this version does not have: unmet, whatever was measured beside it.
    init(
        _ name: String, _ subject: String, _ bound: String, unit: PhaseSection.Unit, lacking: String, run: String,
        source: String
    ) {
        (self.name, self.subject, self.bound, self.unit, measured) = (name, subject, bound, unit, nil)
        (self.source, backend, remark, self.run) = (source, PhaseEngines.current, lacking, run)
        verdict = .noFeature
    }
}
