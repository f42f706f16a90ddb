import StorageBackends

// The machine measured against itself (A/A).
//
// 1. One engine takes part twice: a twin of its descriptor under another name, a contestant like any other, in the same
//    slices, rotated like all.
// 2. The ratio of the two is 1 but for the machine. Its interval is the floor: a difference inside it is none.
// 3. The twin's samples become `RunResult.noiseFloors` and leave the result, so that no table or ranking shows an
//    engine twice.
enum Twin {
    /// What a twin's name ends in. No backend's name has a space.
    private static let suffix = " again"

    static func descriptor(of backend: BackendDescriptor) -> BackendDescriptor {
        var twin = BackendDescriptor(
            name: backend.name + suffix, summary: backend.summary, capabilities: backend.capabilities,
            nativeSettings: backend.nativeSettings, configuration: backend.configuration,
            libraryVersion: backend.libraryVersion, open: backend.open)
        twin.memorySettings = backend.memorySettings
        twin.memoryLimitSettings = backend.memoryLimitSettings
        return twin
    }

    static func isTwin(_ name: String) -> Bool { name.hasSuffix(suffix) }

    /// The plan with the twin of its first backend, if it asks for one.
    static func added(to plan: RunPlan) -> RunPlan {
        guard plan.measuresNoiseFloor, let first = plan.backends.first else { return plan }
        var plan = plan
        plan.backends.append(descriptor(of: first))
        return plan
    }

    /// The result with its twins turned into noise floors. O(samples).
    static func settled(_ result: RunResult) -> RunResult {
        guard result.samples.contains(where: { $0.backend.hasSuffix(suffix) }) else { return result }
        var settled = result
        settled.samples.removeAll { $0.backend.hasSuffix(suffix) }
        settled.backends.removeAll { $0.name.hasSuffix(suffix) }
        settled.unavailable.removeAll { $0.backend.hasSuffix(suffix) }
        settled.histograms.removeAll { $0.backend.hasSuffix(suffix) }
        settled.intervals.removeAll { $0.backend.hasSuffix(suffix) }
        settled.observations.removeAll { $0.backend.hasSuffix(suffix) }
        settled.noiseFloors = floors(SampleIndex(result))
        return settled
    }

    private static func floors(_ index: SampleIndex) -> [RunResult.NoiseFloor] {
        var floors: [RunResult.NoiseFloor] = []
        for row in index.rows {
            for twin in index.backends where twin.hasSuffix(suffix) {
                let backend = String(twin.dropLast(suffix.count))
                guard let ratio = index.ratio(row, Metric.operationsPerSecond, backend, to: twin) else { continue }
                let bootstrap = index.bootstrap(row, Metric.operationsPerSecond, backend, to: twin)
                floors.append(
                    RunResult.NoiseFloor(
                        workload: row.workload, backend: backend, scale: row.scale, pairs: ratio.count,
                        ratio: bootstrap?.ratio ?? ratio.ratio, low: bootstrap?.lower ?? ratio.lower,
                        high: bootstrap?.upper ?? ratio.upper))
            }
        }
        return floors
    }
}

extension RunResult.NoiseFloor {
    /// Ratios nearer to 1 than this share are the machine's noise; infinite where too few pairs allow no interval.
    public var share: Double { low > 0 ? max(high, 1 / low) - 1 : .infinity }
}
