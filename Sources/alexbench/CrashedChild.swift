import BenchmarkKit

/// The program as a child of `alexbench crash`: not for users, so it is in no help.
enum CrashedChild {
    /// Runs what the words ask for, or returns `nil` for the words of a user.
    static func run(_ words: [String]) -> ExitCode? {
        guard words.first == CrashChild.childWord else { return nil }
        guard let child = CrashChild(words, backends: BackendTable.descriptor(named:)) else { return .usage }
        return child.run() == 0 ? .fine : .failure
    }
}
