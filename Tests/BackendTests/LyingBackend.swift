import StorageBackends

/// A dictionary that answers wrongly in one chosen way, to see that the loops notice.
final class LyingBackend: StorageBackend {
    enum Lie: Sendable, CaseIterable {
        /// One bit of the last byte is flipped.
        case wrongByte
        /// The last byte is missing.
        case shortValue
        /// A key that is there is reported absent.
        case forgets
        /// A key that is absent is reported there.
        case invents
        /// The value is another record's.
        case mixesUp
        /// An update is thrown away.
        case ignoresUpdates
        /// A remove does nothing and says so.
        case ignoresRemoves
        /// A scan comes in descending order.
        case scansBackwards
        /// A scan begins after its key.
        case scansTooLate
        /// A scan returns nothing.
        case scansNothing
        /// A batch is answered from its end.
        case answersBackwards
        /// A batch's last key gets no answer.
        case leavesOneOut

        /// Those that only reads in batches meet.
        static let ofBatches: [Lie] = [.answersBackwards, .leavesOneOut]
    }

    private var pairs: [Int64: [UInt8]] = [:]
    private let lie: Lie?

    init(_ lie: Lie?) { self.lie = lie }

    func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
        if lie == .ignoresUpdates, pairs[key] != nil { return }
        pairs[key] = Array(value)
    }

    func putBatch(_ batch: PutBatch) throws(BackendError) {
        for index in 0..<batch.count { try put(batch.key(at: index), batch.value(at: index)) }
    }

    func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        guard let value = answer(key) else { return nil }
        return value.withUnsafeBytes { body($0) }
    }

    func getBatch(
        _ keys: UnsafeBufferPointer<Int64>, _ body: (Int, UnsafeRawBufferPointer?) -> Void
    ) throws(BackendError) {
        var numbers = Array(keys.indices)
        if lie == .answersBackwards { numbers.reverse() }
        if lie == .leavesOneOut { numbers.removeLast() }
        for number in numbers {
            guard let value = answer(keys[number]) else {
                body(number, nil)
                continue
            }
            value.withUnsafeBytes { body(number, $0) }
        }
    }

    private func answer(_ key: Int64) -> [UInt8]? {
        var value = pairs[key]
        switch lie {
        case .wrongByte: value?[23] ^= 1
        case .shortValue: value?.removeLast()
        case .forgets: return nil
        case .invents: return value ?? [1]
        case .mixesUp: return value == nil ? nil : pairs.first { $0.key != key }?.value
        default: break
        }
        return value
    }

    func remove(_ key: Int64) throws(BackendError) -> Bool {
        lie == .ignoresRemoves ? false : pairs.removeValue(forKey: key) != nil
    }

    func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int {
        var found = pairs.filter { $0.key >= first }.sorted { $0.key < $1.key }
        if lie == .scansTooLate { found.removeFirst() }
        if lie == .scansNothing { found = [] }
        found = Array(found.prefix(limit))
        if lie == .scansBackwards { found.reverse() }
        for pair in found { pair.value.withUnsafeBytes { body(pair.key, $0) } }
        return found.count
    }

    func close() throws(BackendError) {}
}
