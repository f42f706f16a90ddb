import StorageBackends

/// The memory of one slice: its operations and the bytes of the values to write, reused from slice to slice.
struct SliceBuffer: ~Copyable {
    private var operations = UnsafeMutableBufferPointer<Operation>.allocate(capacity: 1024)
    private var values = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
    private var operationCount = 0
    private var valueCount = 0

    init() {}

    deinit {
        operations.deallocate()
        values.deallocate()
    }

    mutating func removeAll() {
        operationCount = 0
        valueCount = 0
    }

    mutating func append(_ operation: Operation) {
        if operationCount == operations.count {
            let larger = UnsafeMutableBufferPointer<Operation>.allocate(capacity: operations.count * 2)
            _ = larger.moveInitialize(fromContentsOf: operations[..<operationCount])
            operations.deallocate()
            operations = larger
        }
        operations.initializeElement(at: operationCount, to: operation)
        operationCount += 1
    }

    /// Room for a value behind the last one. Returns where it begins.
    mutating func reserve(_ count: Int) -> Int {
        let place = valueCount
        valueCount += count
        if valueCount > values.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(values.count * 2, valueCount), alignment: 64)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: values[..<place]))
            values.deallocate()
            values = larger
        }
        return place
    }

    func bytes(at place: Int, count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: values[place..<(place + count)])
    }

    func value(of operation: Operation) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(bytes(at: Int(operation.valueOffset), count: Int(operation.length)))
    }

    /// Valid until the buffer is changed or gone.
    func slice(pattern: ValuePattern, keys: KeyMapping) -> OperationSlice {
        OperationSlice(
            operations: UnsafeBufferPointer(rebasing: operations[..<operationCount]),
            values: UnsafeRawBufferPointer(rebasing: values[..<valueCount]), pattern: pattern, keys: keys,
            checksValues: true)
    }
}
