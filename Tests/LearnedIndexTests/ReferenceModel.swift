import LearnedIndex
import Testing

/// An ordered map too simple to be wrong: a dictionary, sorted whenever order matters.
struct ReferenceModel {
    private(set) var pairs: [Int64: UInt64] = [:]

    mutating func update(_ key: Int64, _ value: UInt64) -> UInt64? { pairs.updateValue(value, forKey: key) }
    mutating func remove(_ key: Int64) -> UInt64? { pairs.removeValue(forKey: key) }

    func sorted() -> [(key: Int64, value: UInt64)] {
        pairs.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
    }
}

/// One thing to do to an index.
enum Operation {
    case update(Int64, UInt64)
    case remove(Int64)
    case look(Int64)

    /// Mostly keys of the set, some beside them.
    static func random(_ keys: [Int64], removing: Int, _ random: inout SeededGenerator) -> Operation {
        var key = keys.randomElement(using: &random)!
        if random.next() % 8 == 0 { key &+= Int64.random(in: -2...2, using: &random) }
        let dice = Int(random.next() % 100)
        if dice < removing { return .remove(key) }
        return dice < removing + 20 ? .look(key) : .update(key, random.next())
    }
}

/// Whether index and model give the same answer.
func agrees(_ index: inout AlexIndex, _ model: inout ReferenceModel, on operation: Operation) throws -> Bool {
    switch operation {
    case .update(let key, let value): try index.updateValue(value, forKey: key) == model.update(key, value)
    case .remove(let key): index.removeValue(forKey: key) == model.remove(key)
    case .look(let key): index.value(forKey: key) == model.pairs[key]
    }
}

/// Every entry, both ways, from all starts given; bounds and ends.
func expectSame(_ index: borrowing AlexIndex, _ model: ReferenceModel, probes: [Int64], _ note: String) {
    let expected = model.sorted()
    #expect(index.count == expected.count, "\(note)")
    var up: [(Int64, UInt64)] = []
    index.forEach(in: .min ... .max) {
        up.append(($0, $1))
        return true
    }
    var down: [(Int64, UInt64)] = []
    index.forEachDescending(in: .min ... .max) {
        down.append(($0, $1))
        return true
    }
    #expect(up.elementsEqual(expected, by: ==), "\(note): ascending")
    #expect(down.reversed().elementsEqual(expected, by: ==), "\(note): descending")
    #expect(index.first?.key == expected.first?.key && index.last?.key == expected.last?.key, "\(note): ends")
    for probe in probes {
        let at = expected.partition { $0.key >= probe }
        let past = expected.partition { $0.key > probe }
        let found = at < expected.count && expected[at].key == probe
        #expect(index.value(forKey: probe) == (found ? expected[at].value : nil), "\(note): value \(probe)")
        let lower = index.lowerBound(probe)
        #expect(lower?.key == (at < expected.count ? expected[at].key : nil), "\(note): lower bound \(probe)")
        let upper = index.upperBound(probe)
        #expect(upper?.key == (past < expected.count ? expected[past].key : nil), "\(note): upper bound \(probe)")
        expectSameRange(index, expected, from: probe, at, past, note)
    }
}

/// Seven entries from `probe` on upwards, then from it downwards.
private func expectSameRange(
    _ index: borrowing AlexIndex, _ expected: [(key: Int64, value: UInt64)], from probe: Int64, _ at: Int,
    _ past: Int, _ note: String
) {
    let above = Array(expected[at...].prefix(7))
    let below = Array(expected[..<past].suffix(7).reversed())
    var up: [(Int64, UInt64)] = []
    index.forEach(in: probe...max(probe, above.last?.key ?? probe)) {
        up.append(($0, $1))
        return up.count < 7
    }
    var down: [(Int64, UInt64)] = []
    index.forEachDescending(in: min(probe, below.last?.key ?? probe)...probe) {
        down.append(($0, $1))
        return down.count < 7
    }
    #expect(up.elementsEqual(above, by: ==), "\(note): up from \(probe)")
    #expect(down.elementsEqual(below, by: ==), "\(note): down from \(probe)")
}

extension Array {
    /// The first index whose element satisfies a condition that, once true, stays true.
    fileprivate func partition(_ isBehind: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
