import LearnedIndex
public import StorageBackends

/// How often the index splits a data node while it takes random keys: what the roadmap's batch mode is to save.
public enum BatchSplits {
    /// Data nodes gained by splitting while so many scattered keys go into an empty index in batches of `batch`; 1 puts
    /// each on its own. An exact count. O(records log records).
    public static func count(records: UInt64, batch: UInt64, seed: UInt64) throws(BackendError) -> UInt64 {
        let keys = KeyMapping(seed: seed, ordered: false)
        do throws(IndexError) {
            var index = try AlexIndex()
            var start: UInt64 = 0
            while start < records {
                let end = min(start + max(batch, 1), records)
                if batch <= 1 {
                    try index.updateValue(start, forKey: keys.key(ofRecord: start))
                } else {
                    try index.insertBatch((start..<end).map { (key: keys.key(ofRecord: $0), value: $0) })
                }
                start = end
            }
            return UInt64(index.statistics.splits)
        } catch {
            throw BackendError(.io, "\(error)")
        }
    }
}
