import BenchmarkKit
import Foundation
import StorageBackends

/// The program as the child that is traced: not for users, so it is in no help.
enum ObservedChild {
    /// Runs what the words ask for, or returns `nil` for the words of a user.
    static func run(_ words: [String]) -> ExitCode? {
        guard words.first == CommitObserver.childWord else { return nil }
        guard words.count == 5 else { return .usage }
        let directory = words[2]
        if words[1] == CommitObserver.calibrationWord {
            guard let syncs = Int(words[3]), let writes = Int(words[4]) else { return .usage }
            return CommitProbe.calibrate(directory: directory, syncs: syncs, writes: writes) == 0 ? .fine : .failure
        }
        guard let backend = BackendTable.descriptor(named: words[1]),
            let durability = DurabilityClass(rawValue: words[3]), let valueBytes = UInt32(words[4])
        else { return .usage }
        do {
            try CommitProbe.run(backend, directory: directory, durability: durability, valueBytes: valueBytes)
            return .fine
        } catch {
            // The parent reads it; where it can't be written the parent tells the exit code instead.
            let reason = CommitObserver.reasonFile(directory)
            try? error.message.write(toFile: reason, atomically: false, encoding: .utf8)
            return .failure
        }
    }
}
