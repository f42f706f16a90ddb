import Foundation
import StorageBackends

// What is checked before anything is made.
extension Runner {
    /// The engines that offer the plan's durability class, and can be closed and opened under its memory limit.
    static func eligible(_ plan: RunPlan) -> [BackendDescriptor] {
        plan.backends.filter { $0.nativeSettings[plan.durability] != nil && fitsMemoryLimit($0, plan) }
    }

    static func check(_ plan: RunPlan) throws(RunError) {
        guard plan.repeats > 0 else { throw RunError(.invalid, "--repeats is \(plan.repeats): ask for 1 or more") }
        guard plan.sliceOperations > 0 else {
            throw RunError(.invalid, "a slice of \(plan.sliceOperations) operations can't be: ask for 1 or more")
        }
        try check(plan.loop)
        guard !plan.workloads.isEmpty, !plan.backends.isEmpty else {
            throw RunError(.invalid, "a run needs a workload and a backend: name one with --backend")
        }
        var names: Set<String> = []
        for backend in plan.backends where !names.insert(backend.name).inserted {
            throw RunError(.invalid, "--backend names \(backend.name) twice: name each once")
        }
        var cells: Set<String> = []
        for workload in plan.workloads {
            try workload.check()
            try workload.checkKeys(warmUp: plan.warmUpOperations, loop: plan.loop)
            for row in workload.rows where !cells.insert("\(row) at \(workload.records)").inserted {
                throw RunError(
                    .invalid,
                    "two workloads have the row \(row) at \(workload.records) records: run them one by one, or with "
                        + "--output-dir, which gives each a result of its own")
            }
        }
        try checkTrace(plan)
        if let directory = plan.directory { try RunDirectory.check(directory) }
    }

    private static func check(_ loop: LoopPlan) throws(RunError) {
        guard !loop.threads.isEmpty, loop.threads.allSatisfy({ (1...RunTuning.threadsLimit).contains($0) }) else {
            let list = loop.threads.map(String.init).joined(separator: ",")
            throw RunError(.invalid, "--threads is \(list): ask for 1 to \(RunTuning.threadsLimit)")
        }
        guard Set(loop.threads).count == loop.threads.count else {
            throw RunError(.invalid, "--threads names a number twice: name each once")
        }
        if loop.rate != nil, loop.objective != nil {
            throw RunError(.usage, "--slo finds the rate that --rate sets: give one of the two")
        }
        if loop.objective != nil, loop.durationNanoseconds != nil {
            throw RunError(.usage, "--slo has steps of a number of operations: give --ops instead of --duration")
        }
        guard loop.rate != 0, loop.intervalNanoseconds > 0 else {
            throw RunError(.invalid, "--rate and --interval must be above 0")
        }
    }

    static func estimate(_ plan: RunPlan) -> Estimate {
        let engines = eligible(plan).filter { $0.capabilities.contains(.stores) }
        // One engine at a time has its store under the sequential schedule; then too all stay until the repeat's end.
        var estimate = Estimate(diskBytes: 0, memoryBytes: 0, operations: 0)
        for workload in plan.workloads {
            let records = workload.recordsInsertedLimit(plan)
            // Each engine has two where writers get one of their own.
            let stores = UInt64(engines.count) * (workload.phases.contains(where: \.writersElsewhere) ? 2 : 1)
            let pairBytes = workload.valueBytes + 8
            let store = saturating(records, pairBytes + 24, RunTuning.diskBytesPerByte)
            estimate.diskBytes = max(
                estimate.diskBytes, saturating(store.addingReportingOverflow(RunTuning.diskBytesFixed).0, stores))
            let batchBytes = saturating(min(workload.load.batch, workload.records), pairBytes + 32)
            let versions = workload.phases.contains { $0.mix.needsVersions } ? saturating(records, 4) : 0
            let index = saturating(records, RunTuning.memoryBytesPerRecord, stores)
            let memory = [index, versions, batchBytes].reduce(UInt64(0)) { min(.max / 2, $0) + min(.max / 2, $1) }
            estimate.memoryBytes = max(estimate.memoryBytes, memory)
            estimate.operations += saturating(
                workload.totalOperations(plan), UInt64(eligible(plan).count), UInt64(plan.repeats),
                UInt64(plan.loop.threads.count))
        }
        return estimate
    }

