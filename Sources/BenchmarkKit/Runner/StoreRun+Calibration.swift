import StorageBackends

// How `--duration` becomes a number of operations. All engines must run the same operations, or neither their answers
// nor their end states could be compared; so the time decides the number once, by the slowest engine, before the first
// repeat, and each engine runs that number. The slowest runs for about the time asked for, the others for less.
extension StoreRun {
    /// Nanoseconds an operation of the slowest engine in each phase, on stores of their own, none of it recorded.
    func calibrate(_ backends: [BackendDescriptor], in directory: RunDirectory) throws(RunError) -> [Double] {
        var means: [Double] = []
        try withStores(backends, in: directory) { () throws(RunError) in
            try load()
            for phase in workload.phases { means.append(try calibrate(phase)) }
        }
        return means
    }

    /// Ever longer passes until the slowest engine has run for `RunTuning.calibrationNanoseconds`.
    private func calibrate(_ phase: Workload.Phase) throws(RunError) -> Double {
        try leaveThoseWithout(phase)
        stream.begin(phase)
        beginRow()
        try openCrews(phase)
        var length = min(RunTuning.calibrationOperations, phase.operations)
        var rest = phase.operations
        var mean = 1.0
        while rest > 0 {
            let operations = min(length, rest)
            try run(.warmUp, row: phase.name, operations: operations, batch: phase.batch) { stream.slice($0) }
            rest -= operations
            length *= 2
            mean = runners.map(\.nanosecondsPerOperation).max() ?? 1
            if runners.contains(where: { $0.nanoseconds >= RunTuning.calibrationNanoseconds }) { break }
        }
        try closeCrews(row: phase.name)
        try verifyAnswers(row: phase.name)
        for contestant in contestants { contestant.isSkipping = false }
        return mean
    }
}

extension Runner {
    /// The workloads with the numbers of operations that the plan's duration holds; the plan's own where it has none,
    /// or where the open loop's rate tells them.
    /// - Throws: `RunError` for a run that goes on where one stopped: the number of that run is not known.
    func calibrated(
        _ recorder: RunRecorder, isResumed: Bool, in directory: RunDirectory
    ) throws(RunError) -> [Workload] {
        guard let duration = plan.loop.durationNanoseconds, plan.loop.rate == nil else { return plan.workloads }
        guard !isResumed else {
            throw RunError(
                .invalid,
                "a run with --duration can't be resumed, for its number of operations was measured: begin it "
                    + "anew, or give --ops")
        }
        var plan = plan
        plan.recordsTrace = false
        for index in plan.workloads.indices where !plan.workloads[index].phases.isEmpty {
            var trial = plan.workloads[index]
            for phase in trial.phases.indices {
                trial.phases[phase].operations = Workload.usualOperations(records: trial.records)
            }
            let scratch = RunRecorder(
                plan: plan, result: recorder.result, totalOperations: 1, cancellation: recorder.cancellation,
                progress: { _ in })
            let means = try StoreRun(trial, repeat: 1, threads: plan.loop.threads[0], recorder: scratch)
                .calibrate(Self.eligible(plan), in: directory)
            directory.removeContent()
            for (phase, mean) in means.enumerated() {
                let operations = min(Double(duration) / mean, Double(RunTuning.durationOperationsLimit))
                plan.workloads[index].phases[phase].operations = max(UInt64(operations), 1)
            }
        }
        let estimate = Self.estimate(plan)
        try Self.checkRoom(plan, estimate)
        recorder.setTotalOperations(estimate.operations)
        return plan.workloads
    }

    /// Every row in words, with how its operations are asked for.
    func receipts(of workloads: [Workload]) -> [RunResult.RowReceipt] {
        var receipts: [RunResult.RowReceipt] = []
        for workload in workloads {
            for var receipt in workload.receipts {
                let phase = workload.phases.first { $0.name == receipt.workload }
                if let phase { receipt.summary += plan.loop.summary(of: phase) }
                if phase != nil, plan.trace != nil { receipt.summary += "; replayed from a trace" }
                if !receipts.contains(receipt) { receipts.append(receipt) }
            }
        }
        var labelled = plan
        labelled.workloads = workloads
        return receipts + Self.labels(labelled)
    }
}

extension LoopPlan {
    /// What differs from one thread in the closed loop: `; open loop at 50000 operations a second, fixed arrivals`.
    func summary(of phase: Workload.Phase) -> String {
        var parts: [String] = []
        if threads != [1] { parts.append("threads \(threads.map(String.init).joined(separator: ", "))") }
        if phase.batch == 1 {
            if let rate {
                parts.append("open loop at \(rate) operations a second, \(arrival.rawValue) arrivals")
            } else if let objective {
                parts.append(
                    "highest rate of the open loop at which \(objective.text) holds, \(arrival.rawValue) arrivals")
            }
        }
        if durationNanoseconds != nil {
            parts.append("\(operations(of: phase)) operations, from the duration asked for")
        }
        return parts.isEmpty ? "" : "; " + parts.joined(separator: "; ")
    }
}
