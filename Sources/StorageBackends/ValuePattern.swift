public import CIntrinsics

/// The bytes that belong to a record, made and checked without a table.
///
/// Scattered form: 64-bit words in arithmetic progression, both terms drawn from record and version, so that no word
/// repeats, a compressor finds nothing, and a wrong byte anywhere shows. Text form: `value_<record>` for a loaded
/// record, `new` for one inserted later, as in the phase documents.
///
/// A share of the scattered form may repeat, so that a compressor finds just so much: the progression ends after the
/// rest of the whole words, and what follows is its first word over and over.
@frozen
public struct ValuePattern: Sendable, Hashable {
    /// Text form instead of words.
    public let isText: Bool
    /// The share of a value that repeats, in percent: 0 to 100.
    public let repeatPercent: UInt8

    @inlinable
    public init(isText: Bool, repeatPercent: UInt8 = 0) {
        self.isText = isText
        self.repeatPercent = min(repeatPercent, 100)
    }

    /// Bytes of a value of `count` bytes that are progression: whole words, unless nothing repeats.
    @inlinable
    func progressionBytes(of count: Int) -> Int {
        repeatPercent == 0 ? count : (count &* Int(100 &- repeatPercent) / 100) & ~7
    }

    /// The first word and the step of the scattered form.
    @inlinable
    static func terms(record: UInt64, version: UInt32) -> (first: UInt64, step: UInt64) {
        let mixed = (record ^ 0xD6E8_FEB8_6659_FD93) &* 0x9E37_79B9_7F4A_7C15
        let folded = (mixed ^ (mixed >> 32)) &* 0xD6E8_FEB8_6659_FD93
        let first = folded &+ UInt64(version) &* versionStep
        return (first, ((folded ^ (folded >> 29)) &+ UInt64(version) &* 0xA24B_AED4_963E_E407) | 1)
    }

    @usableFromInline static var versionStep: UInt64 { 0x9FB2_1C65_1E98_DF25 }