    /// The product, held at a quarter of the range so that sums of a few can't overflow.
    private static func saturating(_ factors: UInt64...) -> UInt64 {
        factors.reduce(1) { product, factor in
            let (result, overflow) = product.multipliedReportingOverflow(by: factor)
            return overflow ? .max / 4 : min(result, .max / 4)
        }
    }

    static func checkRoom(_ plan: RunPlan, _ estimate: Estimate) throws(RunError) {
        let memory = EnvironmentCapture.memoryBytes
        if memory > 0, estimate.memoryBytes > memory {
            let records = plan.workloads.map(\.records).max() ?? 0
            throw RunError(
                .environment,
                "\(records) records need \(mebibytes(estimate.memoryBytes)) of memory for the engines' indexes, and "
                    + "this machine has \(mebibytes(memory)): lower --scale, or name fewer engines with --backend")
        }
        let directory = plan.directory ?? RunDirectory.temporary
        if let free = FileSystemProbe.freeBytes(at: directory), free < estimate.diskBytes {
            throw RunError(
                .environment,
                "the stores may need \(mebibytes(estimate.diskBytes)), and \(mebibytes(free)) are free in \(directory)"
                    + ": free space, lower --scale, name fewer engines with --backend, or name another --directory")
        }
    }

    private static func mebibytes(_ bytes: UInt64) -> String { "\((bytes + (1 << 20) - 1) >> 20) MiB" }

    static func warnings(_ plan: RunPlan) -> [RunResult.Warning] {
        var warnings: [RunResult.Warning] = []
        func warn(_ text: String, _ remedy: String) { warnings.append(RunResult.Warning(text: text, remedy: remedy)) }
        if EnvironmentCapture.isDebugBuild {
            warn("a debug build: its figures mean nothing", "build with swift build -c release")
        }
        if FileSystemProbe.type(at: plan.directory ?? RunDirectory.temporary) == "tmpfs" {
            warn("the stores lie on tmpfs, in memory: no disk is measured", "name a folder on a disk with --directory")
        }
        if plan.repeats < RunTuning.usualRepeats {
            warn(
                "\(plan.repeats) \(plan.repeats == 1 ? "repeat" : "repeats"): too few for a narrow interval",
                "ask for --repeats \(RunTuning.usualRepeats) or more")
        }
        let cache = EnvironmentCapture.lastLevelCacheBytes
        let inCache = plan.workloads.filter { $0.records * ($0.valueBytes + 8) < cache }.map { "\($0.records)" }
        if !inCache.isEmpty {
            let scales = Set(inCache).sorted { $0.count == $1.count ? $0 < $1 : $0.count < $1.count }
            warn(
                "the data of scale \(scales.joined(separator: ", ")) fits the processor's cache of \(mebibytes(cache))",
                "raise --scale for figures that include memory")
        }
        for keyFile in Set(plan.workloads.compactMap(\.keyFile)) where keyFile.duplicates > 0 {
            let name = keyFile.path.split(separator: "/").last ?? ""
            warn(
                "\(name): \(keyFile.duplicates) of its keys are duplicates and dropped, \(keyFile.count) are left",
                "none is needed: a store has each key once")
        }
        for backend in eligible(plan) where backend.memorySettings == nil && backend.capabilities.contains(.stores) {
            guard let bytes = plan.memoryBytes, plan.memoryLimitBytes == nil else { continue }
            warn(
                "\(backend.name) has no cache of its own to limit to \(mebibytes(bytes)): its pages belong to the "
                    + "system",
                "limit the system's memory behind all of them alike with --memory-limit, for equal memory")
        }
        let cores = EnvironmentCapture.cores
        if let most = plan.loop.threads.max(), most > cores {
            warn(
                "\(most) threads on \(cores) \(cores == 1 ? "core" : "cores"): they wait for each other",
                "ask for --threads \(cores) or fewer")
        }
        for backend in eligible(plan) {
            guard let text = backend.buildWarning() else { continue }
            // An adapter writes "what it is: what to do about it".
            let parts = text.split(separator: ": ", maxSplits: 1).map(String.init)
            warn("\(backend.name): \(parts[0])", parts.count > 1 ? parts[1] : "build it without")
        }
        return warnings
    }
}
