import StorageBackends

/// A run that stopped, and where to go on.
///
/// A repeat counts as done when every workload of the plan has its stream's receipt and every engine a figure, or a
/// reason for none, in every row. What an interrupted repeat left behind is dropped and measured anew: a repeat is
/// one sample.
public struct Resumption: Sendable {
    /// What was measured so far, whole repeats alone.
    public let result: RunResult
    /// How many repeats that is; they are numbered from 1 without a gap.
    public let repeatsDone: Int

    /// - Parameters:
    ///   - earlier: The result of the run that stopped.
    ///   - plan: The plan to go on with: the same command on the same machine.
    ///   - name: The result's file, for messages.
    /// - Throws: `RunError` where the result is of another command, machine, build or program.
    public init(_ earlier: RunResult, plan: RunPlan, name: String) throws(RunError) {
        let now = EnvironmentCapture.environment(directory: plan.directory ?? RunDirectory.temporary)
        let differences = Self.differences(earlier, plan, now, commit: EnvironmentCapture.commit)
        guard differences.isEmpty else {
            throw RunError(
                .invalid,
                "\(name) can't be continued: \(differences.joined(separator: "; ")). Remove it to begin anew, or name "
                    + "another folder")
        }
        let done = (1...plan.repeats).prefix { Self.isDone($0, earlier, plan) }.count
        var result = earlier
        result.samples.removeAll { $0.repeat > done }
        result.streams.removeAll { $0.repeat > done }
        result.histograms.removeAll { $0.repeat > done }
        result.intervals.removeAll { $0.repeat > done }
        self.result = result
        repeatsDone = done
    }

    private static func differences(
        _ earlier: RunResult, _ plan: RunPlan, _ now: RunResult.Environment, commit: String
    ) -> [String] {
        var differences: [String] = []
        func compare(_ what: String, _ one: String, _ other: String) {
            if one != other { differences.append("\(what) was '\(one)' and is '\(other)'") }
        }
        compare("the command", earlier.command, plan.command)
        compare("the program's commit", earlier.commit, commit)
        compare("the processor", earlier.environment.cpu, now.cpu)
        compare("the file system", earlier.environment.fileSystem, now.fileSystem)
        compare("the build", earlier.environment.build, now.build)
        return differences
    }

    private static func isDone(_ number: Int, _ result: RunResult, _ plan: RunPlan) -> Bool {
        struct Cell: Hashable {
            var row: String
            var backend: String
        }
        for workload in plan.workloads {
            guard
                result.streams.contains(where: {
                    $0.workload == workload.name && $0.scale == workload.records && $0.repeat == number
                })
            else { return false }
            let measured = Set(
                result.samples.filter { $0.repeat == number && $0.scale == workload.records }
                    .map { Cell(row: $0.workload, backend: $0.backend) })
            let unavailable = Set(result.unavailable.map { Cell(row: $0.workload, backend: $0.backend) })
            for backend in plan.backends where !Twin.isTwin(backend.name) {
                for row in workload.rows {
                    let cell = Cell(row: row, backend: backend.name)
                    guard measured.contains(cell) || unavailable.contains(cell) else { return false }
                }
            }
        }
        return true
    }
}