    /// Writes the value of `record` at `version` over the whole of `buffer`. O(bytes).
    @inlinable
    public func fill(_ buffer: UnsafeMutableRawBufferPointer, record: UInt64, version: UInt32) {
        if isText { return fillText(buffer, record: record, version: version) }
        let (first, step) = Self.terms(record: record, version: version)
        let cut = progressionBytes(of: buffer.count)
        Self.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<cut]), first, step)
        if cut < buffer.count { Self.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[cut...]), first, 0) }
    }

    @inlinable
    static func fill(_ buffer: UnsafeMutableRawBufferPointer, _ first: UInt64, _ step: UInt64) {
        var word = first
        var offset = 0
        while offset &+ 8 <= buffer.count {
            buffer.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
            word = word &+ step
            offset &+= 8
        }
        while offset < buffer.count {
            buffer[offset] = UInt8(truncatingIfNeeded: word >> 56)
            word = word << 8
            offset &+= 1
        }
    }

    /// Whether `bytes` are the value of `record` at `version`, each byte looked at. O(bytes).
    @inlinable
    public func matches(_ bytes: UnsafeRawBufferPointer, record: UInt64, version: UInt32) -> Bool {
        if isText { return matchesText(bytes, record: record, version: version) }
        let (first, step) = Self.terms(record: record, version: version)
        if repeatPercent > 0 { return matchesRepeated(bytes, first, step) }
        return intrinsics_is_progression(bytes.baseAddress, bytes.count, first, step) != 0
    }

    /// The progression, then the first word again and again: a progression of step 0.
    @usableFromInline
    func matchesRepeated(_ bytes: UnsafeRawBufferPointer, _ first: UInt64, _ step: UInt64) -> Bool {
        let cut = progressionBytes(of: bytes.count)
        guard let base = bytes.baseAddress else { return true }
        return intrinsics_is_progression(base, cut, first, step) != 0
            && intrinsics_is_progression(base + cut, bytes.count &- cut, first, 0) != 0
    }

    /// Whether `bytes` are the value of `record` at any version: the version is read from the first word and the whole
    /// value checked against it. A value of fewer than eight bytes is not told apart. O(bytes).
    @inlinable
    public func matchesAnyVersion(_ bytes: UnsafeRawBufferPointer, record: UInt64) -> Bool {
        if isText || bytes.count < 8 { return true }
        let first = Self.terms(record: record, version: 0).first
        let distance = bytes.loadUnaligned(as: UInt64.self) &- first
        let version = distance &* Self.versionStepInverse
        guard let version = UInt32(exactly: version) else { return false }
        return matches(bytes, record: record, version: version)
    }

    /// The inverse of `versionStep` modulo 2^64.
    @usableFromInline static var versionStepInverse: UInt64 { 0x02AB_9C72_0D10_24AD }

    /// The length of the text form, in bytes.
    public static func textBytes(record: UInt64, version: UInt32) -> Int {
        text(record: record, version: version).count
    }

    /// Text form: version 0 is a loaded record, any other a later insert or update.
    static func text(record: UInt64, version: UInt32) -> [UInt8] {
        version == 0 ? Array("value_\(record)".utf8) : Array("new".utf8)
    }

    @usableFromInline
    func fillText(_ buffer: UnsafeMutableRawBufferPointer, record: UInt64, version: UInt32) {
        let text = Self.text(record: record, version: version)
        for offset in 0..<buffer.count { buffer[offset] = offset < text.count ? text[offset] : 0 }
    }

    /// As `bytes == text(record:version:)`, without making the text: this runs inside measured loops. Up to eight
    /// digits are looked at as one word. O(1) for them, O(digits) for more.
    @usableFromInline
    func matchesText(_ bytes: UnsafeRawBufferPointer, record: UInt64, version: UInt32) -> Bool {
        let count = bytes.count
        guard version == 0 else {
            return count == 3 && bytes[0] == UInt8(ascii: "n") && bytes[1] == UInt8(ascii: "e")
                && bytes[2] == UInt8(ascii: "w")
        }
        guard 8...14 ~= count else { return matchesLongText(bytes, record: record) }
        let digits = count &- 6
        let prefix = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) & 0xFFFF_FFFF_FFFF
        let last = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
        // What stands in front of the digits counts as zeros; the digit of the highest place is in the lowest byte.
        let others = UInt64.max >> UInt64(truncatingIfNeeded: digits &* 8)
        let text = last & ~others | Self.zeros & others
        // A digit keeps its upper half when six is added to it.
        let upper = ((text ^ Self.zeros) | ((text &+ 0x0606_0606_0606_0606) ^ Self.zeros)) & 0xF0F0_F0F0_F0F0_F0F0
        // Neighbours become one number: of two digits, then of four, then of eight.
        var value = text ^ Self.zeros
        value = (value &* 10 &+ value &>> 8) & 0x00FF_00FF_00FF_00FF
        value = (value &* 100 &+ value &>> 16) & 0x0000_FFFF_0000_FFFF
        value = (value &* 10_000 &+ value &>> 32) & 0xFFFF_FFFF
        return ((prefix ^ Self.prefix) | upper | (value ^ record)) == 0 && bytes[6] != UInt8(ascii: "0")
    }

    /// "value_", the first letter in the lowest byte.
    private static let prefix: UInt64 = 0x5F65_756C_6176
    /// The digit 0 eight times.
    private static let zeros: UInt64 = 0x3030_3030_3030_3030

    /// As `matchesText` of version 0, for any number of digits.
    private func matchesLongText(_ bytes: UnsafeRawBufferPointer, record: UInt64) -> Bool {
        var rest = record
        var index = bytes.count
        repeat {
            index -= 1
            guard index >= 0, bytes[index] == UInt8(truncatingIfNeeded: 48 + rest % 10) else { return false }
            rest /= 10
        } while rest > 0
        return bytes[..<index].elementsEqual("value_".utf8)
    }
}
