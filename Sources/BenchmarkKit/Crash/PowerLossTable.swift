/// What simulated power losses came to, a column a durability class. Only AlexStorage's files can be simulated.
public struct PowerLossTable: Sendable, Hashable {
    /// The row's name in samples.
    public static let workload = "power-loss"

    /// The counts of one class.
    public struct Counts: Sendable, Hashable {
        public var powerLosses: Int
        /// Of them those of a store that had been recovered from one.
        public var ofRecovered: Int
        /// States that lack a commit that was durable for certain.
        public var lost: Int
        /// States that the store never had.
        public var foreign: Int
        /// Stores that could not be opened, or do not check.
        public var refused: Int

        public init(powerLosses: Int, ofRecovered: Int, lost: Int, foreign: Int, refused: Int) {
            (self.powerLosses, self.ofRecovered) = (powerLosses, ofRecovered)
            (self.lost, self.foreign, self.refused) = (lost, foreign, refused)
        }

        private var figures: [(metric: String, value: Int, unit: String)] {
            [
                ("power_losses", powerLosses, "losses"), ("of_recovered_stores", ofRecovered, "losses"),
                (CrashMetric.acknowledgedLost, lost, "states"), ("states_never_held", foreign, "states"),
                (CrashMetric.refused, refused, "stores"),
            ]
        }

        /// The counts as a result holds them.
        public func samples(backend: String, durability: String) -> [RunResult.Sample] {
            figures.map { figure in
                RunResult.Sample(
                    workload: PowerLossTable.workload, backend: backend, durability: durability, scale: 0,
                    valueBytes: 0, threads: 1, repeat: 1, metric: figure.metric, value: Double(figure.value),
                    unit: figure.unit)
            }
        }

        var keptPromise: Bool { lost == 0 && foreign == 0 && refused == 0 }
    }

    let backend: String
    let columns: [(durability: String, counts: Counts)]

    /// `nil` where nothing was simulated.
    init?(_ result: RunResult) {
        let samples = result.samples.filter { $0.workload == Self.workload }
        guard let first = samples.first else { return nil }
        backend = first.backend
        var classes: [String] = []
        for sample in samples where !classes.contains(sample.durability) { classes.append(sample.durability) }
        columns = classes.map { durability in
            func value(_ metric: String) -> Int {
                Int(samples.first { $0.durability == durability && $0.metric == metric }?.value ?? 0)
            }
            let counts = Counts(
                powerLosses: value("power_losses"), ofRecovered: value("of_recovered_stores"),
                lost: value(CrashMetric.acknowledgedLost), foreign: value("states_never_held"),
                refused: value(CrashMetric.refused))
            return (durability, counts)
        }
    }

    var reportTable: ReportDocument.Table {
        var table = ReportDocument.Table(header: [""] + columns.map { "\(backend), \($0.durability)" }, rows: [])
        func row(_ label: String, _ cell: (Counts) -> String) {
            table.rows.append([ReportDocument.Cell(label)] + columns.map { ReportDocument.Cell(cell($0.counts)) })
        }
        row("power losses") { "\($0.powerLosses)" }
        row("  of recovered stores") { "\($0.ofRecovered)" }
        row("durable, lost") { "\($0.lost)" }
        row("states never held") { "\($0.foreign)" }
        row("not reopened, or damaged") { "\($0.refused)" }
        row("promise of the class") { $0.keptPromise ? "kept" : "BROKEN" }
        return table
    }

    /// One line a class.
    var sentences: [String] {
        columns.map { durability, counts in
            let faults = [(counts.lost, "lost"), (counts.foreign, "never held"), (counts.refused, "not reopened")]
                .filter { $0.0 > 0 }.map { "\($0.1): \($0.0)" }
            let text = faults.isEmpty ? "kept all that was durable" : faults.joined(separator: "; ")
            return "class \(durability): \(backend): \(text) (\(counts.powerLosses) simulated power losses)"
        }
    }

    var brokenPromises: [String] { zip(columns, sentences).filter { !$0.0.counts.keptPromise }.map(\.1) }

    public static func == (left: Self, right: Self) -> Bool {
        left.backend == right.backend && left.columns.elementsEqual(right.columns, by: ==)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(backend)
        for column in columns { hasher.combine(column.durability) }
    }
}
