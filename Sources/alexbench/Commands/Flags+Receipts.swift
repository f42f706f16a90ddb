import BenchmarkKit
import StorageBackends

extension Flags {
    static let noReceipts = Flag<Bool>.toggle(
        "no-receipts", "don't observe each engine's syncs and writes in a traced child process before the run")
}
