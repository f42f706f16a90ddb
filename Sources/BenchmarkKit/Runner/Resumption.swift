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

    /// What an earlier result leaves to be done.
    public enum State: Sendable {
        /// Nothing: every repeat that its own command asked for is whole, and it has every engine and row of the plan.
        /// In words, whatever else is not as it would be now: fewer repeats than the plan's, another commit or machine.
        case complete(otherwise: [String])
        /// The rest of the plan.
        case begun(Resumption)
    }

    /// Whether a result is complete is asked before anything else: that the program has moved on since is no reason to
    /// measure it again, nor to fail.
    /// - Parameters:
    ///   - earlier: The result of the run that stopped.
    ///   - plan: The plan to go on with: the same command on the same machine.
    ///   - name: The result's file, for messages.
    /// - Throws: `RunError` of the kind `.notComparable` where the result is not complete, and of another command,
    ///   workload, machine, build or program.
    public static func state(of earlier: RunResult, plan: RunPlan, name: String) throws(RunError) -> State {
        let now = EnvironmentCapture.environment(directory: plan.directory ?? RunDirectory.temporary)
        let work = differencesOfWork(earlier, plan)
        let circumstances = differencesOfCircumstances(earlier, now, commit: EnvironmentCapture.commit)
        let own = RecordedCommand(earlier.command)
        let done = done(earlier, plan)
        if work.isEmpty, own.isSameMeasurement(as: RecordedCommand(plan.command)), done >= own.repeats {
            let repeats = own.repeats == plan.repeats ? [] : ["of \(own.repeats) repeats, not \(plan.repeats)"]
            return .complete(otherwise: repeats + circumstances)
        }
        var differences = work + circumstances
        if earlier.command != plan.command {
            differences.insert("the command was '\(earlier.command)' and is '\(plan.command)'", at: 0)
        }
        guard differences.isEmpty else {
            throw RunError(
                .notComparable,
                "\(name) holds \(done) of \(plan.repeats) whole repeats and can't be continued: "
                    + "\(differences.joined(separator: "; ")). Remove it to measure anew, or name another folder")
        }
        return .begun(Resumption(earlier, repeatsDone: done))
    }

    private init(_ earlier: RunResult, repeatsDone: Int) {
        var result = earlier
        result.samples.removeAll { $0.repeat > repeatsDone }
        result.streams.removeAll { $0.repeat > repeatsDone }
        result.histograms.removeAll { $0.repeat > repeatsDone }
        result.intervals.removeAll { $0.repeat > repeatsDone }
        self.result = result
        self.repeatsDone = repeatsDone
    }

    /// Engines and operations that the plan has and the result has not.
    private static func differencesOfWork(_ earlier: RunResult, _ plan: RunPlan) -> [String] {
        var differences: [String] = []
        let there = Set(earlier.samples.map(\.backend) + earlier.unavailable.map(\.backend))
        let lacking = plan.backends.map(\.name).filter { !Twin.isTwin($0) && !there.contains($0) }
        if !lacking.isEmpty { differences.append("it lacks \(lacking.joined(separator: ", "))") }
        for workload in plan.workloads {
            let receipt = earlier.streams.first { $0.workload == workload.name && $0.scale == workload.records }
            guard let receipt, let operations = operations(of: workload, plan) else { continue }
            if receipt.operations != operations {
                differences.append(
                    "a repeat of \(workload.name) was \(receipt.operations) operations and is \(operations)")
            }
        }
        return differences
    }

    /// Operations of a repeat's stream; `nil` where only the run tells.
    private static func operations(of workload: Workload, _ plan: RunPlan) -> UInt64? {
        let loop = plan.loop
        let isKnown = loop.durationNanoseconds == nil && loop.objective == nil && plan.trace == nil
        return isKnown ? workload.totalOperations(plan) : nil
    }

    private static func differencesOfCircumstances(
        _ earlier: RunResult, _ now: RunResult.Environment, commit: String
    ) -> [String] {
        let pairs = [
            ("the program's commit", earlier.commit, commit), ("the processor", earlier.environment.cpu, now.cpu),
            ("the file system", earlier.environment.fileSystem, now.fileSystem),
            ("the build", earlier.environment.build, now.build),
        ]
        return pairs.filter { $0.1 != $0.2 }.map { "\($0.0) was '\($0.1)' and is '\($0.2)'" }
    }

    /// Whole repeats, from the first to the last before a gap.
    private static func done(_ result: RunResult, _ plan: RunPlan) -> Int {
        var number = 1
        while isDone(number, result, plan) { number += 1 }
        return number - 1
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

/// The command line that a result records: `alexbench run Workloads/commit.json --backend alex --repeats 5`.
struct RecordedCommand: Hashable {
    private var words: [Substring]
    /// What `--repeats` asked for, or the usual number.
    let repeats: Int

    init(_ text: String) {
        words = text.split(separator: " ")
        repeats = Self.take("--repeats", from: &words).flatMap { Int($0) } ?? RunTuning.usualRepeats
        _ = Self.take("--backend", from: &words)
        // The folder of a file is the caller's.
        words = words.map { $0.split(separator: "/").last ?? $0 }
    }

    /// Takes a flag and its value out.
    private static func take(_ flag: String, from words: inout [Substring]) -> Substring? {
        guard let place = words.firstIndex(where: { $0 == flag }), place + 1 < words.count else { return nil }
        let value = words[place + 1]
        words.removeSubrange(place...place + 1)
        return value
    }

    /// Whether both measure the same, but for how often and on which engines.
    func isSameMeasurement(as other: RecordedCommand) -> Bool { words == other.words }
}
