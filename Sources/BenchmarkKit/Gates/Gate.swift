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
        case noFeature = "no such feature"

        /// Whether the criterion counts as met: nothing but a measurement makes it so.
        public var isMet: Bool { self == .met }
    }

    /// `map-read`.
    public let name: String
    /// The criterion in the roadmap's terms.
    public let criterion: String
    public let unit: String
    public internal(set) var measured: (value: Double, lower: Double, upper: Double)?
    public internal(set) var verdict: Verdict
    /// The run behind the figure: the result's name and row. Where there is none, the command that makes it.
    public internal(set) var run: String
    /// What has to be said beside it.
    public internal(set) var remark = ""

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

    /// A criterion that a measurement decides; `missing` is the command where there is none.
    init(
        _ name: String, _ criterion: String, unit: String, _ demand: Demand, _ measured: PhaseSection.Measured?,
        run: String, missing: String, remark: String = ""
    ) {
        self.name = name
        self.criterion = criterion
        self.unit = unit
        self.remark = remark
        if let measured {
            self.measured = (measured.value, measured.lower, measured.upper)
            verdict = demand.verdict(measured)
            self.run = run
        } else {
            verdict = .notMeasured
            self.run = missing
        }
    }

    /// A criterion about something that this version does not have.
    init(_ name: String, _ criterion: String, lacking: String) {
        self.name = name
        self.criterion = criterion
        unit = ""
        verdict = .noFeature
        run = "–"
        remark = lacking
    }
}
