/// What makes a result weak, from the result alone. Every number of the grade stands here.
struct Weaknesses {
    let result: RunResult
    let index: SampleIndex

    /// Half-width of an interval as a share of the median.
    private static let wide = 0.1
    private static let veryWide = 0.25
    /// At ten million records so many repeats are enough: they can't be had by the dozen.
    private static let largeScale: UInt64 = 10_000_000
    private static let repeatsAtLargeScale = 3
    /// Shares of the machine's processor time.
    private static let busyOthers = 0.05
    private static let veryBusyOthers = 0.25
    private static let stolen = 0.02

    var all: [Grade.Deduction] {
        [build, fileSystem, repeats, cache, classes, unobserved, intervals, others, steal, assertions, floor, revision]
            .compactMap { $0 }
    }

    private func minus(_ points: Int, _ text: String, _ remedy: String) -> Grade.Deduction {
        Grade.Deduction(points: points, text: text, remedy: remedy)
    }

    private var build: Grade.Deduction? {
        guard result.environment.build != "release" else { return nil }
        return minus(90, "a debug build: its figures mean nothing", "build with make build")
    }

    private var fileSystem: Grade.Deduction? {
        guard ["tmpfs", "ramfs"].contains(result.environment.fileSystem) else { return nil }
        return minus(20, "the stores lay in memory: no disk was measured", "name a folder on a disk with --directory")
    }

    private var repeats: Grade.Deduction? {
        let count = Set(result.samples.map(\.repeat)).count
        guard count < Statistics.usualRepeats else { return nil }
        let remedy = "--repeats \(Statistics.usualRepeats) or more, decided in advance"
        if count < Self.repeatsAtLargeScale {
            return minus(35, "\(count) of \(Statistics.usualRepeats) repeats", remedy)
        }
        let isLarge = index.rows.allSatisfy { $0.scale >= Self.largeScale }
        return minus(isLarge ? 5 : 15, "\(count) of \(Statistics.usualRepeats) repeats", remedy)
    }

    private var cache: Grade.Deduction? {
        let cache = result.environment.lastLevelCacheBytes
        let inside = Set(index.rows.filter { $0.scale * (8 + $0.valueBytes) < cache }.map(\.scale)).sorted()
        let scales = Set(index.rows.map(\.scale))
        // A sweep of sizes begins inside the cache on purpose.
        guard !inside.isEmpty, inside.count == scales.count else { return nil }
        let names = inside.map(Figures.scale).joined(separator: ", ")
        return minus(
            15, "the data of \(names) records fits the processor's cache of \(Figures.memory(cache))",
            "raise --scale for figures that include memory")
    }

    private var classes: Grade.Deduction? {
        let names = index.unranked.sorted()
        guard !names.isEmpty else { return nil }
        return minus(
            15, "\(names.joined(separator: ", ")) in another observed durability class than the run's, not ranked",
            "run them in the class that they have, or correct their settings")
    }

    private var unobserved: Grade.Deduction? {
        let seen = ObservedClasses(result).classes
        // What keeps nothing on a disk, such as an index alone, has no class to observe.
        let claims = Set(result.backends.filter { !$0.durabilitySettings.isEmpty }.map(\.name))
        let names = index.backends.filter { seen[$0] == nil && claims.contains($0) && !Roster.isFloor($0) }
        guard !names.isEmpty else { return nil }
        return minus(
            10, "the syncs of \(names.joined(separator: ", ")) were not observed, so their class is only a claim",
            "run without --no-receipts; alexbench doctor says whether the system allows tracing")
    }

    private var intervals: Grade.Deduction? {
        var errors: [(label: String, error: Double)] = []
        for row in index.rows {
            for backend in index.backends where !Roster.isFloor(backend) {
                let values = index.values(row, Metric.operationsPerSecond, backend)
                guard let error = MedianInterval(values)?.relativeError, error.isFinite else { continue }
                errors.append(("\(backend) in \(index.label(row))", error))
            }
        }
        let wide = errors.filter { $0.error > Self.wide }
        guard let worst = wide.max(by: { $0.error < $1.error }) else { return nil }
        let share = Double(wide.count) / Double(errors.count)
        let points = share > 0.5 ? 20 : worst.error > Self.veryWide || share > 0.2 ? 10 : 5
        return minus(
            points,
            "\(wide.count) of \(errors.count) intervals wider than ±\(Figures.percent(Self.wide)), the widest "
                + "±\(Figures.percent(worst.error)) (\(worst.label))",
            "a quieter machine, more --repeats or more --ops")
    }

    private var others: Grade.Deduction? {
        let before = observed(ObservedMetric.loadPerCore)
        let share = observed(ObservedMetric.othersShare)
        guard let busy = [before.map { $0 / 2 }, share].compactMap({ $0 }).max(), busy > Self.busyOthers else {
            return nil
        }
        return minus(
            busy > Self.veryBusyOthers ? 20 : 10,
            "a busy machine: load \(before.map(Figures.short) ?? "?") a core before the run, other programs took "
                + "\(share.map(Figures.percent) ?? "?") of its processor time during it",
            "stop other programs and run again")
    }

    private var steal: Grade.Deduction? {
        guard let share = observed(ObservedMetric.stealShare), share > Self.stolen else { return nil }
        return minus(
            10, "the host kept \(Figures.percent(share)) of the processor time for others (steal)",
            "a machine of one's own, or another time of day")
    }

    private var assertions: Grade.Deduction? {
        let names = result.backends.filter { $0.library.contains("assertions on") }.map(\.name)
        guard !names.isEmpty else { return nil }
        return minus(
            20, "\(names.joined(separator: ", ")) built with assertions, which makes it slower", "run make rivals")
    }

    private var floor: Grade.Deduction? {
        guard result.noiseFloors.isEmpty else { return nil }
        return minus(
            5, "the machine was not measured against itself (A/A), so its smallest detectable difference is unknown",
            "--aa in the same run")
    }

    private var revision: Grade.Deduction? {
        guard result.commit == "unknown" || result.commit.hasSuffix("-dirty") else { return nil }
        return minus(2, "the program's revision is \(result.commit)", "build from a clean checkout")
    }

    private func observed(_ metric: String) -> Double? {
        result.observations.first { $0.metric == metric && $0.backend.isEmpty }?.value
    }
}
