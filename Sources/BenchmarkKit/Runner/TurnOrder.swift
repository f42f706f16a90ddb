import StorageBackends

/// Who runs a slice when: the same slice, in an order that changes from slice to slice.
///
/// `rotate` begins each slice with the next engine and goes backwards every second time, so that over 2n slices each of
/// n engines has each place equally often and follows each of its two neighbours equally often.
struct TurnOrder {
    private let schedule: Schedule
    private var slice: Int
    private var random: SplitMix

    init(_ schedule: Schedule, repeat: Int, seed: UInt64) {
        self.schedule = schedule
        slice = 2 * (`repeat` - 1)
        random = SplitMix(seed: seed ^ 0x0D0E_0F0A)
    }

    /// The order of engines 0 ..< count in the next slice.
    mutating func next(_ count: Int) -> [Int] {
        guard count > 1 else { return Array(0..<count) }
        defer { slice += 1 }
        switch schedule {
        case .rotate:
            let first = slice / 2 % count
            let forwards = (0..<count).map { ($0 + first) % count }
            return slice % 2 == 0 ? forwards : forwards.reversed()
        case .random: return Array(0..<count).shuffled(using: &random)
        case .sequential: return Array(0..<count)
        }
    }
}
