/// What the engines used, row by row, as means over the repeats that are done.
///
/// Use is charged by turns: what the whole process used while an engine had its turn. Work that an engine leaves to a
/// thread of its own is charged to whoever has the turn when it is done; `--schedule sequential` keeps them apart.
struct ObservationLedger {
    /// One row of one engine in one repeat, all its passes.
    struct Entry {
        var use = ResourceUse()
        var operations: UInt64 = 0
        /// Highest growth of the resident memory at the end of a turn.
        var residentPeak: Int64 = 0
        /// Bytes of keys and values put; 0 where nothing was, or where the stream does not tell.
        var putBytes: UInt64 = 0
        /// Bytes of keys and values that the store holds at the row's end, and its bytes on disk.
        var liveBytes: UInt64 = 0
        var diskBytes: UInt64 = 0

        mutating func add(_ use: ResourceUse, operations: Int, resident: Int64) {
            self.use += use
            self.operations += UInt64(operations)
            residentPeak = max(residentPeak, resident)
        }
    }

    private struct Place: Hashable {
        var workload: String
        var backend: String
        var scale: UInt64

        init(workload: String, backend: String, scale: UInt64) {
            self.workload = workload
            self.backend = backend
            self.scale = scale
        }

        init(_ observation: RunResult.Observation) {
            self.init(workload: observation.workload, backend: observation.backend, scale: observation.scale)
        }
    }

    private var places: [Place] = []
    private var entries: [Place: [Entry]] = [:]
    /// Means of an earlier run that this one goes on with, and how many repeats they are of.
    private let earlier: [RunResult.Observation]
    private let earlierRepeats: Double

    init(earlier: [RunResult.Observation] = [], repeats: Int = 0) {
        self.earlier = earlier.filter { ObservedMetric.ofRows.contains($0.metric) }
        earlierRepeats = Double(repeats)
    }

    mutating func add(_ entry: Entry, row: String, backend: String, scale: UInt64) {
        let place = Place(workload: row, backend: backend, scale: scale)
        if entries[place] == nil { places.append(place) }
        entries[place, default: []].append(entry)
    }

    /// In the order in which rows and engines came.
    var observations: [RunResult.Observation] {
        let added = places.flatMap { place in
            Self.figures(entries[place] ?? []).map { figure in
                RunResult.Observation(
                    workload: place.workload, backend: place.backend, scale: place.scale, metric: figure.metric,
                    value: joined(figure, place), unit: figure.unit, source: figure.source)
            }
        }
        return earlier.filter { entries[Place($0)] == nil } + added
    }

    /// The mean over the earlier repeats and these.
    private func joined(_ figure: Figure, _ place: Place) -> Double {
        let old = earlier.first { $0.metric == figure.metric && Place($0) == place }
        guard let old, earlierRepeats > 0 else { return figure.value }
        let repeats = Double(entries[place]?.count ?? 0)
        return (old.value * earlierRepeats + figure.value * repeats) / (earlierRepeats + repeats)
    }

    private typealias Figure = (metric: String, value: Double, unit: String, source: String)

    private static func figures(_ entries: [Entry]) -> [Figure] {
        guard !entries.isEmpty else { return [] }
        let repeats = Double(entries.count)
        func mean(_ part: (Entry) -> Double) -> Double { entries.reduce(0) { $0 + part($1) } / repeats }
        let turns = "while it had its turns, all threads of the process"
        var figures: [Figure] = [
            (ObservedMetric.userTime, mean { $0.use.userNanoseconds }, "ns", "getrusage " + turns),
            (ObservedMetric.systemTime, mean { $0.use.systemNanoseconds }, "ns", "getrusage " + turns),
            (ObservedMetric.minorFaults, mean { $0.use.minorFaults }, "faults", "getrusage " + turns),
            (ObservedMetric.majorFaults, mean { $0.use.majorFaults }, "faults", "getrusage " + turns),
            (
                ObservedMetric.residentPeak, mean { Double(max($0.residentPeak, 0)) }, "bytes",
                "/proc/self/statm at the ends of its turns"
            ),
            (ObservedMetric.bytesWritten, mean { $0.use.diskBytes }, "bytes", "/proc/self/io " + turns),
        ]
        let put = mean { Double($0.putBytes) }
        if put > 0 {
            figures.append(
                (
                    ObservedMetric.writeAmplification, mean { $0.use.diskBytes } / put, "ratio",
                    "/proc/self/io, pages made dirty, ÷ bytes of keys and values put"
                ))
        }
        let live = mean { Double($0.liveBytes) }
        if live > 0 {
            figures.append(
                (
                    ObservedMetric.spaceAmplification, mean { Double($0.diskBytes) } / live, "ratio",
                    "allocated blocks ÷ bytes of keys and values held"
                ))
        }
        return figures
    }
}
