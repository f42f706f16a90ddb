// How hard a key set is for a model: the least number of straight pieces that place each key within 32 positions of
// where it is. The measure, and 32 for its local form, are those of Wongkham et al. ("Are Updatable Learned Indexes
// Ready?", PVLDB 15, 2022); the greedy sweep that finds the least number is O'Rourke's (CACM 24, 1981).
//
// Position i of key x allows the line to pass between i - error and i + error there. Steps for each key:
//  1. the steepest and the flattest line that fit all keys of the piece so far are known; a key whose range lies
//     wholly above the steepest or below the flattest one ends the piece, and begins the next;
//  2. a top below the steepest line lowers it: it then leads from the new top to the tangent point among the bottoms;
//  3. a bottom above the flattest line raises it, likewise.
// Invariants: (1) `bottoms` is the upper hull of the bottoms that can still be tangent points, `tops` the lower hull of
// the tops; (2) tangent points only move right. All products are exact: differences of keys have 65 bits, positions 34.

/// Counts straight pieces over ascending keys. O(1) a key, amortised.
struct KeySetHardness {
    /// Positions that a piece may be wrong by.
    static let error: Int64 = 32

    private struct Corner {
        var x: Int128
        var y: Int128
    }

    private struct Line {
        var left: Corner
        var right: Corner

        /// Above 0 where the point is above the line.
        func height(_ point: Corner) -> Int128 {
            (point.y - left.y) * (right.x - left.x) - (right.y - left.y) * (point.x - left.x)
        }
    }

    private let error: Int128
    private(set) var segments = 0
    private var keysInSegment = 0
    private var position: Int128 = 0
    private var bottoms: [Corner] = []
    private var tops: [Corner] = []
    private var bottomStart = 0
    private var topStart = 0
    private var steepest: Line?
    private var flattest: Line?

    init(error: Int64 = Self.error) { self.error = Int128(error) }

    /// Pieces for these keys.
    static func segments(of keys: [Int64], error: Int64 = Self.error) -> Int {
        var hardness = KeySetHardness(error: error)
        for key in keys { hardness.add(key) }
        return hardness.segments
    }

    /// The next key, above all before.
    mutating func add(_ key: Int64) {
        let top = Corner(x: Int128(key), y: position + error)
        let bottom = Corner(x: Int128(key), y: position - error)
        position += 1
        if let steepest, let flattest, keysInSegment >= 2 {
            if steepest.height(bottom) > 0 || flattest.height(top) < 0 {
                begin(top, bottom)
                return
            }
            if steepest.height(top) < 0 { lowerSteepest(to: top) }
            if flattest.height(bottom) > 0 { raiseFlattest(to: bottom) }
            append(top, bottom)
        } else if keysInSegment == 1 {
            steepest = Line(left: bottoms[0], right: top)
            flattest = Line(left: tops[0], right: bottom)
            append(top, bottom)
        } else {
            begin(top, bottom)
        }
    }

    private mutating func begin(_ top: Corner, _ bottom: Corner) {
        segments += 1
        keysInSegment = 1
        tops = [top]
        bottoms = [bottom]
        topStart = 0
        bottomStart = 0
        steepest = nil
        flattest = nil
    }

    /// Through `top` and the bottom that leaves the least slope.
    private mutating func lowerSteepest(to top: Corner) {
        var at = bottomStart
        while at + 1 < bottoms.count, Line(left: bottoms[at], right: top).height(bottoms[at + 1]) >= 0 { at += 1 }
        bottomStart = at
        steepest = Line(left: bottoms[at], right: top)
    }

    /// Through `bottom` and the top that leaves the greatest slope.
    private mutating func raiseFlattest(to bottom: Corner) {
        var at = topStart
        while at + 1 < tops.count, Line(left: tops[at], right: bottom).height(tops[at + 1]) <= 0 { at += 1 }
        topStart = at
        flattest = Line(left: tops[at], right: bottom)
    }

    private mutating func append(_ top: Corner, _ bottom: Corner) {
        keysInSegment += 1
        while bottoms.count >= bottomStart + 2,
            Line(left: bottoms[bottoms.count - 2], right: bottom).height(bottoms[bottoms.count - 1]) <= 0
        { bottoms.removeLast() }
        bottoms.append(bottom)
        while tops.count >= topStart + 2,
            Line(left: tops[tops.count - 2], right: top).height(tops[tops.count - 1]) >= 0
        { tops.removeLast() }
        tops.append(top)
    }
}
