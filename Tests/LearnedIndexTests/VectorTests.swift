import CIntrinsics
import Testing

/// The vector loop against its scalar twin, and both against plain Swift.
@Suite struct VectorTests {
    /// Where a line puts a key, spelled out.
    private static func place(_ key: Int64, _ center: Int64, _ slope: Float, _ intercept: Float, _ limit: Int) -> UInt16
    {
        let (distance, wraps) = key.subtractingReportingOverflow(center)
        if wraps { return key < center ? 0 : UInt16(limit) }
        let product = Float(distance) * slope
        let position = product + intercept
        return position > 0 ? (position < Float(limit) ? UInt16(position) : UInt16(limit)) : 0
    }

    private static let edges: [Int64] = [.min, .min + 1, -1 << 53, -1, 0, 1, 1 << 24 + 1, 1 << 62, .max - 1, .max]

    @Test func predictionsAreThoseOfTheScalarTwin() {
        var random = SeededGenerator(seed: 3)
        for length in 0...70 {
            for offset in 0..<4 {
                let center = Self.edges[Int(random.next() % 10)] &+ Int64(random.next() % 5)
                let slope = Float(sign: .plus, exponent: Int(random.next() % 60) - 55, significand: 1.37)
                let intercept = Float(Int64(random.next() % 9_000)) - 500.5
                let limit = Int(random.next() % 8_192)
                // Pairs as words: key, value, key, value …
                let words = (0..<(offset + 2 * length)).map { at in
                    random.next() % 3 == 0
                        ? Self.edges[Int(random.next() % 10)] : Int64(bitPattern: random.next()) >> Int64(at % 60)
                }
                var vector = [UInt16](repeating: 7, count: length + 1)
                var scalar = vector
                words.withUnsafeBufferPointer { words in
                    guard let first = words.baseAddress.map({ $0 + offset }) else { return }
                    intrinsics_predict_pairs(first, length, center, slope, intercept, Int32(limit), &vector)
                    intrinsics_predict_pairs_scalar(first, length, center, slope, intercept, Int32(limit), &scalar)
                }
                let right = (0..<length).map { Self.place(words[offset + 2 * $0], center, slope, intercept, limit) }
                #expect(vector == right + [7], "length \(length), offset \(offset)")
                #expect(scalar == right + [7], "length \(length), offset \(offset)")
            }
        }
    }
}
