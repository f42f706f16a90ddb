import BenchmarkKit
import StorageBackends

/// What `--dry-run` prints: what would run, what it needs, and what is doubtful about it.
enum DryRun {
    static func text(_ runner: Runner) -> String {
        let plan = runner.plan
        var lines = ["command     \(plan.command)"]
        lines.append("backends    \(plan.backends.map(\.name).joined(separator: ", "))")
        lines.append("durability  \(plan.durability.rawValue)")
        lines.append("schedule    \(plan.schedule.rawValue), slices of \(plan.sliceOperations) operations")
        lines.append("repeats     \(plan.repeats)")
        lines.append("seed        \(plan.trace?.seed ?? plan.seed)")
        lines += demand(plan.loop)
        if let bytes = plan.memoryLimitBytes {
            let caches = plan.memoryBytes.map { ", \(mebibytes($0)) for an engine's own caches" } ?? ""
            lines.append("limit       \(mebibytes(bytes)) of the system's memory, page cache included\(caches)")
        }
        if let trace = plan.trace { lines.append("trace       \(trace.file)") }
        for workload in plan.workloads {
            lines.append(
                "workload    \(workload.name): \(workload.records) records, values of \(workload.valueBytes) bytes, "
                    + "rows \(workload.rows.joined(separator: ", "))")
        }
        lines.append("operations  \(runner.estimate.operations) over all engines and repeats")
        lines.append("disk        \(mebibytes(runner.estimate.diskBytes)) free at least")
        lines.append("memory      \(mebibytes(runner.estimate.memoryBytes)) at least")
        lines += runner.warnings.map { "warning     \($0.text); \($0.remedy)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What differs from one thread in the closed loop.
    private static func demand(_ loop: LoopPlan) -> [String] {
        var lines: [String] = []
        if loop.threads != [1] { lines.append("threads     \(loop.threads.map(String.init).joined(separator: ", "))") }
        if let rate = loop.rate {
            lines.append("open loop   \(rate) operations a second, \(loop.arrival.rawValue) arrivals")
        }
        if let objective = loop.objective {
            lines.append("objective   \(objective.text), \(loop.arrival.rawValue) arrivals")
        }
        if let nanoseconds = loop.durationNanoseconds {
            let decided = loop.rate == nil ? "; the slowest engine's rate decides the operations before repeat 1" : ""
            lines.append("duration    \(Double(nanoseconds) / 1e9) s\(decided)")
        }
        return lines
    }

    private static func mebibytes(_ bytes: UInt64) -> String { "\((bytes + (1 << 20) - 1) >> 20) MiB" }
}
