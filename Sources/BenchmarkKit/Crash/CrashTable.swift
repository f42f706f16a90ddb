import StorageBackends

/// What one durability class came to: a column an engine.
struct CrashTable: Sendable, Hashable {
    var workload: String
    var durability: String
    var scale: UInt64
    var columns: [Column]

    /// One engine's kills.
    struct Column: Sendable, Hashable {
        let workload: String
        let backend: String
        let durability: String
        let kills: Int
        /// The sums of the counts over all kills, and the most of one.
        let sums: [String: Double]
        let worst: [String: Double]
        /// All values of the times.
        let times: [String: [Double]]

        init(_ backend: String, _ samples: [RunResult.Sample]) {
            self.backend = backend
            workload = samples.first?.workload ?? ""
            durability = samples.first?.durability ?? ""
            kills = Set(samples.map(\.repeat)).count
            let byMetric = Dictionary(grouping: samples, by: \.metric).mapValues { $0.map(\.value) }
            sums = byMetric.mapValues { $0.reduce(0, +) }
            worst = byMetric.mapValues { $0.max() ?? 0 }
            times = byMetric.filter { Metric.isTime($0.key) }
        }

        func sum(_ metric: String) -> Int { Int(sums[metric] ?? 0) }

        /// Whether all that the class promises was so.
        var keptPromise: Bool {
            CrashMetric.faults.allSatisfy { !CrashMetric.isPromised($0, durability) || sum($0) == 0 }
        }

        /// One line: what was kept.
        var sentence: String {
            let told = sum(CrashMetric.acknowledged)
            let lost = sum(CrashMetric.acknowledgedLost)
            let event = kills == 1 ? "1 kill" : "\(kills) kills"
            var parts: [String] = []
            if sum(CrashMetric.refused) > 0 { parts.append("\(sum(CrashMetric.refused)) stores could not be reopened") }
            if lost == 0 {
                parts.append("kept all \(told) acknowledged commits")
            } else {
                let most = Int(worst[CrashMetric.acknowledgedLost] ?? 0)
                parts.append("lost \(lost) acknowledged commits, at most \(most) in one kill")
            }
            let others = [CrashMetric.partialBatches, CrashMetric.wrongValues, CrashMetric.phantoms, CrashMetric.holes]
            let found = others.filter { sum($0) > 0 }.map { "\(CrashMetric.label($0)): \(sum($0))" }
            parts += found
            if found.isEmpty, lost > 0, sum(CrashMetric.refused) == 0 { parts.append("no hole in what was left") }
            return "\(backend): " + parts.joined(separator: "; ") + " (\(event))"
        }
    }

    /// The tables of a result, class by class; none where it is no crash run.
    static func all(of result: RunResult) -> [CrashTable] {
        let samples = result.samples.filter { $0.workload == CrashMetric.workload }
        var tables: [CrashTable] = []
        for sample in samples {
            let isKnown = tables.contains { $0.durability == sample.durability && $0.workload == sample.workload }
            if isKnown { continue }
            let own = samples.filter { $0.durability == sample.durability && $0.workload == sample.workload }
            let columns = result.backends.map(\.name).compactMap { name in
                let its = own.filter { $0.backend == name }
                return its.isEmpty ? nil : Column(name, its)
            }
            tables.append(
                CrashTable(
                    workload: sample.workload, durability: sample.durability, scale: sample.scale, columns: columns))
        }
        return tables
    }

    /// The table as a report shows it.
    var reportTable: ReportDocument.Table {
        var table = ReportDocument.Table(header: [""] + columns.map(\.backend), rows: [])
        func row(_ label: String, _ cell: (Column) -> String) {
            table.rows.append([ReportDocument.Cell(label)] + columns.map { ReportDocument.Cell(cell($0)) })
        }
        row("kills") { "\($0.kills)" }
        row(CrashMetric.label(CrashMetric.acknowledged)) { "\($0.sum(CrashMetric.acknowledged))" }
        for metric in CrashMetric.faults {
            row(CrashMetric.label(metric)) { "\($0.sum(metric))" }
            guard metric == CrashMetric.acknowledgedLost else { continue }
            row("  most in one kill") { "\(Int($0.worst[metric] ?? 0))" }
        }
        row("promise of the class") { $0.keptPromise ? "kept" : "BROKEN" }
        for metric in [CrashMetric.open, CrashMetric.firstRead] {
            row("\(CrashMetric.label(metric)), median") { Self.time(Statistics.median($0.times[metric] ?? [])) }
            row("\(CrashMetric.label(metric)), worst") { Self.time($0.times[metric]?.max()) }
        }
        return table
    }

    private static func time(_ nanoseconds: Double?) -> String {
        guard let nanoseconds else { return "–" }
        return nanoseconds < 1e6 ? Figures.fixed(nanoseconds / 1e3, 0) + " µs" : Figures.nanoseconds(nanoseconds)
    }
}
