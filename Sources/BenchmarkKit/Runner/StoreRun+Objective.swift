import StorageBackends

// The search for the highest rate at which an objective holds. Each step is one part of the stream, which every engine
// runs at a rate of its own: so all have run the same operations at the end, and their states are compared as ever.
extension StoreRun {
    /// Runs the search for all engines. One step in the closed loop, then `RunTuning.objectiveSteps` - 1 in the open.
    func findRates(_ objective: LatencyObjective, row: String, stepOperations: UInt64) throws(RunError) {
        try run(.latency, row: row, operations: stepOperations, batch: 1) { stream.slice($0) }
        let steps = Int(RunTuning.objectiveSteps) - 1
        for contestant in runners {
            contestant.search = RateSearch(
                closedLoopRate: 1e9 / contestant.nanosecondsPerOperation, steps: steps,
                isHopeless: contestant.histogram.percentile(objective.share) >= objective.nanosecondsLimit)
        }
        for _ in 0..<steps {
            for contestant in runners {
                contestant.beginStep(rate: contestant.search?.candidate ?? 1)
            }
            try run(.objective, row: row, operations: stepOperations, batch: 1) { stream.slice($0) }
            for contestant in runners {
                let holds =
                    contestant.histogram.percentile(objective.share) < objective.nanosecondsLimit
                    && !isSaturated(contestant)
                contestant.search?.note(holds: holds)
            }
        }
        for contestant in runners { addRate(objective, row: row, contestant) }
    }

    /// The rate that the last check confirmed, and that check's response times. Right after that check.
    private func addRate(_ objective: LatencyObjective, row: String, _ contestant: Contestant) {
        defer { contestant.search = nil }
        guard let rate = contestant.search?.answer else {
            recorder.addWarning(
                "\(contestant.name) in \(row): \(objective.text) held at no rate that was tried, in repeat \(`repeat`)",
                "ask for a bound that the closed loop's latency leaves room for, or for more steps' worth with --ops")
            return
        }
        if contestant.nanoseconds < RunTuning.objectiveStepNanosecondsLeast {
            recorder.addWarning(
                "\(contestant.name) in \(row): a step of the search for \(objective.text) lasted less than "
                    + "\(RunTuning.objectiveStepNanosecondsLeast / 1_000_000) ms, which flatters: no stall is in it",
                "raise --ops: a step has a tenth of them, at least \(RunTuning.shortPassOperations)")
        }
        add("slo_ops_per_second", rate, "ops/s", row: row, contestant)
        addResponsePercentiles(row: row, contestant)
    }
}
