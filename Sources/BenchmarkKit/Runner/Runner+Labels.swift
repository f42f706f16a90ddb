// What the rows of a result have to be labelled with beside what they do.
extension Runner {
    /// Rows that run fewer operations than there are records, and rows that start cold.
    static func labels(_ plan: RunPlan) -> [RunResult.RowReceipt] {
        var labels: [RunResult.RowReceipt] = []
        for workload in plan.workloads {
            for phase in workload.phases {
                if phase.operations < workload.records {
                    labels.append(
                        RunResult.RowReceipt(
                            workload: phase.name,
                            summary: "sampled at \(Figures.scale(workload.records)) records: "
                                + "\(Figures.scale(phase.operations)) operations a repeat and engine"))
                }
                if plan.isCold {
                    let label = RunResult.RowReceipt(
                        workload: phase.name,
                        summary: "cold: store just opened, its files dropped from the page cache (fsync, then "
                            + "POSIX_FADV_DONTNEED); the throughput pass comes first, the passes after it are warm")
                    if !labels.contains(label) { labels.append(label) }
                }
            }
        }
        return labels
    }
}
