import StorageBackends

/// A list of operations with the values that they write: what the runner would make a slice of.
struct Script {
    private(set) var operations: [Operation] = []
    private var values: [UInt8] = []
    private let pattern = ValuePattern(isText: false)

    mutating func append(_ kind: Operation.Kind, record: UInt64, version: UInt32 = 0, length: UInt32 = 24) {
        operations.append(
            Operation(
                kind, key: BackendCase.keys.key(ofRecord: record), record: record, version: version, length: length,
                valueOffset: UInt32(values.count)))
        guard kind == .insert || kind == .update else { return }
        values += Self.value(record: record, version: version, length: length)
    }

    /// The bytes that belong to a record.
    static func value(record: UInt64, version: UInt32 = 0, length: UInt32 = 24) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(length))
        bytes.withUnsafeMutableBytes {
            ValuePattern(isText: false).fill($0, record: record, version: version)
        }
        return bytes
    }

    func withSlice<Result>(checksValues: Bool = true, _ body: (OperationSlice) throws -> Result) rethrows -> Result {
        try operations.withUnsafeBufferPointer { operations in
            try values.withUnsafeBytes { values in
                try body(
                    OperationSlice(
                        operations: operations, values: values, pattern: pattern, keys: BackendCase.keys,
                        checksValues: checksValues))
            }
        }
    }

    /// Records `0..<count`, inserted in order.
    static func inserts(_ count: UInt64) -> Script {
        var script = Script()
        for record in 0..<count { script.append(.insert, record: record) }
        return script
    }
}

extension StorageBackend {
    /// Puts the whole script in batches.
    func load(_ script: Script, batch: Int) throws -> Tally {
        var tally = Tally()
        try script.withSlice { try load($0, batch: batch, tally: &tally) }
        return tally
    }

    func run(_ script: Script, checksValues: Bool = true) throws -> Tally {
        var tally = Tally()
        try script.withSlice(checksValues: checksValues) { try run($0, tally: &tally) }
        return tally
    }
}
