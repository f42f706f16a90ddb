import AlexStorage
import LearnedIndex
public import StorageBackends

/// A small fixed piece of work of which everything that is counted is the same on every machine.
///
/// Counts have no noise, so a gate on them needs no repeats and no tolerance: one slot moved more is a change.
public enum CountedWork {
    /// Keys of each part.
    public static let records: UInt64 = 20_000

    /// One count by its name.
    public struct Count: Sendable, Hashable {
        public let name: String
        public let value: UInt64
    }

    /// Does the work, the store in `directory`, and returns its counts. A fraction of a second in a release build.
    ///
    /// - Throws: what the engine throws.
    public static func counts(directory: String) throws(BackendError) -> [Count] {
        var counts: [Count] = []
        for (order, isOrdered) in [("random", false), ("ascending", true)] {
            let keys = KeyMapping(seed: 1, ordered: isOrdered)
            counts += try index("insert \(order)", of: inserted(keys))
        }
        return try counts + store(directory)
    }

    private static func inserted(_ keys: KeyMapping) throws(BackendError) -> AlexIndex.Statistics {
        do {
            var index = try AlexIndex()
            for record in 0..<records { try index.updateValue(record, forKey: keys.key(ofRecord: record)) }
            return index.statistics
        } catch {
            throw BackendError(.unsupported, "the index of \(records) keys can't be built: \(error)")
        }
    }

    private static func index(_ part: String, of statistics: AlexIndex.Statistics) -> [Count] {
        let values: [(String, Int)] = [
            ("entries", statistics.count), ("data nodes", statistics.dataNodes), ("depth", statistics.depth),
            ("slots moved", statistics.shifts), ("slots moved by the worst insert", statistics.shiftsMax),
            ("splits", statistics.splits), ("expansions", statistics.expansions), ("retrains", statistics.retrains),
            ("node bytes", statistics.nodeBytes),
        ]
        return values.map { Count(name: "index, \(part): \($0.0)", value: UInt64($0.1)) }
    }

    /// Puts all records, overwrites every second one, removes every tenth.
    private static func store(_ directory: String) throws(BackendError) -> [Count] {
        let keys = KeyMapping(seed: 1, ordered: false)
        let value = [UInt8](repeating: 7, count: 100)
        do throws(AlexStoreError) {
            let store = try AlexStore(directory: directory)
            for record in 0..<records { try store.put(value, forKey: keys.key(ofRecord: record)) }
            for record in stride(from: 0, to: records, by: 2) {
                try store.put(value, forKey: keys.key(ofRecord: record))
            }
            for record in stride(from: 0, to: records, by: 10) { _ = try store.remove(keys.key(ofRecord: record)) }
            let statistics = try store.statistics()
            try store.close()
            return [
                Count(name: "store: keys", value: UInt64(statistics.keys)),
                Count(name: "store: log bytes", value: UInt64(statistics.logBytes)),
                Count(name: "store: segments", value: UInt64(statistics.segments)),
                Count(name: "store: last sequence number", value: statistics.lastSequence),
            ]
        } catch {
            throw BackendError(error)
        }
    }
}
