/// Stand-in with the final interface; the real index replaces it.
public struct LearnedIndex: ~Copyable {
    @usableFromInline var keys: [Int64] = []
    @usableFromInline var values: [UInt64] = []

    public init() {}

    public var count: Int { keys.count }

    @usableFromInline func position(of key: Int64) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The value of a key, or nil.
    @inlinable
    public func value(forKey key: Int64) -> UInt64? {
        let at = position(of: key)
        return at < keys.count && keys[at] == key ? values[at] : nil
    }

    /// Inserts or overwrites; returns the value that was there.
    @discardableResult
    public mutating func updateValue(_ value: UInt64, forKey key: Int64) -> UInt64? {
        let at = position(of: key)
        if at < keys.count && keys[at] == key {
            defer { values[at] = value }
            return values[at]
        }
        keys.insert(key, at: at)
        values.insert(value, at: at)
        return nil
    }

    /// Removes a key; returns the value that was there.
    @discardableResult
    public mutating func removeValue(forKey key: Int64) -> UInt64? {
        let at = position(of: key)
        guard at < keys.count && keys[at] == key else { return nil }
        keys.remove(at: at)
        return values.remove(at: at)
    }

    /// Calls `body` in ascending order with each pair whose key is in `range` until it returns false.
    @inlinable
    public func forEach(in range: ClosedRange<Int64>, _ body: (Int64, UInt64) -> Bool) {
        var at = position(of: range.lowerBound)
        while at < keys.count, keys[at] <= range.upperBound, body(keys[at], values[at]) { at += 1 }
    }

    /// The same, descending.
    @inlinable
    public func forEachDescending(in range: ClosedRange<Int64>, _ body: (Int64, UInt64) -> Bool) {
        var at = position(of: range.upperBound)
        if at == keys.count || keys[at] != range.upperBound { at -= 1 }
        while at >= 0, keys[at] >= range.lowerBound, body(keys[at], values[at]) { at -= 1 }
    }
}
