import StorageBackends

/// How many operations each pass of a row runs. Warm-up is verified but not measured; the passes are never mixed.
struct PassPlan: Hashable {
    var warmUp: UInt64 = 0
    /// Independent operations, timed as a whole: `ops_per_second`, `ns_per_op`.
    var throughput: UInt64 = 0
    /// Each operation's key depends on the last value read: `dependent_ns_per_op`.
    var dependent: UInt64 = 0
    /// A clock around each operation: `p50_ns` and so on.
    var latency: UInt64 = 0
    /// In the open loop, each operation charged from when it was due: `response_p50_ns` and so on.
    var open: UInt64 = 0
    /// One step of the search for the rate at which an objective holds; `RunTuning.objectiveSteps` of them.
    var step: UInt64 = 0

    var total: UInt64 { warmUp + throughput + dependent + latency + open + step * RunTuning.objectiveSteps }

    init(_ phase: Workload.Phase, warmUp: UInt64?, loop: LoopPlan = LoopPlan()) {
        self.warmUp = warmUp ?? min(phase.operations / 10, RunTuning.warmUpLimit)
        if loop.isOpen, phase.batch == 1 {
            if loop.objective != nil {
                step = loop.stepOperations(of: phase)
            } else {
                open = loop.operations(of: phase)
            }
            return
        }
        throughput = phase.operations
        // A batch has no latency of an operation, and what is in it depends on nothing.
        guard phase.batch == 1 else { return }
        latency = RunTuning.shortPass(of: phase.operations)
        if phase.mix.reads { dependent = latency }
    }

    /// The same passes with `total` operations in all, for a trace has just so many: the main pass takes up the
    /// difference. `nil` where it can't.
    func fitted(to total: UInt64) -> PassPlan? {
        let main = open > 0 ? \PassPlan.open : \PassPlan.throughput
        let others = self.total - self[keyPath: main]
        guard step == 0, total > others else { return nil }
        var fitted = self
        fitted[keyPath: main] = total - others
        return fitted
    }

    /// The load. Where it is the only row and puts records one by one, a latency pass inserts further records.
    init(load workload: Workload) {
        throughput = workload.records
        if workload.phases.isEmpty, workload.load.batch == 1 { latency = RunTuning.shortPass(of: workload.records) }
    }
}

extension LoopPlan {
    /// Operations of a phase in the open loop: what its duration holds, else those of the phase.
    func operations(of phase: Workload.Phase) -> UInt64 {
        guard let rate, let durationNanoseconds else { return phase.operations }
        return max(UInt64(Double(rate) * Double(durationNanoseconds) / 1e9), 1)
    }

    /// Operations of a step of the search: as many as a latency pass has, and twice as many as the percentile needs.
    func stepOperations(of phase: Workload.Phase) -> UInt64 {
        let needed = Double(RunTuning.samplesBeyondPercentile) / (1 - (objective?.share ?? 0))
        return max(RunTuning.shortPass(of: phase.operations), UInt64((2 * needed).rounded(.up)))
    }
}

extension RunPlan {
    /// The passes of a phase: those of its operations, or what the trace has.
    func passes(_ phase: Workload.Phase) -> PassPlan {
        let passes = PassPlan(phase, warmUp: warmUpOperations, loop: loop)
        guard let operations = trace?.operations(of: phase) else { return passes }
        // A checked plan has passes that fit.
        return passes.fitted(to: operations) ?? passes
    }

    /// The seed of the stream of repeat `number`, from 1: a trace has one for all of them.
    func streamSeed(repeat number: Int) -> UInt64 { trace?.seed ?? seed &+ UInt64(number - 1) }
}

extension Workload {
    /// Operations of a slice: whole batches, as many as `usual` and `RunTuning.sliceBytesLimit` hold, at least one.
    /// A batch is below `batchBytesLimit`, so that an offset into the slice's values has 32 bits.
    func sliceOperations(_ usual: UInt64, batch: UInt64) -> UInt64 {
        // A read-modify-write lays four more bytes before its value.
        let held = RunTuning.sliceBytesLimit / (valueBytesLargest + 4)
        let most = max(min(usual, held), 1)
        return batch >= most ? batch : most / batch * batch
    }

    func passes(_ plan: RunPlan) -> [PassPlan] {
        [PassPlan(load: self)] + phases.map(plan.passes)
    }

    /// Operations of one engine in one repeat.
    func totalOperations(_ plan: RunPlan) -> UInt64 { passes(plan).reduce(0) { $0 + $1.total } }

    /// The most records that a repeat will insert: expected inserts and six standard deviations more.
    func recordsInsertedLimit(_ plan: RunPlan) -> UInt64 {
        plan.trace?.recordsAtEnd ?? recordsInsertedLimit(warmUp: plan.warmUpOperations, loop: plan.loop)
    }

    func recordsInsertedLimit(warmUp: UInt64?, loop: LoopPlan) -> UInt64 {
        var limit = PassPlan(load: self).total
        for phase in phases where phase.mix[.insert] > 0 {
            let operations = PassPlan(phase, warmUp: warmUp, loop: loop).total
            let share = phase.mix[.insert] / 100
            let mean = Double(operations) * share
            limit += min(operations, UInt64(mean + 6 * (mean * (1 - share)).squareRoot() + 16))
        }
        return limit
    }
}
