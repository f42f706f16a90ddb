import StorageBackends
import Testing

@testable import BenchmarkKit

@Suite struct StreamTests {
    static let everything = Workload.Mix([
        .read: 40, .readAbsent: 10, .insert: 20, .update: 15, .remove: 10, .scan: 5,
    ])

    /// A stream that is loaded and has begun a phase of this mix.
    static func stream(
        _ mix: Workload.Mix, records: UInt64 = 1_000, value: Workload.Value = .bytes(24),
        distribution: Distribution = .uniform, keys: Workload.KeyOrder = .scattered, seed: UInt64 = 1,
        loadSlice: Int = 100
    ) -> OperationStream {
        let phase = Workload.Phase(name: "phase", operations: 1_000, mix: mix, distribution: distribution)
        let workload = Workload(
            name: "test", records: records, keys: keys, value: value, load: Workload.Load(row: "load", batch: 1),
            phases: [phase])
        let stream = OperationStream(workload, seed: seed, countLimit: records * 3)
        while stream.count < records { _ = stream.inserts(min(loadSlice, Int(records - stream.count))) }
        stream.begin(phase)
        return stream
    }

    /// The hash is a promise: the same workload and seed give the same operations on every machine and in every
    /// version. A change of this number makes results of two versions incomparable.
    @Test func theHashDependsOnWorkloadAndSeedAlone() {
        func hash(slices: [Int], loadSlice: Int = 100, seed: UInt64 = 1) -> String {
            let stream = Self.stream(Self.everything, seed: seed, loadSlice: loadSlice)
            for slice in slices { _ = stream.slice(slice) }
            return hexadecimal(stream.hash)
        }
        let whole = hash(slices: [900])
        #expect(whole == "01b4f27dddcdf48b")
        #expect(hash(slices: [300, 300, 300]) == whole)
        #expect(hash(slices: [1, 899], loadSlice: 7) == whole)
        #expect(hash(slices: [899]) != whole)
        #expect(hash(slices: [900], seed: 2) != whole)
    }

    /// Replays the operations on a dictionary: each must be possible, and its version the one that is there.
    @Test(
        arguments: [
            (Distribution.uniform, Workload.Value.bytes(24), .scattered),
            (.zipfian(theta: 0.99), .bytes(3), .timestamps),
            (.latest, .text, .ordered), (.sequential, .bytes(100), .scattered),
            (.usualHotspot, .lengths(.uniform(0...300)), .timestamps),
            (.usualExponential, .lengths(.zipfian(8...90, theta: 0.99)), .scattered),
        ] as [(Distribution, Workload.Value, Workload.KeyOrder)])
    func operationsFollowFromTheState(
        _ distribution: Distribution, _ value: Workload.Value, _ keys: Workload.KeyOrder
    ) {
        var mix = Self.everything
        mix[.read] -= 5
        mix[.readModifyWrite] = 5
        let stream = Self.stream(mix, value: value, distribution: distribution, keys: keys)
        var store: [Int64: [UInt8]] = [:]
        for record in 0..<1_000 as Range<UInt64> {
            store[stream.keys.key(ofRecord: record)] = bytes(stream, record: record, version: 0)
        }
        for _ in 0..<8 {
            let slice = stream.slice(250)
            var hits: UInt64 = 0
            var misses: UInt64 = 0
            for operation in slice.operations {
                let there = store[operation.key]
                #expect(stream.keys.key(ofRecord: operation.record) == operation.key)
                switch operation.kind {
                case .read:
                    hits += 1
                    #expect(there == bytes(stream, record: operation.record, version: operation.version))
                    #expect(there?.count == Int(operation.length))
                case .readAbsent:
                    misses += 1
                    #expect(there == nil)
                case .insert:
                    #expect(there == nil)
                    store[operation.key] = Array(slice.value(of: operation))
                case .update:
                    #expect(there != nil)
                    store[operation.key] = Array(slice.value(of: operation))
                    #expect(there != store[operation.key] || value == .text)
                case .remove:
                    #expect(there != nil)
                    store[operation.key] = nil
                case .scan: #expect(there != nil && operation.length == Workload.usualScanLength)
                case .readModifyWrite:
                    hits += 1
                    #expect(there == bytes(stream, record: operation.record, version: operation.version - 1))
                    #expect(there?.count == oldLength(operation, in: slice))
                    store[operation.key] = Array(slice.value(of: operation))
                }
            }
            #expect(stream.expectedHits == hits && stream.expectedMisses == misses)
            var digest = StateDigest()
            for (key, value) in store { value.withUnsafeBytes { digest.add(key, $0) } }
            #expect(digest == stream.expected)
        }
        #expect(stream.operations == 3_000)
    }

    private func oldLength(_ operation: StorageBackends.Operation, in slice: OperationSlice) -> Int {
        Int(slice.values.loadUnaligned(fromByteOffset: Int(operation.valueOffset) - 4, as: UInt32.self))
    }

