import AlexStorage
import BenchmarkKit
import Foundation
import PowerLoss

extension GateMeasurement {
    /// One thread's reads and updates, alone and while another thread compacts a store that is half garbage.
    ///
    /// The load runs alone before compaction and after it, and both count as alone: the updates themselves, and the
    /// order of the records, change what a read costs.
    func compaction() throws -> [RunResult.Sample] {
        var samples: [RunResult.Sample] = []
        for number in 1...repeats {
            var options = AlexStoreOptions()
            // It would begin before the load is measured alone.
            options.automaticCompaction = nil
            let store = try AlexStore(directory: try folder("compaction"), options: options)
            for _ in 0..<2 { try StoreSweep.fill(store, records) }
            let committer = store.committer()
            var load = MixedLoad(committer: committer, records: records, seed: UInt64(number))
            let operations = max(records / 4, 1_000)
            try load.run { load in load.operations >= operations }
            let before = load
            let outcome = CompactionOutcome()
            let thread = Thread { outcome.finish { try committer.compactInBackground() } }
            thread.start()
            load = MixedLoad(committer: committer, records: records, seed: UInt64(number) + 1_000)
            try load.run { _ in outcome.isFinished }
            let beside = load
            let taken = try outcome.bytesTaken()
            guard taken > 0, beside.operations > 0 else {
                throw Failure(.failure, "compaction found nothing to do at \(records) records; take a larger --scale")
            }
            try load.run { load in load.operations >= beside.operations + operations }
            let alone =
                Double(before.operations + load.operations - beside.operations)
                / (before.seconds + load.seconds - beside.seconds)
            samples.append(sample(GateRows.compaction, GateRows.rateAlone, alone, "ops/s", number))
            samples.append(
                sample(
                    GateRows.compaction, GateRows.rateBeside, Double(beside.operations) / beside.seconds, "ops/s",
                    number))
            try store.close()
        }
        return samples
    }
}

/// 80 % reads and 20 % updates of random records, value by value checked.
private struct MixedLoad {
    let committer: StoreCommitter
    let records: UInt64
    private var state: UInt64
    private let value = [UInt8](repeating: 7, count: StoreSweep.valueBytes)
    private(set) var operations: UInt64 = 0
    private(set) var seconds = 0.0

    init(committer: StoreCommitter, records: UInt64, seed: UInt64) {
        (self.committer, self.records) = (committer, records)
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    /// Runs until `isDone`, which is asked after each thousand operations.
    mutating func run(until isDone: (MixedLoad) -> Bool) throws {
        repeat {
            let begin = ContinuousClock.now
            for _ in 0..<1_000 {
                // xorshift64 (Marsaglia, 2003).
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                let key = StoreSweep.key(state % records)
                if state >> 32 % 5 == 0 {
                    try committer.put(value, forKey: key)
                } else {
                    let first = try committer.withValue(forKey: key) { $0.first }
                    guard first == 7 else { throw Failure(.verificationFailed, "key \(key) is missing") }
                }
            }
            operations += 1_000
            seconds += GateMeasurement.seconds(ContinuousClock.now - begin)
        } while !isDone(self)
    }
}

/// How a compaction on another thread ended.
private final class CompactionOutcome: @unchecked Sendable {
    // Safe to share: all of it is read and written with the lock held.
    private let lock = NSLock()
    private var result: Result<Int, any Error>?

    func finish(_ body: () throws -> CompactionReport) {
        let result = Result { try body().bytesTaken }
        lock.withLock { self.result = result }
    }

    var isFinished: Bool { lock.withLock { result != nil } }

    func bytesTaken() throws -> Int { try lock.withLock { try result?.get() ?? 0 } }
}
