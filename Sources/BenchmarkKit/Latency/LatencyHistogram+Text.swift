import Foundation

// The text form, version 1: `LH1:` and the Base64 (RFC 4648) of a series of whole numbers, each in groups of seven
// bits, least first, the top bit of a byte set where another follows:
//
//     count  sum  least  greatest  then for each bucket that is not empty, in ascending order:  gap  count
//
// `gap` is the number of empty buckets since the last one that was not, or since the first. An empty histogram is
// `LH1:` alone. The same histogram gives the same text. 50 000 latencies take about a kilobyte.

/// Why a text is no histogram.
public struct LatencyHistogramError: Error, Sendable, Hashable, CustomStringConvertible {
    public let message: String
    public var description: String { message }

    init(_ problem: String) {
        message = "a latency histogram \(problem): write the result again with '--format json --output FILE'"
    }
}

extension LatencyHistogram {
    private static let prefix = "LH1:"

    /// The text form, for JSON.
    public var encoded: String {
        guard !isEmpty else { return Self.prefix }
        var bytes = Data()
        for number in [count, sum, least, greatest] { Self.append(number, to: &bytes) }
        var gap: UInt64 = 0
        for index in 0..<Self.bucketCount {
            if buckets[index] == 0 {
                gap += 1
            } else {
                Self.append(gap, to: &bytes)
                Self.append(buckets[index], to: &bytes)
                gap = 0
            }
        }
        return Self.prefix + bytes.base64EncodedString()
    }

    /// Reads the text form.
    /// - Throws: `LatencyHistogramError` for a text of another form or version, and for one whose numbers contradict
    ///   each other. Never traps, and needs memory in proportion to the text alone.
    public convenience init(encoded text: String) throws(LatencyHistogramError) {
        guard text.hasPrefix("LH") else { throw LatencyHistogramError("begins with '\(text.prefix(4))', not 'LH1:'") }
        guard text.hasPrefix(Self.prefix) else {
            throw LatencyHistogramError("has the form '\(text.prefix { $0 != ":" }.prefix(8))', which is not LH1")
        }
        guard let bytes = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))) else {
            throw LatencyHistogramError("is no Base64")
        }
        self.init()
        if bytes.isEmpty { return }
        var numbers = Numbers(bytes: [UInt8](bytes))
        try fill(from: &numbers)
    }

    private func fill(from numbers: inout Numbers) throws(LatencyHistogramError) {
        var totals = Totals()
        totals.count = try numbers.next()
        totals.sum = try numbers.next()
        totals.least = try numbers.next()
        totals.greatest = try numbers.next()
        var index = -1
        var first: Int?
        var counted: UInt64 = 0
        while !numbers.isAtEnd {
            let gap = try numbers.next()
            guard gap < UInt64(Self.bucketCount), index + Int(gap) + 1 < Self.bucketCount else {
                throw LatencyHistogramError("has more than \(Self.bucketCount) buckets")
            }
            index += Int(gap) + 1
            first = first ?? index
            let count = try numbers.next()
            let (sum, isTooLarge) = counted.addingReportingOverflow(count)
            guard count > 0, !isTooLarge else { throw LatencyHistogramError("has a bucket of \(count) values") }
            counted = sum
            buckets[index] = count
        }
        guard counted == totals.count else {
            throw LatencyHistogramError("says it has \(totals.count) values, and its buckets have \(counted)")
        }
        guard first == Self.bucket(of: totals.least), index == Self.bucket(of: totals.greatest),
            totals.least <= totals.greatest, totals.sum >= totals.greatest
        else {
            throw LatencyHistogramError(
                "has the least value \(totals.least), the greatest \(totals.greatest) and the sum \(totals.sum), "
                    + "which are not its buckets'")
        }
        self.totals.pointee = totals
    }

    private static func append(_ number: UInt64, to bytes: inout Data) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Whole numbers out of bytes.
    private struct Numbers {
        let bytes: [UInt8]
        private var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { place == bytes.count }

        mutating func next() throws(LatencyHistogramError) -> UInt64 {
            var number: UInt64 = 0
            var shift: UInt64 = 0
            while true {
                guard place < bytes.count else { throw LatencyHistogramError("was cut off") }
                let byte = bytes[place]
                place += 1
                let group = UInt64(byte & 0x7F)
                // Ten groups hold 70 bits: the last may have one. A number in more groups than it needs is refused.
                guard shift < 63 || (shift == 63 && group <= 1), byte != 0 || shift == 0 else {
                    throw LatencyHistogramError("has a number that no program wrote")
                }
                number |= group << shift
                if byte & 0x80 == 0 { return number }
                shift += 7
            }
        }
    }
}
