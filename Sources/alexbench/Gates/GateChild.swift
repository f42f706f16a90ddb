import AlexStorage
import BenchmarkKit
import Foundation

/// The program as a child of `alexbench gates`: not for users, so it is in no help.
enum GateChild {
    static let word = "--gate-child"
    static let filled = "filled"

    /// Runs what the words ask for, or returns `nil` for the words of a user.
    static func run(_ words: [String]) -> ExitCode? {
        guard words.first == word else { return nil }
        guard words.count == 4, let records = UInt64(words[3]) else { return .usage }
        do {
            switch words[1] {
            case "fill":
                var options = AlexStoreOptions()
                // What is timed is recovery of the whole log.
                options.checkpointBytes = 0
                let store = try AlexStore(directory: words[2], options: options)
                try fill(store, records)
                try Console.data("\(filled)\n")
                while true { sleep(1_000) }
            case "open": try withStore(words[2]) { _ in }
            case "scan": try withStore(words[2]) { try scan($0, records) }
            case "query": try withStore(words[2]) { try query($0, records) }
            default: return .usage
            }
            return .fine
        } catch {
            Console.message("\(error)\n")
            return .failure
        }
    }

    /// The key of a record: scattered.
    static func key(_ record: UInt64, _ records: UInt64) -> Int64 {
        Int64(bitPattern: (record &+ 1) &* 0x9E37_79B9_7F4A_7C15)
    }

    static func fill(_ store: AlexStore, _ records: UInt64) throws {
        let value = [UInt8](repeating: 7, count: GateMeasurement.valueBytes)
        for record in 0..<records { try store.put(value, forKey: key(record, records)) }
    }

    private static func withStore(_ directory: String, _ body: (AlexStore) throws -> Void) throws {
        var options = AlexStoreOptions()
        // valgrind allows no more.
        options.addressSpaceBytes = 8 << 30
        options.checkpointsOnClose = false
        options.checkpointBytes = 0
        let store = try AlexStore(directory: directory, options: options)
        try body(store)
        try store.close()
    }

    private static func scan(_ store: AlexStore, _ records: UInt64) throws {
        var found: UInt64 = 0
        var sum: UInt64 = 0
        try store.scan { _, value in
            found += 1
            sum &+= UInt64(value.first ?? 0)
            return true
        }
        guard found == records, sum == 7 * records else {
            throw Failure(.verificationFailed, "the scan misses records")
        }
    }

    /// As many reads as a tenth of the records, in no order.
    private static func query(_ store: AlexStore, _ records: UInt64) throws {
        for number in 0..<records / 10 {
            let record = (number &* 7_919) % records
            let sum = try store.withValue(forKey: key(record, records)) { Int($0.first ?? 0) }
            guard sum == 7 else { throw Failure(.verificationFailed, "record \(record) is missing") }
        }
    }
}
