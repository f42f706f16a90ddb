import Foundation
import StorageBackends

extension OperationStream {
    /// The operations of the phases so far as a trace; `nil` where the stream is not recorded.
    func recorded() -> Data? {
        recording?.data(workload: workload, seed: seed, summary: OperationTrace.Summary(self))
    }
}

/// Goes through the bytes of a trace.
struct TraceReader {
    let bytes: [UInt8]
    var place: Int
    let end: Int

    /// A little-endian integer of `count` bytes, `nil` where the bytes end before it.
    mutating func word(_ count: Int) -> UInt64? {
        guard end - place >= count else { return nil }
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(bytes[place + index]) << UInt64(8 * index) }
        place += count
        return word
    }

    mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
        guard place <= end, count <= UInt64(end - place) else { return nil }
        defer { place += Int(count) }
        return bytes[place..<(place + Int(count))]
    }

    private mutating func number() -> UInt64? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while place < end, shift < 64 {
            let byte = bytes[place]
            place += 1
            number |= UInt64(byte & 127) << shift
            if byte < 128 { return number }
            shift += 7
        }
        return nil
    }

    /// The next operation; `nil` at the end, or where there is none that could be.
    mutating func step() -> OperationTrace.Step? {
        guard place < end, let kind = StorageBackends.Operation.Kind(rawValue: bytes[place]) else { return nil }
        place += 1
        if kind == .insert { return OperationTrace.Step(kind: kind) }
        guard let record = number() else { return nil }
        guard kind == .scan else { return OperationTrace.Step(kind: kind, record: record) }
        guard let length = number(), (1...1_000_000).contains(length) else { return nil }
        return OperationTrace.Step(kind: kind, record: record, length: UInt32(length))
    }
}

/// Gathers the operations of a stream's phases.
struct TraceWriter {
    private var phases: [UInt64] = []
    private var operations: [UInt8] = []

    mutating func beginPhase() { phases.append(0) }

    /// Notes an operation of the current phase. Before the first phase is the load, which is not noted.
    mutating func append(_ operation: StorageBackends.Operation) {
        guard !phases.isEmpty else { return }
        phases[phases.count - 1] += 1
        operations.append(operation.kind.rawValue)
        if operation.kind == .insert { return }
        append(operation.kind == .readAbsent ? operation.record &- KeyMapping.absentRecords : operation.record)
        if operation.kind == .scan { append(UInt64(operation.length)) }
    }

    private mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 128 {
            operations.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        operations.append(UInt8(rest))
    }

    /// The whole file.
    func data(workload: Workload, seed: UInt64, summary: OperationTrace.Summary) -> Data {
        var bytes = OperationTrace.magic
        func append(_ word: UInt64, _ count: Int) {
            for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * index))) }
        }
        let json = Array(workload.json())
        append(OperationTrace.version, 4)
        append(UInt64(json.count), 4)
        bytes += json
        append(seed, 8)
        append(UInt64(phases.count), 4)
        for operations in phases { append(operations, 8) }
        bytes += operations
        append(summary.hash, 8)
        for word in summary.digest { append(word, 8) }
        append(OperationTrace.checksum(bytes[...]), 8)
        return Data(bytes)
    }
}
