// Time stamps of a sensor in nanoseconds since 1970, in the order in which its readings arrive.
//
// 1. The reading at place p is taken at start + p * interval + jitter(p), jitter hashed and below a quarter of the
//    interval: ascending with p, all distinct, and the place is got back by a division.
// 2. Readings arrive in blocks of 32. In each block one reading is late: it arrives 256 to 8,192 readings after its
//    turn, at a hashed place in that block; the others arrive in the order of time. So 1 in 32 arrivals is late.
// 3. A late reading of block b arrives in block b + 8 d, where d depends on b modulo 8 alone. Both blocks have the same
//    d, so that the way back is known, and no two late readings arrive in one place.
// 4. Blocks are counted from 256 before the first arrival, whose late readings were taken before the start.
// 5. The key of an absent number n lies half an interval behind the reading at place n - absentRecords.
//
// Invariant: record -> place is one to one, and so is record -> key.
extension KeyMapping {
    /// 2026-01-01T00:00:00Z.
    static var timestampStart: UInt64 { 1_767_225_600_000_000_000 }
    /// A reading a millisecond.
    static var timestampInterval: UInt64 { 1_000_000 }
    /// The jitter is below this: a quarter of the interval.
    static var timestampJitter: UInt64 { 250_000 }
    private static var blocksBefore: UInt64 { 256 }

    /// Blocks of delay of block b's late reading: eight times 1, 1, 1, 2, 2, 4, 8 or 32 for b modulo 8.
    private static func delay(_ block: UInt64) -> UInt64 { 8 << ((0x5321_1000 >> (4 * (block & 7))) & 15) }

    /// The place in its block of the reading that arrives late.
    private func latePlace(_ block: UInt64) -> UInt64 { Self.mix(block &+ offset) & 31 }

    /// The place in its block at which another block's late reading arrives.
    private func lateArrival(_ block: UInt64) -> UInt64 { Self.mix(block &+ offset) >> 5 & 31 }

    private func jitter(_ place: UInt64) -> UInt64 {
        Self.mix(place ^ offset).multipliedFullWidth(by: Self.timestampJitter).high
    }

    @usableFromInline
    func timestamp(ofRecord record: UInt64) -> Int64 {
        if record >= Self.absentRecords {
            let place = (record &- Self.absentRecords) &+ 32 &* Self.blocksBefore
            return stamp(place, behind: Self.timestampInterval / 2)
        }
        let block = (record >> 5) &+ Self.blocksBefore
        let arrival = record & 31
        let late = lateArrival(block)
        if arrival == late {
            let source = block &- Self.delay(block)
            return stamp(source << 5 | latePlace(source), behind: 0)
        }
        let turn = arrival > late ? arrival &- 1 : arrival
        let place = turn >= latePlace(block) ? turn &+ 1 : turn
        return stamp(block << 5 | place, behind: 0)
    }

    private func stamp(_ place: UInt64, behind: UInt64) -> Int64 {
        Int64(bitPattern: Self.timestampStart &+ place &* Self.timestampInterval &+ jitter(place) &+ behind)
    }

    /// The record of a stamp, the absent number of a stamp that stands for one, or `noRecord`.
    @usableFromInline
    func record(ofTimestamp key: Int64) -> UInt64 {
        let bits = UInt64(bitPattern: key)
        guard key >= 0, bits >= Self.timestampStart else { return Self.noRecord }
        let (place, rest) = (bits &- Self.timestampStart).quotientAndRemainder(dividingBy: Self.timestampInterval)
        let jitter = jitter(place)
        let first = 32 &* Self.blocksBefore
        if rest == jitter &+ Self.timestampInterval / 2, place >= first {
            return Self.absentRecords &+ (place &- first)
        }
        guard rest == jitter else { return Self.noRecord }
        let block = place >> 5
        let late = latePlace(block)
        if place & 31 == late {
            let arrival = block &+ Self.delay(block)
            return arrival < Self.blocksBefore
                ? Self.noRecord : (arrival &- Self.blocksBefore) << 5 | lateArrival(arrival)
        }
        guard block >= Self.blocksBefore else { return Self.noRecord }
        let turn = place & 31 > late ? (place & 31) &- 1 : place & 31
        let arrival = turn >= lateArrival(block) ? turn &+ 1 : turn
        return (block &- Self.blocksBefore) << 5 | arrival
    }
}
