import AlexStorage

/// What `alexbench gates` has valgrind simulate: a store opened, then scanned or read at random, and closed.
///
/// alexstorage-torture runs it too, because it links no other engine: a RocksDB that was compiled for the processor at
/// hand has instructions that valgrind does not know, in alexbench and not in alexstorage-torture. What happens to the
/// store is the same code in both. The store is filled outside valgrind, whose 3.19 can't always map a log to write to.
package enum StoreSweep: String, CaseIterable {
    case open, scan, query

    /// The first word of a program that runs this: `word ACTION DIRECTORY RECORDS`.
    package static let word = "--store-sweep"
    package static let valueBytes = 100

    /// A store that does not hold what it was filled with.
    package struct Problem: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs what the words ask for, or returns `nil` for words of another kind.
    /// - Returns: 0, or 64 for an unknown action.
    package static func run(_ words: [String]) throws -> Int32? {
        guard words.first == word else { return nil }
        guard words.count == 4, let action = StoreSweep(rawValue: words[1]), let records = UInt64(words[3]) else {
            return 64
        }
        var options = AlexStoreOptions()
        // valgrind allows no more.
        options.addressSpaceBytes = 8 << 30
        options.checkpointsOnClose = false
        options.checkpointBytes = 0
        let store = try AlexStore(directory: words[2], options: options)
        switch action {
        case .open: break
        case .scan: try scan(store, records)
        case .query: try query(store, records)
        }
        try store.close()
        return 0
    }

    /// The key of a record: scattered.
    package static func key(_ record: UInt64) -> Int64 {
        Int64(bitPattern: (record &+ 1) &* 0x9E37_79B9_7F4A_7C15)
    }

    package static func fill(_ store: AlexStore, _ records: UInt64) throws {
        let value = [UInt8](repeating: 7, count: valueBytes)
        for record in 0..<records { try store.put(value, forKey: key(record)) }
    }

    private static func scan(_ store: AlexStore, _ records: UInt64) throws {
        var found: UInt64 = 0
        var sum: UInt64 = 0
        try store.scan { _, value in
            found += 1
            sum &+= UInt64(value.first ?? 0)
            return true
        }
        guard found == records, sum == 7 * records else { throw Problem(description: "the scan misses records") }
    }

    /// As many reads as a tenth of the records, in no order.
    private static func query(_ store: AlexStore, _ records: UInt64) throws {
        for number in 0..<records / 10 {
            let record = (number &* 7_919) % records
            let sum = try store.withValue(forKey: key(record)) { Int($0.first ?? 0) }
            guard sum == 7 else { throw Problem(description: "record \(record) is missing") }
        }
    }
}
