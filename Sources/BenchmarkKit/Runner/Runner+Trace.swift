import StorageBackends

// Recording and replaying the operations of the phases: what can't be is refused before anything is made.
extension Runner {
    static func checkTrace(_ plan: RunPlan) throws(RunError) {
        let flags = [plan.recordsTrace ? "--record" : "", plan.trace == nil ? "" : "--trace"].filter { !$0.isEmpty }
        guard let flag = flags.first else { return }
        func refuse(_ what: String) -> RunError { RunError(.usage, "\(flag): \(what)") }
        guard flags.count == 1 else {
            throw refuse("a replay is recorded already, in the file that --trace names: give one of the two")
        }
        guard plan.loop.threads == [1] else {
            throw refuse("a trace is one thread's, for the order of several is another each time: leave --threads out")
        }
        guard let workload = plan.workloads.first, plan.workloads.count == 1 else {
            throw refuse("a trace is of one workload, and here are \(plan.workloads.count): run them one by one")
        }
        guard !workload.phases.isEmpty else {
            throw refuse("\(workload.name) has no phase, and its load follows from the seed: name another workload")
        }
        if let trace = plan.trace { return try check(plan, trace, workload) }
        guard workload.keyFile == nil else {
            throw refuse("a trace does not hold the keys of a file: record without --keys")
        }
        if case .lengths(.histogram) = workload.value {
            throw refuse("a trace does not hold the lengths of a file: record with other --value-size")
        }
        let operations = workload.phases.reduce(UInt64(0)) { $0 &+ plan.passes($1).total }
        guard operations <= RunTuning.traceOperationsLimit else {
            throw refuse(
                "\(operations) operations, warm-up and all passes, are more than the \(RunTuning.traceOperationsLimit) "
                    + "that a trace holds: lower --ops")
        }
    }

    private static func check(
        _ plan: RunPlan, _ trace: OperationTrace, _ workload: Workload
    ) throws(RunError) {
        func refuse(_ what: String) -> RunError { RunError(.usage, "--trace \(trace.file): \(what)") }
        if let difference = trace.difference(from: workload) { throw refuse(difference) }
        guard plan.loop.durationNanoseconds == nil, plan.loop.objective == nil else {
            throw refuse("it has its number of operations: leave --duration and --slo out")
        }
        for phase in workload.phases {
            let passes = PassPlan(phase, warmUp: plan.warmUpOperations, loop: plan.loop)
            let operations = trace.operations(of: phase) ?? 0
            guard passes.fitted(to: operations) == nil else { continue }
            throw refuse(
                "its phase \(phase.name) has \(operations) operations, too few for the passes and a warm-up of "
                    + "\(passes.warmUp): lower --warmup")
        }
    }
}

extension OperationTrace {
    /// In what the trace's workload is another than this one, with the remedy; `nil` where it is the same.
    public func difference(from other: Workload) -> String? {
        func differs(_ key: String, _ recorded: String, _ asked: String) -> String? {
            guard recorded != asked else { return nil }
            return "\"\(key)\" is \(recorded) in the trace and \(asked) in the workload: "
                + "leave it to the trace, or record anew with --record"
        }
        return differs("name", workload.name, other.name)
            ?? differs("records", "\(workload.records)", "\(other.records)")
            ?? differs("value", workload.value.text, other.value.text)
            ?? differs("compressible_percent", "\(workload.compressiblePercent)", "\(other.compressiblePercent)")
            ?? differs("load.batch_records", "\(workload.load.batch)", "\(other.load.batch)")
            ?? (workload == other ? nil : differs("phases", "of one form", "of another"))
    }
}

extension Workload.Value {
    /// As a workload file has it.
    public var text: String {
        switch self {
        case .bytes(let count): "\(count) bytes"
        case .text: "text"
        case .lengths(let lengths): "\(lengths.text) bytes"
        }
    }
}

extension StoreRun {
    /// At the end of a replay: the operations and the pairs are those of the recording.
    func checkReplay() throws(RunError) {
        guard let trace = plan.trace, trace.summary != OperationTrace.Summary(stream) else { return }
        throw RunError(
            .verificationFailed,
            "\(trace.file): its operations came to other keys or values than when they were recorded: it is of "
                + "another alexbench, so record it anew with --record")
    }
}
