public import LearnedIndex

extension AlexStore {
    /// Calls `body` with each pair whose key is in `range`, in the order of the keys, until it returns false.
    /// Expected O(log log n + pairs + value bytes).
    ///
    /// The bytes must not be kept beyond the call. Writes inside `body` throw `scanInProgress`.
    ///
    /// - Returns: How many pairs `body` was called with.
    /// - Throws: `damaged` at the first record that is not as written, after `body` had those before it; `closed`.
    @inlinable @discardableResult
    public func scan(
        in range: ClosedRange<Int64> = .min ... .max, descending: Bool = false,
        _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) throws(AlexStoreError) -> Int {
        let state = state
        guard state.pointee.log.isOpen else { throw .closed }
        state.pointee.log.freeze()
        defer { state.pointee.log.thaw() }
        var calls = 0
        var failure: AlexStoreError?
        let visit = { (key: Int64, place: UInt64) -> Bool in
            do throws(AlexStoreError) {
                let value = try state.pointee.log.value(at: place, key: key)
                calls &+= 1
                return body(key, value)
            } catch {
                failure = error
                return false
            }
        }
        if descending {
            state.pointee.index.forEachDescending(in: range, visit)
        } else {
            state.pointee.index.forEach(in: range, visit)
        }
        if let failure { throw failure }
        return calls
    }
}
