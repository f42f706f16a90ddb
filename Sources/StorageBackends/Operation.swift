/// One operation of the stream that every backend runs.
@frozen
public struct Operation: Sendable, Hashable {
    @frozen
    public enum Kind: UInt8, Sendable, CaseIterable, Codable {
        /// Read a key that is there.
        case read
        /// Read a key that is not there.
        case readAbsent
        /// Put a key that is not there yet.
        case insert
        /// Put a key that is there.
        case update
        /// Remove a key that is there.
        case remove
        /// Read pairs in key order from this key on.
        case scan
        /// Read a key that is there, then put the next version of its value: one operation. `version` is the one to
        /// write, the one before it is the one to read, whose length lies in the four bytes before the value.
        case readModifyWrite
    }

    public var key: Int64
    /// The record number that the key stands for.
    public var record: UInt64
    /// The value's version: the one to write, or the one that a read must find.
    public var version: UInt32
    /// The value's bytes, or for a scan the number of pairs.
    public var length: UInt32
    /// Where the value to write begins in the slice's value bytes.
    public var valueOffset: UInt32
    public var kind: Kind

    @inlinable
    public init(
        _ kind: Kind, key: Int64, record: UInt64, version: UInt32, length: UInt32, valueOffset: UInt32 = 0
    ) {
        self.kind = kind
        self.key = key
        self.record = record
        self.version = version
        self.length = length
        self.valueOffset = valueOffset
    }
}

/// A short stretch of the operation stream with the values to write already made, so that no time goes into making
/// them. Valid while its owner keeps the memory.
@frozen
public struct OperationSlice {
    public let operations: UnsafeBufferPointer<Operation>
    /// The bytes of all values to write, back to back.
    public let values: UnsafeRawBufferPointer
    public let pattern: ValuePattern
    public let keys: KeyMapping
    /// Whether every value that is read is compared with what it must be.
    public let checksValues: Bool

    @inlinable
    public init(
        operations: UnsafeBufferPointer<Operation>, values: UnsafeRawBufferPointer,
        pattern: ValuePattern, keys: KeyMapping, checksValues: Bool
    ) {
        self.operations = operations
        self.values = values
        self.pattern = pattern
        self.keys = keys
        self.checksValues = checksValues
    }

    /// The value that `operation` writes.
    @inlinable
    public func value(of operation: Operation) -> UnsafeRawBufferPointer {
        // Safe: the slice's maker laid `length` bytes at `valueOffset` of `values` for each operation that writes.
        UnsafeRawBufferPointer(
            start: values.baseAddress.map { $0 + Int(operation.valueOffset) }, count: Int(operation.length))
    }

    /// The length of the value that a read-modify-write must find.
    @inlinable
    func oldLength(of operation: Operation) -> UInt32 {
        guard let base = values.baseAddress else { return 0 }
        // Safe: the slice's maker laid it in the four bytes before the value of each operation of this kind.
        return base.loadUnaligned(fromByteOffset: Int(operation.valueOffset) &- 4, as: UInt32.self)
    }

    /// The same slice, only `range` of it.
    @inlinable
    public subscript(range: Range<Int>) -> OperationSlice {
        OperationSlice(
            operations: UnsafeBufferPointer(rebasing: operations[range]), values: values,
            pattern: pattern, keys: keys, checksValues: checksValues)
    }
}

/// The pairs of one batch put, all of them inserts or updates of a slice.
@frozen
public struct PutBatch {
    public let slice: OperationSlice

    @inlinable
    public init(_ slice: OperationSlice) { self.slice = slice }

    @inlinable
    public var count: Int { slice.operations.count }

    @inlinable
    public func key(at index: Int) -> Int64 { slice.operations[index].key }

    @inlinable
    public func value(at index: Int) -> UnsafeRawBufferPointer { slice.value(of: slice.operations[index]) }
}

/// What a backend's run of the stream came to. Equal for all backends, or the run is not verified.
@frozen
public struct Tally: Sendable, Hashable, Codable {
    /// Reads that found their key.
    public var hits: UInt64 = 0
    /// Reads that did not.
    public var misses: UInt64 = 0
    /// Values compared byte by byte with what they had to be.
    public var checkedValues: UInt64 = 0
    /// Pairs that scans returned.
    public var scannedPairs: UInt64 = 0
    /// Answers that were wrong: a wrong value, a key missing or there against expectation, an order broken.
    public var mismatches: UInt64 = 0
    /// The key of the first wrong answer.
    public var firstMismatch: Int64?
    /// A sum over what was read, so that no read can be optimised away.
    public var readSum: UInt64 = 0

    @inlinable
    public init() {}

    @inlinable
    public mutating func mismatch(_ key: Int64) {
        if mismatches == 0 { firstMismatch = key }
        mismatches &+= 1
    }
}
