/// One table of the phase documents: lines of published and measured figures, and what has to be said of them.
struct PhaseSection {
    /// A median or a ratio with its interval.
    struct Measured: Hashable {
        var value: Double
        var lower: Double
        var upper: Double
        /// The probability that the interval holds the true value: below 0.95 of fewer than six repeats.
        var coverage = 1 - Statistics.level
        /// Repeats behind it; 0 for a figure that is no statistic.
        var repeats = 0

        init(_ interval: MedianInterval) {
            (value, lower, upper) = (interval.median, interval.lower, interval.upper)
            (coverage, repeats) = (interval.coverage, interval.count)
        }

        init(_ ratio: RatioEstimate) {
            (value, lower, upper, repeats) = (ratio.ratio, ratio.lower, ratio.upper, ratio.count)
        }

        init(_ value: Double) { (self.value, lower, upper) = (value, value, value) }

        /// In another unit, or by any other function that only rises or only falls.
        func map(_ change: (Double) -> Double) -> Measured {
            var copy = self
            let ends = [change(lower), change(upper)]
            copy.value = change(value)
            (copy.lower, copy.upper) = (min(ends[0], ends[1]), max(ends[0], ends[1]))
            return copy
        }

        /// Whether the interval covers less than it is meant to.
        var isLoose: Bool { coverage < 1 - Statistics.level - 0.005 || !lower.isFinite || !upper.isFinite }

        func holds(_ figure: Double) -> Bool { lower <= figure && figure <= upper }
    }

    enum Unit: String {
        case nanoseconds = "ns"
        case milliseconds = "ms"
        case seconds = "s"
        case millionsPerSecond = "M/s"
        case megabytes = "MB"
        case times = "×"
        case percent = "%"
        case count = "count"
    }

    struct Line {
        var what: String
        var system: String
        var unit: Unit
        var published: Double?
        /// How the document puts it, where that is no plain number: `10–20×`.
        var publishedText: String?
        var measured: Measured?
        /// Of a part: its share of the whole in percent.
        var share: (published: Double, measured: Measured)?
        var verdict = "–"
        var source = ""
        /// Why there is no figure, where that is another reason than a missing result.
        var absence: String?
    }

    let id: String
    let title: String
    private(set) var lines: [Line] = []
    private(set) var sentences: [String] = []
    private(set) var sources: [String] = []
    /// What no result has, by the command that makes it.
    private(set) var missing: [(command: String, what: [String])] = []
    private(set) var sums: [Published.Sum] = []
    private(set) var pictures: [(title: String, file: String)] = []

    init(_ id: String, _ title: String) {
        self.id = id
        self.title = title
    }

    mutating func add(_ line: Line) { lines.append(line) }
    mutating func say(_ sentence: String) { if !sentences.contains(sentence) { sentences.append(sentence) } }
    mutating func reckon(_ sums: [Published.Sum]) { self.sums += sums }
    mutating func show(_ title: String, _ file: String) { pictures.append((title, file)) }

    mutating func need(_ row: String, _ records: UInt64) {
        need("\(row) at \(Figures.scale(records))", from: PhaseEngines.source(row, records))
    }

    /// What is missing, and the name of the result that would have it.
    mutating func need(_ what: String, from source: String) {
        let command = PhaseEngines.command(source)
        guard let place = missing.firstIndex(where: { $0.command == command }) else {
            return missing.append((command, [what]))
        }
        if !missing[place].what.contains(what) { missing[place].what.append(what) }
    }

    mutating func note(_ name: String, _ result: RunResult) {
        let machine = result.environment
        let repeats = result.samples.map(\.repeat).max() ?? 0
        let line =
            "Measured on: \(machine.cpu), \(machine.cores) cores, \(machine.kernel), \(machine.fileSystem), "
            + "\(machine.swiftName); \(name), \(result.date), commit \(result.commit), "
            + (repeats == 1 ? "1 repeat" : "\(repeats) repeats")
        if !sources.contains(line) { sources.append(line) }
        for warning in result.backends where warning.library.contains("assertions on") {
            say(
                "\(warning.name) was built with its assertions on, 1.4 to 1.8 times slower: no ratio for publishing. "
                    + "'make rivals' builds it without.")
        }
    }

    /// An engine's figure in a row: a line, measured or not. Of engines without a published figure only those that ran.
    /// - Parameter label: What stands behind the row's name.
    mutating func figure(
        _ data: PhaseData, _ row: String, _ records: UInt64, _ engine: String, as label: String = "",
        published: Double? = nil, unit: Unit = .nanoseconds, metric: String = Metric.nanosecondsPerOperation,
        _ change: (Double) -> Double = { $0 }
    ) {
        let place = data.place(row, records)
        var line = Line(
            what: [PhaseEngines.words(row, place), label].filter { !$0.isEmpty }.joined(separator: ", "),
            system: engine, unit: unit, published: published)
        if let place, let interval = place.interval(engine, metric) {
            note(place.name, place.result)
            line.measured = Measured(interval).map(change)
            line.source = place.name
        } else if published != nil {
            need(row, records)
        } else {
            return
        }
        add(line)
    }

    /// Figures of several engines that have no published one.
    mutating func figures(
        _ data: PhaseData, _ row: String, _ records: UInt64, _ engines: [String], as label: String = ""
    ) {
        for engine in engines { figure(data, row, records, engine, as: label) }
    }
}
