import StorageBackends
import Testing

@Suite("ValuePattern")
struct ValuePatternTests {
    let words = ValuePattern(isText: false)
    let text = ValuePattern(isText: true)

    func filled(_ pattern: ValuePattern, record: UInt64, version: UInt32, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: count)
        bytes.withUnsafeMutableBytes { pattern.fill($0, record: record, version: version) }
        return bytes
    }

    func matches(_ bytes: [UInt8], record: UInt64, version: UInt32) -> Bool {
        bytes.withUnsafeBytes { words.matches($0, record: record, version: version) }
    }

    @Test("a filled value matches at every length", arguments: [Int](0...140) + [1000, 1003])
    func lengths(count: Int) {
        for record in [0, 1, 12_345, UInt64.max] {
            #expect(matches(filled(words, record: record, version: 0, count: count), record: record, version: 0))
            #expect(matches(filled(words, record: record, version: 9, count: count), record: record, version: 9))
        }
    }

    @Test("any changed byte shows", arguments: [1, 7, 8, 9, 24, 31, 32, 35, 40, 63, 64, 100])
    func changedByte(count: Int) {
        let value = filled(words, record: 77, version: 3, count: count)
        for position in 0..<count {
            for bit in 0..<8 {
                var changed = value
                changed[position] ^= 1 << bit
                #expect(!matches(changed, record: 77, version: 3), "byte \(position), bit \(bit)")
            }
        }
    }

    @Test("another record's or version's value shows")
    func otherRecord() {
        let value = filled(words, record: 10, version: 1, count: 100)
        for other in UInt64(0)..<1000 where other != 10 { #expect(!matches(value, record: other, version: 1)) }
        for version in UInt32(0)..<1000 where version != 1 { #expect(!matches(value, record: 10, version: version)) }
    }

    @Test("any version of a record is known, and no other record's", arguments: [8, 9, 24, 100])
    func anyVersion(count: Int) {
        for version in [0, 1, 2, 1000, UInt32.max] {
            let value = filled(words, record: 5, version: version, count: count)
            value.withUnsafeBytes { bytes in
                #expect(words.matchesAnyVersion(bytes, record: 5))
                for record in UInt64(6)..<200 { #expect(!words.matchesAnyVersion(bytes, record: record)) }
            }
        }
    }

    @Test("no word repeats inside a value or between neighbours")
    func wordsDiffer() {
        var seen: Set<UInt64> = []
        for record in UInt64(0)..<100 {
            let value = filled(words, record: record, version: 0, count: 128)
            value.withUnsafeBytes { bytes in
                for offset in stride(from: 0, to: 128, by: 8) {
                    #expect(seen.insert(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)).inserted)
                }
            }
        }
    }

    /// Words that a window over the whole value has not seen before: what a compressor of Lempel-Ziv's kind must keep.
    static func newWords(_ value: [UInt8]) -> Int {
        var seen: Set<[UInt8]> = []
        for start in stride(from: 0, to: value.count - 7, by: 8) { seen.insert(Array(value[start..<(start + 8)])) }
        return seen.count
    }

    @Test("the repeating share repeats, and every bit of the value still shows", arguments: [1, 25, 50, 75, 99, 100])
    func repeating(percent: UInt8) {
        let pattern = ValuePattern(isText: false, repeatPercent: percent)
        for count in [0, 7, 8, 15, 16, 17, 63, 100, 101, 1024] {
            var value = filled(pattern, record: 9, version: 2, count: count)
            func isRight(_ record: UInt64 = 9, _ version: UInt32 = 2) -> Bool {
                value.withUnsafeBytes { pattern.matches($0, record: record, version: version) }
            }
            #expect(isRight())
            for position in 0..<count {
                let bit: UInt8 = 1 << UInt8(position % 8)
                value[position] ^= bit
                #expect(!isRight(), "byte \(position) of \(count)")
                value[position] ^= bit
            }
            guard count >= 8 else { continue }
            #expect(!isRight(10) && !isRight(9, 3))
            value.withUnsafeBytes { bytes in
                #expect(pattern.matchesAnyVersion(bytes, record: 9))
                #expect(!pattern.matchesAnyVersion(bytes, record: 10))
            }
        }
        // A share of new words as promised, to a word or two; and all of them new where nothing repeats.
        let long = filled(pattern, record: 1, version: 0, count: 8000)
        #expect(abs(Self.newWords(long) - 10 * (100 - Int(percent))) <= 1)
        #expect(Self.newWords(filled(words, record: 1, version: 0, count: 8000)) == 1000)
    }

    @Test("the text form is that of the phase documents")
    func textForm() {
        let count = ValuePattern.textBytes(record: 17, version: 0)
        #expect(filled(text, record: 17, version: 0, count: count) == Array("value_17".utf8))
        #expect(
            filled(text, record: 17, version: 1, count: ValuePattern.textBytes(record: 17, version: 1))
                == Array("new".utf8))
        Array("value_17".utf8).withUnsafeBytes { bytes in
            #expect(text.matches(bytes, record: 17, version: 0))
            #expect(!text.matches(bytes, record: 18, version: 0))
        }
    }

    @Test("a text is right as a whole only, with any number of digits", arguments: 1...20)
    func everyByteOfAText(digits: Int) {
        var highest: UInt64 = 1
        for _ in 1..<digits { highest *= 10 }
        var random = SystemRandomNumberGenerator()
        let drawn = (0..<50).map { _ in
            UInt64.random(in: highest...(digits == 20 ? .max : highest * 10 - 1), using: &random)
        }
        for record in drawn + [highest, digits == 1 ? 0 : highest + 9] {
            let right = Array("value_\(record)".utf8)
            #expect(right.withUnsafeBytes { text.matches($0, record: record, version: 0) }, "\(record)")
            #expect(!right.withUnsafeBytes { text.matches($0, record: record ^ 1, version: 0) }, "\(record)")
            #expect(!right.withUnsafeBytes { text.matches($0, record: record, version: 1) }, "\(record)")
            for position in right.indices {
                for bit in 0..<8 {
                    var wrong = right
                    wrong[position] ^= 1 << bit
                    #expect(!wrong.withUnsafeBytes { text.matches($0, record: record, version: 0) }, "\(wrong)")
                }
            }
            for wrong in ["value_0\(record)", "value_\(record)0", "value\(record)", "Value_\(record)", "\(record)", ""]
            {
                #expect(!Array(wrong.utf8).withUnsafeBytes { text.matches($0, record: record, version: 0) }, "\(wrong)")
            }
        }
        // What stands for ten and more: as a sum it would be right.
        #expect(!Array("value_1*".utf8).withUnsafeBytes { text.matches($0, record: 36, version: 0) })
        #expect(!Array("value_2:".utf8).withUnsafeBytes { text.matches($0, record: 30, version: 0) })
        for (bytes, isRight) in [
            ("new", true), ("nev", false), ("ne", false), ("news", false), ("mew", false), ("nfw", false),
        ] {
            #expect(Array(bytes.utf8).withUnsafeBytes { text.matches($0, record: 5, version: 2) } == isRight)
        }
    }
}
