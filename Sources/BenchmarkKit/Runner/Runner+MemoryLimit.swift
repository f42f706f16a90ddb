import StorageBackends

// `--memory-limit`: what it asks of a plan, and what is refused before anything is made.
extension Runner {
    /// The plan as it runs under its limit: engines one by one, caches of their own well below the limit, for a cache
    /// that grows beyond it has the process killed.
    static func limited(_ plan: RunPlan) -> RunPlan {
        guard let limit = plan.memoryLimitBytes else { return plan }
        var plan = plan
        plan.schedule = .sequential
        plan.memoryBytes = plan.memoryBytes ?? limit / 2
        return plan
    }

    /// - Parameters:
    ///   - available: What this process may have of the machine's memory.
    ///   - group: The control group that bounds this process, if there is one.
    static func checkMemoryLimit(
        _ plan: RunPlan, available: UInt64 = MemoryGroup.availableBytes(),
        group: MemoryGroup? = MemoryGroup(of: MemoryGroup.ownProcess)
    ) throws(RunError) {
        guard let limit = plan.memoryLimitBytes else { return }
        func refuse(_ what: String, _ kind: RunError.Kind = .usage) -> RunError {
            RunError(kind, "--memory-limit \(Figures.memory(limit)): \(what)")
        }
        guard limit >= RunTuning.memoryLimitLeast else {
            throw refuse("is too small: the smallest is \(Figures.memory(RunTuning.memoryLimitLeast))")
        }
        if let bytes = plan.memoryBytes, bytes >= limit {
            throw refuse(
                "--memory \(Figures.memory(bytes)) is not below it, and a cache that grows beyond it has the "
                    + "process killed: give --memory half of it")
        }
        if plan.loop.durationNanoseconds != nil {
            throw refuse("--duration counts its operations in a run without the limit: give --ops instead")
        }
        if let load = plan.workloads.first(where: { $0.phases.isEmpty }) {
            throw refuse(
                "\(load.name) has no phase, and its load would run without the limit: name a workload with phases, "
                    + "such as query or mixed")
        }
        guard limit <= available else {
            throw refuse("this process has \(Figures.memory(available)): ask for less", .environment)
        }
        guard group != nil else { throw refuse(MemoryLimit.nowhere, .environment) }
    }

    /// Whether the engine can take part: its store has to be closed before the limit and opened under it.
    static func fitsMemoryLimit(_ backend: BackendDescriptor, _ plan: RunPlan) -> Bool {
        plan.memoryLimitBytes == nil || backend.capabilities.contains(.reopen)
    }

    /// Goes under the limit once and back, before a load that would be lost if it could not be done, and says who
    /// can't take part.
    func rehearseMemoryLimit(_ recorder: RunRecorder) throws(RunError) {
        guard let limit = plan.memoryLimitBytes else { return }
        for backend in plan.backends where !Self.fitsMemoryLimit(backend, plan) {
            for row in Set(plan.workloads.flatMap(\.rows)).sorted() {
                recorder.addUnavailable(row, backend.name, "it can't reopen its store, which --memory-limit needs")
            }
        }
        try MemoryLimit(limit).leave()
    }
}
