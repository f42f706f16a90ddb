import Foundation
import Testing

@testable import StorageBackends

@Suite("KeyMapping: time stamps and tables")
struct KeyMappingOrderTests {
    @Test(
        "time stamps and records are one to one, near the start and far from it", arguments: [0, 7, .max] as [UInt64])
    func stampsInvert(seed: UInt64) {
        let keys = KeyMapping(seed: seed, order: .timestamps)
        var seen: Set<Int64> = []
        for start in [0, 1 << 20, (1 << 40) - 20_000] as [UInt64] {
            for record in start..<(start + 20_000) {
                let key = keys.key(ofRecord: record)
                #expect(keys.record(ofKey: key) == record)
                #expect(seen.insert(key).inserted)
                let absent = keys.key(ofRecord: KeyMapping.absentRecords + record)
                #expect(keys.record(ofKey: absent) == KeyMapping.absentRecords + record)
                #expect(seen.insert(absent).inserted)
            }
        }
        for key in [Int64.min, -1, 0, .max, keys.key(ofRecord: 5) + 1] {
            #expect(keys.record(ofKey: key) == KeyMapping.noRecord)
        }
    }

    @Test("one arrival in 32 is late, by 256 to 8,192 places, and the others ascend")
    func lateness() {
        let keys = KeyMapping(seed: 3, order: .timestamps)
        let start = Int64(KeyMapping.timestampStart)
        var newest = Int64.min
        var late = 0
        var jitters: [Double] = []
        for record in 0..<UInt64(32 * 1024) {
            let key = keys.key(ofRecord: record)
            jitters.append(Double((key - start) % 1_000_000) / 250_000)
            if key > newest {
                newest = key
            } else {
                late += 1
                let places = (newest - key) / 1_000_000
                #expect((192...8_256).contains(places), "record \(record) is \(places) places late")
            }
        }
        #expect(late == 1024)
        // The jitter is even: Kolmogorov-Smirnov at a thousandth.
        jitters.sort()
        let count = Double(jitters.count)
        let worst = jitters.enumerated().map { abs($1 - Double($0) / count) }.max() ?? 1
        #expect(worst < 1.95 / count.squareRoot())
    }

    static func withTable(_ keys: [Int64], _ body: (UnsafeBufferPointer<Int64>) -> Void) {
        keys.withUnsafeBufferPointer(body)
    }

    @Test("keys of a table come back, in order and scattered", arguments: [1, 2, 3, 100, 1024, 1025])
    func table(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        var keys = Set((0..<count).map { _ in Int64(bitPattern: random.next()) })
        if count > 2 { keys.formUnion([.min, .max, 0]) }
        let sorted = keys.sorted()
        Self.withTable(sorted) { table in
            let ordered = KeyMapping(seed: 4, sortedKeys: table, ordered: true)
            let scattered = KeyMapping(seed: 4, sortedKeys: table, ordered: false)
            let records = UInt64(sorted.count)
            #expect((0..<records).map { ordered.key(ofRecord: $0) } == sorted)
            #expect(Set((0..<records).map { scattered.key(ofRecord: $0) }) == keys)
            if count > 100 { #expect((0..<records).map { scattered.key(ofRecord: $0) } != sorted) }
            for mapping in [ordered, scattered] {
                for record in 0..<records { #expect(mapping.record(ofKey: mapping.key(ofRecord: record)) == record) }
                // In ascending order, with steps of different lengths.
                var rank: UInt64 = 0
                for (place, key) in sorted.enumerated() where place % 7 < 3 {
                    #expect(mapping.key(ofRecord: mapping.record(ofKey: key, near: &rank)) == key)
                }
                for number in 0..<1000 as Range<UInt64> {
                    let absent = mapping.key(ofRecord: KeyMapping.absentRecords + number)
                    #expect(!keys.contains(absent))
                    #expect(mapping.record(ofKey: absent) == KeyMapping.noRecord)
                }
            }
        }
    }

    @Test("absent keys of a table without gaps lie above or below it")
    func denseTables() {
        for first in [.min, 0, .max - 99] as [Int64] {
            let keys = (0..<100).map { first + Int64($0) }
            Self.withTable(keys) { table in
                let mapping = KeyMapping(seed: 1, sortedKeys: table, ordered: false)
                for number in 0..<100 as Range<UInt64> {
                    #expect(!keys.contains(mapping.key(ofRecord: KeyMapping.absentRecords + number)))
                }
            }
        }
    }
}
