// What the rows of a result have to be labelled with beside what they do.
extension Runner {
    /// Rows that run fewer operations than there are records, start cold, or run under a memory limit.
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
                if let bytes = plan.memoryLimitBytes {
                    let label = RunResult.RowReceipt(
                        workload: phase.name,
                        summary: "under a memory limit: \(Figures.memory(bytes)) for the process and its files' pages "
                            + "(control group); engines one by one, each loaded without the limit, then opened under "
                            + "it with no page of its files in memory")
                    if !labels.contains(label) { labels.append(label) }
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
