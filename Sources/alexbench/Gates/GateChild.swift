import AlexStorage
import Foundation
import PowerLoss

/// The program as a child of `alexbench gates`: not for users, so it is in no help.
enum GateChild {
    static let word = "--gate-child"
    static let filled = "filled"

    /// Runs what the words ask for, or returns `nil` for the words of a user.
    static func run(_ words: [String]) -> ExitCode? {
        do {
            if let code = try StoreSweep.run(words) { return ExitCode(rawValue: code) ?? .failure }
            guard words.first == word else { return nil }
            guard words.count == 3, let records = UInt64(words[2]) else { return .usage }
            try fillAndWait(words[1], records)
            return .fine
        } catch {
            Console.message("\(error)\n")
            return .failure
        }
    }

    /// Fills a store and waits to be killed.
    private static func fillAndWait(_ directory: String, _ records: UInt64) throws {
        var options = AlexStoreOptions()
        // What is timed is recovery of the whole log.
        options.checkpointBytes = 0
        let store = try AlexStore(directory: directory, options: options)
        try StoreSweep.fill(store, records)
        try Console.data("\(filled)\n")
        while true { sleep(1_000) }
    }
}
