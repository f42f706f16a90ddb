extension StoreRun {
    /// Notes what a row took of the machine. `put` is the growth of the stream's bytes since the row began.
    func observeRow(_ row: String, _ contestant: Contestant) {
        var entry = contestant.observed
        if contestant.isVerified {
            entry.putBytes = stream.putBytes - putBytesBefore
            entry.liveBytes = UInt64(stream.expected.pairs) * (8 + workload.valueBytes)
            entry.diskBytes = FileSystemProbe.allocatedBytes(under: contestant.directory)
        }
        recorder.ledger.add(entry, row: row, backend: contestant.name, scale: workload.records)
        contestant.observed = ObservationLedger.Entry()
    }

    /// Operations ÷ (foreground and settling) of a load: what it takes when the debt is paid too.
    func addAllIn(_ contestant: Contestant, settleNanoseconds: UInt64) {
        let nanoseconds = contestant.loadNanoseconds + settleNanoseconds
        guard nanoseconds > 0 else { return }
        add(
            "all_in_ops_per_second", Double(workload.records) * 1e9 / Double(nanoseconds), "ops/s",
            row: workload.load.row, contestant)
    }
}
