import BenchmarkKit
import StorageBackends

extension Flags {
    static let noReceipts = Flag<Bool>.toggle(
        "no-receipts", "don't observe each engine's syncs and writes in a traced child process before the run")
    static let turns = Flag<String?>.text(
        "turns", valueName: "READ,WRITE", fallback: nil, defaultText: nil, completion: .file,
        "measure in turns with another process, slice by slice, over two FIFOs: compare --exec runs its builds so")
    static let rerunOutput = Flag<String?>.text(
        "output", valueName: "FILE", fallback: nil, defaultText: "nowhere", completion: .file,
        "where the new result (JSON) goes")
    static let outputDirectory = Flag<String?>.text(
        "output-dir", valueName: "DIR", fallback: nil, defaultText: nil, completion: .directory,
        "run the files one after the other, each result (JSON) into this folder under its workload's name")
    static let resume = Flag<Bool>.toggle(
        "resume", "with --output-dir: leave complete results, go on with those that stopped")
    static let memory = Flag<UInt64?>.quantity(
        "memory", valueName: "BYTES", in: (1 << 20)...(1 << 44), fallback: nil,
        defaultText: "each engine's own configuration",
        "what each engine's own caches may hold together: 256Mi, 1G; engines without such a cache are named")
    static let memoryLimit = Flag<UInt64?>.quantity(
        "memory-limit", valueName: "BYTES", in: RunTuning.memoryLimitLeast...(1 << 44), fallback: nil,
        defaultText: "all that the process may have",
        "what the system gives the process while phases run, page cache included: 512Mi; a Linux control group; "
            + "engines run one by one, their own caches within --memory or half of it")
    static let cold = Flag<Bool>.toggle(
        "cold", "begin each phase with stores just opened and their files dropped from the page cache; no warm-up")
}
