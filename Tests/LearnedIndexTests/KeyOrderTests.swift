import Foundation
import LearnedIndex
import Testing

@Suite struct KeyOrderTests {
    /// Order is kept and every value comes back, over values that are in order already.
    private func expectOrder<Key: IndexKeyConvertible>(_ keys: [Key], _ same: (Key, Key) -> Bool) throws {
        for (left, right) in zip(keys, keys.dropFirst()) {
            #expect(left.indexKey < right.indexKey, "\(left) does not come before \(right)")
        }
        var index = try AlexIndex()
        for (rank, key) in keys.enumerated().reversed() { try index.updateValue(UInt64(rank), forKey: key.indexKey) }
        for (rank, key) in keys.enumerated() {
            #expect(index.value(forKey: key.indexKey) == UInt64(rank), "\(key)")
            let back = try #require(Key(indexKey: key.indexKey), "\(key) does not come back")
            #expect(same(back, key), "\(key) comes back as \(back)")
        }
        var found: [UInt64] = []
        index.forEach(in: .min ... .max) {
            found.append($1)
            return true
        }
        #expect(found == (0..<UInt64(keys.count)).map { $0 })
    }

    @Test func unsignedWords() throws {
        try expectOrder([0, 1, 1 << 63 - 1, 1 << 63, 1 << 63 + 1, .max - 1, .max] as [UInt64], ==)
        try expectOrder([0, 1, 1 << 31, .max] as [UInt32], ==)
        #expect(UInt32(indexKey: -1) == nil && UInt32(indexKey: 1 << 32) == nil)
    }

    @Test func signedWords() throws {
        try expectOrder([.min, -1, 0, 1, .max] as [Int32], ==)
        try expectOrder([.min, -1, 0, 1, .max] as [Int64], ==)
        #expect(Int32(indexKey: 1 << 31) == nil && Int32(indexKey: -1 << 31 - 1) == nil)
    }

    @Test func doublesInTotalOrder() throws {
        let inOrder: [Double] = [
            Double(bitPattern: .max), Double(sign: .minus, exponentBitPattern: 2047, significandBitPattern: 1),
            -.infinity, -.greatestFiniteMagnitude, -1.5, -1, -.leastNormalMagnitude, -.leastNonzeroMagnitude, -0.0,
            0.0, .leastNonzeroMagnitude, .leastNormalMagnitude, 1, 1.5, .greatestFiniteMagnitude, .infinity,
            .signalingNaN, .nan, Double(bitPattern: .max >> 1),
        ]
        try expectOrder(inOrder) { $0.bitPattern == $1.bitPattern }
        var random = SeededGenerator(seed: 12)
        for _ in 0..<20_000 {
            let (a, b) = (Double(bitPattern: random.next()), Double(bitPattern: random.next()))
            #expect((a.indexKey <= b.indexKey) == a.isTotallyOrdered(belowOrEqualTo: b), "\(a) and \(b)")
            #expect(Double(indexKey: a.indexKey).bitPattern == a.bitPattern, "\(a)")
        }
    }

    @Test func timestamps() throws {
        let times = [Int64.min, -1, 0, 1, 1_700_000_000_000_000_000, .max].map(
            IndexTimestamp.init(nanosecondsSince1970:))
        try expectOrder(times, ==)
        #expect(IndexTimestamp(secondsSince1970: -0.5)?.nanosecondsSince1970 == -500_000_000)
        #expect(IndexTimestamp(secondsSince1970: 1e-9)?.nanosecondsSince1970 == 1)
        for seconds in [.nan, .infinity, -.infinity, 9.3e9, -9.3e9] as [Double] {
            #expect(IndexTimestamp(secondsSince1970: seconds) == nil, "\(seconds)")
        }
        #expect(IndexTimestamp(millisecondsSince1970: -3)?.nanosecondsSince1970 == -3_000_000)
        #expect(IndexTimestamp(millisecondsSince1970: .max) == nil)
    }

    /// Foundation's dates by their own Double: in order, and back bit for bit, where seconds since 1970 would round.
    @Test func datesOfFoundation() throws {
        let dates: [Date] = [
            .distantPast, Date(timeIntervalSince1970: 0),
            Date(timeIntervalSinceReferenceDate: -Double.leastNonzeroMagnitude),
            Date(timeIntervalSinceReferenceDate: 0), Date(timeIntervalSinceReferenceDate: .leastNonzeroMagnitude),
            Date(timeIntervalSinceReferenceDate: 785_000_000.1),
            Date(timeIntervalSinceReferenceDate: (785_000_000.1).nextUp), .distantFuture,
        ]
        #expect(dates == dates.sorted())
        try expectOrder(dates.map(\.timeIntervalSinceReferenceDate)) { $0.bitPattern == $1.bitPattern }
        var random = SeededGenerator(seed: 14)
        for _ in 0..<5_000 {
            let a = Date(timeIntervalSinceReferenceDate: Double.random(in: -1e10...1e10, using: &random))
            let b = Date(timeIntervalSinceReferenceDate: Double.random(in: -1e10...1e10, using: &random))
            let (left, right) = (a.timeIntervalSinceReferenceDate.indexKey, b.timeIntervalSinceReferenceDate.indexKey)
            #expect((left < right) == (a < b), "\(a) and \(b)")
            #expect(Date(timeIntervalSinceReferenceDate: Double(indexKey: left)) == a, "\(a)")
        }
    }

    @Test func eightBytes() throws {
        let words = ["        ", "Aachen..", "Aachen.a", "Ulm     ", "ulm     ", "ül      "].compactMap {
            EightBytes(Array($0.utf8).prefix(8))
        }
        #expect(words.count == 6 && words == words.sorted())
        try expectOrder(words, ==)
        #expect(words[3].bytes == Array("Ulm     ".utf8))
        #expect(EightBytes(Array("Ulm".utf8), padding: 32) == words[3])
        #expect(EightBytes([1, 2, 3]) == nil && EightBytes(Array(repeating: 1, count: 9), padding: 0) == nil)
        var random = SeededGenerator(seed: 2)
        for _ in 0..<2_000 {
            let (a, b) = ((0..<8).map { _ in UInt8(random.next() % 4) }, (0..<8).map { _ in UInt8(random.next() % 4) })
            let (left, right) = (try #require(EightBytes(a)), try #require(EightBytes(b)))
            #expect((left.indexKey < right.indexKey) == a.lexicographicallyPrecedes(b), "\(a) and \(b)")
        }
    }
}
