import StorageBackends

/// One repeat of one key set: fresh keys, fresh indexes, the indexes alternating slice by slice.
///
/// 1. Bulk load: each index in its turn, from the same ascending keys.
/// 2. On those same indexes: the lookups, the scans, and last the removes.
/// 3. For each row of inserts: empty indexes, all keys in the row's order, then lookups over what the inserts made;
///    and once more empty indexes with a clock around each insert, but for batches.
/// 4. Every answer is compared with what the keys say it must be, after each slice; at the end of each row that changes
///    an index all its pairs are walked.
///
/// A turn is timed from before its first operation to after its last; making keys and checking lie outside.
final class IndexRun {
    let recorder: IndexRecorder
    let plan: IndexPlan
    let source: IndexKeySource
    let `repeat`: Int
    let keys: [Int64]
    let seed: UInt64
    var queries: IndexQueries
    private var order: TurnOrder
    /// A hash of all keys of all loops.
    private var streamHash: UInt64 = 0
    private var operations: UInt64 = 0

    /// An index in the run.
    final class Contestant {
        let descriptor: IndexDescriptor
        var index: any IndexUnderTest
        var nanoseconds: UInt64 = 0
        var operations: UInt64 = 0
        var tally = IndexTally()
        var latencies: [UInt64] = []

        init(_ descriptor: IndexDescriptor) throws(RunError) {
            self.descriptor = descriptor
            index = try Self.empty(descriptor)
        }

        static func empty(_ descriptor: IndexDescriptor) throws(RunError) -> any IndexUnderTest {
            do throws(BackendError) {
                return try descriptor.make()
            } catch {
                throw RunError(error, backend: descriptor.name, row: "open")
            }
        }

        var nanosecondsPerOperation: Double { Double(max(nanoseconds, 1)) / Double(max(operations, 1)) }
    }

    init(_ source: IndexKeySource, repeat: Int, _ recorder: IndexRecorder) {
        self.recorder = recorder
        plan = recorder.plan
        self.source = source
        self.repeat = `repeat`
        seed = plan.seed &+ UInt64(`repeat` - 1)
        keys = source.keys(plan.records, seed: seed)
        queries = IndexQueries(keys, seed: seed)
        order = TurnOrder(plan.schedule, repeat: `repeat`, seed: seed)
    }

    func run() throws(RunError) {
        // One after the other: each index runs everything before the next begins.
        let groups = plan.schedule == .sequential ? plan.indexes.map { [$0] } : [plan.indexes]
        for group in groups {
            queries = IndexQueries(keys, seed: seed)
            streamHash = 0
            operations = 0
            let rows = plan.rows(of: source)
            try runLoaded(group, rows.filter { $0.insertOrder == nil && $0 != .lookupBesideWriter })
            if rows.contains(.lookupBesideWriter) { try runReaders(group) }
            for row in rows where row.insertOrder != nil { try runInserts(group, row) }
        }
        let state = keys.reduce(UInt64(0)) { $0 &+ IndexPayload.value(of: $1) }
        recorder.result.streams.append(
            RunResult.StreamReceipt(
                workload: plan.sources.count == 1 ? "index" : "index/\(source.name)", scale: UInt64(keys.count),
                repeat: `repeat`, seed: seed, operations: operations, streamHash: hexadecimal(streamHash),
                stateDigest: hexadecimal(state)))
    }

    func place(_ row: IndexRow) -> IndexRecorder.Place {
        IndexRecorder.Place(source: source, row: row, count: keys.count, repeat: `repeat`)
    }

    /// Those that can run the row; the others are noted.
    func able(_ row: IndexRow, _ group: [Contestant]) -> [Contestant] {
        group.filter { contestant in
            let isAble = contestant.descriptor.capabilities.isSuperset(of: row.needs)
            if !isAble { recorder.addUnavailable(place(row), contestant.descriptor) }
            return isAble
        }
    }

    /// What a loop answers when it is right.
    typealias Expectation = (ArraySlice<Int64>) -> IndexTally
    typealias Loop = (Contestant, IndexKeys) throws(BackendError) -> IndexTally

    /// Runs the keys in slices, each index its turn on each slice, and checks each turn's answers.
    func pass(
        _ row: IndexRow, _ name: String, _ contestants: [Contestant], _ keys: [Int64],
        sliceLength: Int = RunTuning.sliceOperations, expecting: Expectation?, _ loop: Loop
    ) throws(RunError) {
        for contestant in contestants {
            contestant.nanoseconds = 0
            contestant.operations = 0
            contestant.tally = IndexTally()
        }
        for start in stride(from: 0, to: keys.count, by: sliceLength) {
            let slice = keys[start..<min(start + sliceLength, keys.count)]
            note(slice)
            let expected = expecting?(slice)
            for number in order.next(contestants.count) {
                try recorder.checkCancelled()
                let contestant = contestants[number]
                let (tally, nanoseconds) = try timed(contestant, slice, row, loop)
                contestant.nanoseconds += nanoseconds
                contestant.operations += UInt64(slice.count)
                contestant.tally += tally
                recorder.turn(
                    place(row), pass: name, contestant.descriptor.name, operations: slice.count,
                    nanoseconds: nanoseconds)
                try check(tally, expected, contestant, row, "\(name), operations \(start) to \(start + slice.count)")
            }
        }
        try checkAlike(contestants, row, name)
    }

    private func timed(
        _ contestant: Contestant, _ slice: ArraySlice<Int64>, _ row: IndexRow, _ loop: Loop
    ) throws(RunError) -> (IndexTally, UInt64) {
        do throws(BackendError) {
            return try slice.withUnsafeBufferPointer { keys throws(BackendError) in
                let begin = monotonicNanoseconds()
                let tally = try loop(contestant, keys)
                return (tally, monotonicNanoseconds() - begin)
            }
        } catch {
            throw RunError(error, backend: contestant.descriptor.name, row: plan.name(row, source))
        }
    }

    func note(_ slice: ArraySlice<Int64>) {
        operations += UInt64(slice.count)
        for key in slice { streamHash = SplitMix.mix(streamHash ^ UInt64(bitPattern: key)) }
    }

    func check(
        _ tally: IndexTally, _ expected: IndexTally?, _ contestant: Contestant, _ row: IndexRow, _ what: String
    ) throws(RunError) {
        let isRight = expected.map { $0 == tally } ?? (tally.wrong == 0)
        guard !isRight else { return }
        let wanted = expected.map { "; right would be \(Self.text($0))" } ?? ""
        throw RunError(
            .verificationFailed,
            "\(contestant.descriptor.name), \(plan.name(row, source)), repeat \(`repeat`), \(what): "
                + "\(Self.text(tally))\(wanted); run it again with --seed \(plan.seed) and report it")
    }

    /// All that ran the same keys must have come to the same.
    private func checkAlike(_ contestants: [Contestant], _ row: IndexRow, _ name: String) throws(RunError) {
        guard let first = contestants.first else { return }
        for other in contestants where other.tally != first.tally {
            try check(
                other.tally, first.tally, other, row, "\(name), against \(first.descriptor.name)")
        }
    }

    private static func text(_ tally: IndexTally) -> String {
        "\(tally.hits) hits, \(tally.pairs) pairs, \(tally.wrong) wrong, checksum \(hexadecimal(tally.checksum))"
    }
}
