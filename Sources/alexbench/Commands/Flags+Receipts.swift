import BenchmarkKit
import StorageBackends

extension Flags {
    static let noReceipts = Flag<Bool>.toggle(
        "no-receipts", "don't observe each engine's syncs and writes in a traced child process before the run")
    static let rerunOutput = Flag<String?>.text(
        "output", valueName: "FILE", fallback: nil, defaultText: "nowhere", completion: .file,
        "where the new result (JSON) goes")
    static let outputDirectory = Flag<String?>.text(
        "output-dir", valueName: "DIR", fallback: nil, defaultText: nil, completion: .directory,
        "run the files one after the other, each result (JSON) into this folder under its workload's name")
    static let resume = Flag<Bool>.toggle(
        "resume", "with --output-dir: leave complete results, go on with those that stopped")
}
