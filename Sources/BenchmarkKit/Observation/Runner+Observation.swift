import StorageBackends

// The observed receipts of a run, made before its first repeat.
extension Runner {
    /// Observes each engine's commits, one child process after the other. An engine that can't be observed gets a
    /// warning and no figure.
    func observeCommits(_ recorder: RunRecorder, in directory: RunDirectory) throws(RunError) {
        guard let observer = plan.observer else { return }
        // A run that goes on has them already.
        if recorder.result.observations.contains(where: { $0.metric == ObservedMetric.syncsPerCommit }) { return }
        let bytes = plan.workloads.map(\.valueBytes).max() ?? 0
        for backend in Self.eligible(plan) where backend.capabilities.contains(.stores) && !Twin.isTwin(backend.name) {
            try recorder.checkCancelled()
            let folder = try directory.makeStore("observed/\(backend.name)")
            do throws(ObservationFailure) {
                let seen = try observer.observe(
                    backend.name, directory: folder, durability: plan.durability, valueBytes: bytes)
                recorder.result.observations += seen.figures.map { figure in
                    RunResult.Observation(
                        workload: "", backend: backend.name, scale: 0, metric: figure.metric, value: figure.value,
                        unit: figure.unit, source: seen.source)
                }
                let warning = ObservedClasses.warning(
                    backend.name, syncsPerCommit: seen.syncsPerCommit, configured: plan.durability)
                if let warning { recorder.result.warnings.append(warning) }
            } catch {
                recorder.result.warnings.append(
                    RunResult.Warning(
                        text: "the syncs of \(backend.name) were not observed: \(error.reason)",
                        remedy: "see alexbench doctor, or leave receipts out with --no-receipts"))
            }
        }
        directory.removeContent()
    }
}
