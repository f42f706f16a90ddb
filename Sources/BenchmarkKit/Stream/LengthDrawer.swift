/// Draws lengths. Nothing is drawn from the generator where all are of one length.
struct LengthDrawer {
    private let lengths: Lengths
    private let ranks: ZipfianRanks?

    init(_ lengths: Lengths) {
        self.lengths = lengths
        if case .zipfian(let range, let theta) = lengths {
            ranks = ZipfianRanks(theta: theta, count: UInt64(range.upperBound - range.lowerBound) + 1)
        } else {
            ranks = nil
        }
    }

    func draw(_ random: inout SplitMix) -> UInt32 {
        switch lengths {
        case .fixed(let length): return length
        case .uniform(let range):
            return range.lowerBound
                + UInt32(truncatingIfNeeded: random.below(UInt64(range.upperBound - range.lowerBound) + 1))
        case .zipfian(let range, _):
            return range.lowerBound + UInt32(truncatingIfNeeded: ranks?.draw(&random) ?? 0)
        case .histogram(let histogram):
            return histogram.length(at: random.below(histogram.cumulative.last ?? 1))
        }
    }

    /// The length that belongs to a record's version, the same whenever it is asked for.
    func length(ofRecord record: UInt64, version: UInt32, seed: UInt64) -> UInt32 {
        if case .fixed(let length) = lengths { return length }
        var random = SplitMix(seed: SplitMix.mix(record ^ seed) &+ UInt64(version) &* 0xA24B_AED4_963E_E407)
        return draw(&random)
    }
}
