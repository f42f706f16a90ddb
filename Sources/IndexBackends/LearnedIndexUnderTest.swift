import LearnedIndex
import StorageBackends

/// The package's own learned index, without a log: backend `alex-index`.
final class LearnedIndexUnderTest: IndexUnderTest {
    /// Behind a pointer, so that no loop pays an exclusivity check an operation.
    let index: UnsafeMutablePointer<AlexIndex>
    /// Whether behind it lies the empty index that a load took the place of. It is given back with the loaded one: who
    /// loads has made no other before.
    private var hasReplaced = false

    init() throws(BackendError) {
        let empty: AlexIndex
        do {
            empty = try AlexIndex()
        } catch {
            throw Self.refused(error)
        }
        index = .allocate(capacity: 2)
        index.initialize(to: empty)
    }

    static func refused(_ error: IndexError) -> BackendError { BackendError(.invalid, "alex-index: \(error)") }

    deinit {
        index.deinitialize(count: hasReplaced ? 2 : 1)
        index.deallocate()
    }

    private struct Map: LoopedMap {
        let handle: IndexHandle

        @inline(__always)
        func value(forKey key: Int64) -> UInt64? { handle.value(forKey: key) }

        @inline(__always)
        func forEach(from key: Int64, _ body: (Int64, UInt64) -> Bool) {
            handle.forEach(in: key...Int64.max, body)
        }
    }

    private var map: Map { Map(handle: index.pointee.handle) }

    var count: Int { index.pointee.count }
    var allocatedBytes: Int { index.pointee.statistics.arenaBytes }

    var structure: [IndexFigure] {
        let statistics = index.pointee.statistics
        return [
            IndexFigure("data_nodes", Double(statistics.dataNodes)),
            IndexFigure("inner_nodes", Double(statistics.innerNodes)),
            IndexFigure("depth", Double(statistics.depth)),
            IndexFigure("splits", Double(statistics.splits)),
            IndexFigure("inner_splits", Double(statistics.innerSplits)),
            IndexFigure("expansions", Double(statistics.expansions)),
            IndexFigure("retrains", Double(statistics.retrains)),
            IndexFigure("merges", Double(statistics.merges)),
            IndexFigure("moves", Double(statistics.moves)),
            IndexFigure("shifts", Double(statistics.shifts)),
            IndexFigure("shifts_max", Double(statistics.shiftsMax)),
            IndexFigure("edge_inserts", Double(statistics.edgeInserts)),
            IndexFigure("allocated_bytes_max", Double(statistics.allocatedBytesMax), unit: "B"),
            IndexFigure("huge_page_bytes", Double(statistics.hugePageBytes), unit: "B"),
            IndexFigure("prediction_error_mean", statistics.predictionErrorMean, unit: "slots"),
            IndexFigure("prediction_error_max", Double(statistics.predictionErrorMax), unit: "slots"),
            IndexFigure("routing_error_mean", statistics.routingErrorMean, unit: "slots"),
        ]
    }

    func load(_ keys: IndexKeys) throws(BackendError) {
        do {
            let loaded = try AlexIndex(sorted: keys.lazy.map { (key: $0, value: IndexPayload.value(of: $0)) })
            if hasReplaced { index.deinitialize(count: 1) } else { (index + 1).moveInitialize(from: index, count: 1) }
            hasReplaced = true
            index.initialize(to: loaded)
        } catch {
            throw Self.refused(error)
        }
    }

    func insert(_ keys: IndexKeys) throws(BackendError) -> IndexTally {
        var tally = IndexTally()
        do throws(IndexError) {
            for key in keys where try index.pointee.updateValue(IndexPayload.value(of: key), forKey: key) != nil {
                tally.hits &+= 1
            }
        } catch {
            throw Self.refused(error)
        }
        return tally
    }

    func insert(_ keys: IndexKeys, nanoseconds: UnsafeMutablePointer<UInt64>) throws(BackendError) -> IndexTally {
        var tally = IndexTally()
        do throws(IndexError) {
            for (place, key) in keys.enumerated() {
                let begin = IndexLoops.threadNanoseconds()
                if try index.pointee.updateValue(IndexPayload.value(of: key), forKey: key) != nil { tally.hits &+= 1 }
                nanoseconds[place] = IndexLoops.threadNanoseconds() &- begin
            }
        } catch {
            throw Self.refused(error)
        }
        return tally
    }

    func insertBatched(_ keys: IndexKeys) throws(BackendError) {
        do throws(IndexError) {
            var start = 0
            while start < keys.count {
                let batch = IndexKeys(rebasing: keys[start..<min(start &+ IndexTally.insertBatch, keys.count)])
                try index.pointee.insertBatch(batch.lazy.map { (key: $0, value: IndexPayload.value(of: $0)) })
                start &+= IndexTally.insertBatch
            }
        } catch {
            throw Self.refused(error)
        }
    }

    func remove(_ keys: IndexKeys) -> IndexTally {
        var tally = IndexTally()
        for key in keys where index.pointee.removeValue(forKey: key) != nil { tally.hits &+= 1 }
        return tally
    }

    func lookUp(_ keys: IndexKeys) -> IndexTally { IndexLoops.lookUp(map, keys) }
    func lookUpDependent(_ keys: IndexKeys) -> IndexTally { IndexLoops.lookUpDependent(map, keys) }

    func lookUpBatched(_ keys: IndexKeys) -> IndexTally {
        var tally = IndexTally()
        withUnsafeTemporaryAllocation(of: UInt64?.self, capacity: IndexTally.batch) { results in
            var start = 0
            while start < keys.count {
                let batch = IndexKeys(rebasing: keys[start..<min(start &+ IndexTally.batch, keys.count)])
                index.pointee.handle.values(forKeys: batch, into: results)
                for (place, key) in batch.enumerated() {
                    guard let value = results[place] else { continue }
                    tally.hits &+= 1
                    if value != IndexPayload.value(of: key) { tally.wrong &+= 1 }
                    tally.checksum &+= value
                }
                start &+= IndexTally.batch
            }
        }
        return tally
    }

    func scan(from keys: IndexKeys, length: Int) -> IndexTally { IndexLoops.scan(map, from: keys, length: length) }
    func walk() -> IndexTally { IndexLoops.walk(map) }
}