    private func bytes(_ stream: OperationStream, record: UInt64, version: UInt32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(stream.valueBytes(record, version)))
        bytes.withUnsafeMutableBytes { stream.pattern.fill($0, record: record, version: version) }
        return bytes
    }

    /// Shards have the records of the whole between them, none twice, and their digests sum to the store's state.
    @Test(arguments: [1, 2, 3, 7] as [UInt64]) func shardsAreDisjointAndSumToTheWhole(_ shards: UInt64) {
        let phase = Workload.Phase(name: "phase", operations: 400, mix: Self.everything, distribution: .usualHotspot)
        let workload = Workload(
            name: "test", records: 500, value: .bytes(24), load: Workload.Load(row: "load", batch: 1), phases: [phase])
        var store: [Int64: [UInt8]] = [:]
        var sum = StateDigest()
        var loaded: Set<UInt64> = []
        for index in 0..<shards {
            let shard = StreamShard(index, of: shards)
            let stream = OperationStream(workload, seed: 5, countLimit: 900, shard: shard)
            for operation in stream.inserts(Int(shard.count(of: 500))).operations { loaded.insert(operation.record) }
            for record in loaded where shard.holds(record) {
                store[stream.keys.key(ofRecord: record)] = bytes(stream, record: record, version: 0)
            }
            stream.begin(phase)
            let slice = stream.slice(400)
            for operation in slice.operations where operation.kind != .readAbsent {
                #expect(operation.record % shards == index)
                switch operation.kind {
                case .insert:
                    #expect(store.updateValue(Array(slice.value(of: operation)), forKey: operation.key) == nil)
                case .update:
                    #expect(store.updateValue(Array(slice.value(of: operation)), forKey: operation.key) != nil)
                case .remove: #expect(store.removeValue(forKey: operation.key) != nil)
                default: #expect(store[operation.key] != nil)
                }
            }
            sum.add(stream.expected)
        }
        #expect(loaded == Set(0..<500))
        var digest = StateDigest()
        for (key, value) in store { value.withUnsafeBytes { digest.add(key, $0) } }
        #expect(digest == sum)
    }

    @Test func loadsInTheOrderOfRecordNumbers() {
        let workload = Workload(name: "load", records: 10, load: Workload.Load(row: "load", batch: 1))
        let slice = OperationStream(workload, seed: 3, countLimit: 10).inserts(10)
        _ = slice
        let stream = OperationStream(workload, seed: 3, countLimit: 10)
        let again = stream.inserts(10)
        #expect(again.operations.map(\.record) == Array(0..<10))
        let keys = again.operations.map(\.key)
        #expect(keys != keys.sorted() && Set(keys).count == 10)
        let ordered = Self.stream(Workload.Mix([.insert: 100]), records: 5, keys: .ordered)
        #expect(ordered.slice(3).operations.map(\.key) == [5, 6, 7])
    }

    @Test func textValuesAreThePhaseDocuments() {
        let stream = Self.stream(Workload.Mix([.insert: 100]), records: 11, value: .text)
        let slice = stream.slice(1)
        #expect(Array(slice.value(of: slice.operations[0])) == Array("new".utf8))
        let pattern = ValuePattern(isText: true)
        for record in [0, 9, 10, 123_456_789] as [UInt64] {
            let text = Array("value_\(record)".utf8)
            #expect(text.withUnsafeBytes { pattern.matches($0, record: record, version: 0) })
            #expect(!text.withUnsafeBytes { pattern.matches($0, record: record + 1, version: 0) })
            #expect(!text.dropFirst().withUnsafeBytes { pattern.matches($0, record: record, version: 0) })
            #expect(!(text + [48]).withUnsafeBytes { pattern.matches($0, record: record, version: 0) })
            #expect(!text.withUnsafeBytes { pattern.matches($0, record: record, version: 1) })
        }
    }

    @Test func theDigestSeesEveryChange() {
        func digest(_ pairs: [(Int64, [UInt8])]) -> StateDigest {
            var digest = StateDigest()
            for (key, value) in pairs { value.withUnsafeBytes { digest.add(key, $0) } }
            return digest
        }
        let value = Array(0..<21 as Range<UInt8>)
        let base = digest([(1, value), (2, [])])
        #expect(digest([(2, []), (1, value)]) == base)
        #expect(digest([(1, value)]) != base)
        #expect(digest([(1, value), (2, []), (2, [])]) != base)
        #expect(digest([(2, value), (1, [])]) != base)
        for index in value.indices {
            for bit in 0..<8 {
                var changed = value
                changed[index] ^= 1 << bit
                #expect(digest([(1, changed), (2, [])]) != base)
            }
        }
        #expect(digest([(1, value + [0]), (2, [])]) != base)
        var undone = digest([(1, value), (2, []), (3, [9])])
        [UInt8(9)].withUnsafeBytes { undone.subtract(3, $0) }
        #expect(undone == base)
    }

    /// What is filled in matches at every length, and no other bit pattern nearby does.
    @Test func theValueCheckSeesEveryBit() {
        let pattern = ValuePattern(isText: false)
        for length in 0...140 {
            var value = [UInt8](repeating: 0, count: length)
            value.withUnsafeMutableBytes { pattern.fill($0, record: 77, version: 3) }
            #expect(value.withUnsafeBytes { pattern.matches($0, record: 77, version: 3) })
            for index in value.indices {
                let bit: UInt8 = 1 << UInt8(index % 8)
                value[index] ^= bit
                #expect(!value.withUnsafeBytes { pattern.matches($0, record: 77, version: 3) })
                value[index] ^= bit
            }
            guard length >= 8 else { continue }
            #expect(!value.withUnsafeBytes { pattern.matches($0, record: 77, version: 4) })
            #expect(!value.withUnsafeBytes { pattern.matches($0, record: 78, version: 3) })
            #expect(value.withUnsafeBytes { pattern.matchesAnyVersion($0, record: 77) })
        }
    }
}
