import Foundation
import StorageBackends

// One kill of one engine:
//
// 1. A child opens the store, loads it if it is fresh, commits, and tells each commit once it has returned.
// 2. The parent kills it with SIGKILL at a random commit and takes what is still in the pipe.
// 3. A second child opens what is left, is timed, and tells every pair.
// 4. The parent holds that against the history: see `CrashHistory`.
//
// Engines take turns, kill by kill, in rotated order.

/// Runs a crash plan and returns what each engine kept, in the form of every other run.
public struct CrashRunner: Sendable {
    public let plan: CrashPlan
    public let warnings: [RunResult.Warning]

    /// What an engine needs to take part.
    private static let needed: [(capability: Capabilities, lack: String)] = [
        (.stores, "it keeps nothing"), (.reopen, "it can't be reopened"),
        (.unorderedInsert, "it takes ascending keys alone"), (.update, "it can't update"),
        (.remove, "it can't remove"), (.atomicBatch, "its batches are not atomic"),
    ]

    /// Checks the plan. Makes nothing.
    public init(_ plan: CrashPlan) throws(RunError) {
        guard plan.kills > 0, !plan.classes.isEmpty, !plan.backends.isEmpty, plan.records > 0 else {
            throw RunError(.invalid, "a crash run needs an engine, a class, a record and a kill at least")
        }
        if let directory = plan.directory { try RunDirectory.check(directory) }
        self.plan = plan
        warnings =
            EnvironmentCapture.isDebugBuild
            ? [
                RunResult.Warning(
                    text: "a debug build: its times mean nothing", remedy: "build with swift build -c release")
            ] : []
    }

    /// Runs the plan on the calling thread. Engines that broke their class's promise are no failure of the run: see
    /// ``brokenPromises(in:)``.
    /// - Parameters:
    ///   - cancellation: Set it to stop: what was finished is kept.
    ///   - progress: Called before each kill.
    ///   - onKill: Called with the result so far after each round of kills.
    public func run(
        cancellation: CancellationFlag = CancellationFlag(), progress: (RunProgress) -> Void = { _ in },
        onKill: (RunResult) -> Void = { _ in }
    ) -> Runner.Outcome {
        var result = blankResult()
        var outcome = Runner.Outcome(result: result, failure: nil, keptDirectory: nil)
        do throws(RunError) {
            let directory = try RunDirectory(named: plan.directory)
            defer { if !plan.keepsStores { directory.remove() } }
            if plan.keepsStores { outcome.keptDirectory = directory.path }
            var contests = contests(directory)
            for contest in contests { result.unavailable += contest.unavailable }
            contests.removeAll { !$0.unavailable.isEmpty }
            let begin = monotonicNanoseconds()
            let (total, perClass) = (plan.kills * contests.count, contests.count / max(plan.classes.count, 1))
            var done = 0
            for durability in plan.classes {
                let members = contests.indices.filter { contests[$0].durability == durability }
                for kill in 1...plan.kills {
                    for turn in members.indices {
                        let member = members[(turn + kill - 1) % members.count]
                        progress(step(contests[member], kill, done, of: total, perClass, begin))
                        if cancellation.isCancelled { throw Self.interrupted }
                        result.samples += try contests[member].kill(number: kill, cancellation: cancellation)
                        done += 1
                    }
                    result.warnings = warnings + contests.flatMap(\.refusals)
                    outcome.result = result
                    onKill(result)
                }
            }
        } catch {
            outcome.failure = error
        }
        if !result.samples.isEmpty { outcome.result.samples = result.samples }
        return outcome
    }

    static let interrupted = RunError(.cancelled, "interrupted: the kills that were finished are kept")

    private func contests(_ directory: RunDirectory) -> [CrashContest] {
        plan.classes.flatMap { durability in
            plan.backends.map { backend in
                var contest = CrashContest(plan, backend, durability, directory)
                var reasons = Self.needed.filter { !backend.capabilities.contains($0.capability) }.map(\.lack)
                if backend.nativeSettings[durability] == nil { reasons.append("it has no such class") }
                if let reason = reasons.first {
                    contest.unavailable = [
                        RunResult.Unavailable(
                            workload: CrashMetric.workload, backend: backend.name,
                            reason: "class \(durability.rawValue): \(reason)")
                    ]
                }
                return contest
            }
        }
    }

    private func step(
        _ contest: CrashContest, _ kill: Int, _ done: Int, of total: Int, _ perClass: Int, _ begin: UInt64
    ) -> RunProgress {
        let fraction = Double(done) / Double(max(total, 1))
        let seconds = Double(monotonicNanoseconds() - begin) / 1e9
        return RunProgress(
            workload: CrashMetric.workload, row: CrashMetric.workload, pass: contest.durability.rawValue,
            backend: contest.backend.name, engine: done % max(perClass, 1) + 1, engines: max(perClass, 1),
            repeat: kill, repeats: plan.kills, fraction: fraction, operationsPerSecond: contest.rate,
            secondsLeft: done > 0 ? seconds / fraction * (1 - fraction) : nil)
    }

    private func blankResult() -> RunResult {
        var result = RunResult(
            command: plan.command, date: EnvironmentCapture.date, commit: EnvironmentCapture.commit,
            environment: EnvironmentCapture.environment(directory: plan.directory ?? RunDirectory.temporary))
        result.rows = [
            RunResult.RowReceipt(
                workload: CrashMetric.workload,
                summary: "a writer killed by SIGKILL after 1 to \(CrashTuning.commitsBeforeKillMax) commits (5 of 10 "
                    + "puts, 2 removes, 3 batches of 2 to 16 puts), \(CrashTuning.killsPerStore) kills on a store "
                    + "in a row; seed \(plan.seed)")
        ]
        result.backends = plan.backends.map { backend in
            let settings = plan.classes.map { "\($0.rawValue): \(backend.nativeSettings[$0] ?? "n/a")" }
            return RunResult.BackendReceipt(
                name: backend.name, library: backend.libraryVersion(), configuration: backend.configuration,
                durabilitySettings: settings.joined(separator: "; "), readBack: [])
        }
        result.warnings = warnings
        return result
    }

    /// What classes promised and engines did not keep, a sentence each.
    public static func brokenPromises(in result: RunResult) -> [String] {
        let kills = CrashTable.all(of: result).flatMap { table in
            table.columns.filter { !$0.keptPromise }.map { "class \(table.durability): \($0.sentence)" }
        }
        return kills + (PowerLossTable(result)?.brokenPromises ?? [])
    }
}
