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

    var total: UInt64 { warmUp + throughput + dependent + latency }

    init(_ phase: Workload.Phase, warmUp: UInt64?) {
        throughput = phase.operations
        self.warmUp = warmUp ?? min(phase.operations / 10, RunTuning.warmUpLimit)
        // A batch has no latency of an operation, and its writes depend on nothing.
        guard phase.batch == 1 else { return }
        latency = RunTuning.shortPass(of: phase.operations)
        if phase.mix.reads { dependent = latency }
    }

    /// The load. Where it is the only row and puts records one by one, a latency pass inserts further records.
    init(load workload: Workload) {
        throughput = workload.records
        if workload.phases.isEmpty, workload.load.batch == 1 { latency = RunTuning.shortPass(of: workload.records) }
    }
}

extension Workload {
    func passes(warmUp: UInt64?) -> [PassPlan] {
        [PassPlan(load: self)] + phases.map { PassPlan($0, warmUp: warmUp) }
    }

    /// Operations of one engine in one repeat.
    func totalOperations(warmUp: UInt64?) -> UInt64 { passes(warmUp: warmUp).reduce(0) { $0 + $1.total } }

    /// The most records that a repeat will insert: expected inserts and six standard deviations more.
    func recordsInsertedLimit(warmUp: UInt64?) -> UInt64 {
        var limit = PassPlan(load: self).total
        for phase in phases where phase.mix[.insert] > 0 {
            let operations = PassPlan(phase, warmUp: warmUp).total
            let share = phase.mix[.insert] / 100
            let mean = Double(operations) * share
            limit += min(operations, UInt64(mean + 6 * (mean * (1 - share)).squareRoot() + 16))
        }
        return limit
    }
}
