import AlexStorage
import LearnedIndex
import PowerLoss
import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// How long a store takes to open after kill -9: a child writes, is killed when it has said that it is done, and the
// store is opened. Each time on a copy of what the child left, as opening changes a store.

enum RecoveryTime {
    static let valueBytes = 100

    /// The child: writes `records` records with keys in no order, says so, and waits to be killed.
    static func child(_ directory: String, records: Int) throws -> Never {
        let store = try AlexStore(directory: directory)
        var random = SplitMix(state: 1)
        let value = [UInt8](repeating: 7, count: valueBytes)
        for _ in 0..<records { try store.put(value, forKey: Int64(bitPattern: random.next())) }
        var told = records
        if write(1, &told, 8) != 8 { exit(3) }
        while true { sleep(1000) }
    }

    /// Prints the seconds of each opening.
    static func run(records: Int, repeats: Int) throws {
        var seconds: [Double] = []
        for _ in 0..<repeats {
            try KillTrial.withTemporaryDirectory { directory in
                _ = try KillTrial.killOneChild(
                    ["--recovery-child", directory, "\(records)"], told: 0, after: 0)
                let begin = ContinuousClock.now
                let store = try AlexStore(directory: directory)
                let time = ContinuousClock.now - begin
                if store.count != records || store.recovery.wasClean {
                    throw AlexStoreError.unsupported("\(store.count) of \(records) records were recovered")
                }
                seconds.append(Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18)
            }
        }
        seconds.sort()
        let texts = seconds.map { "\(($0 * 10_000).rounded() / 10_000)" }
        print("open after kill -9, \(records) records of \(valueBytes) bytes: \(texts.joined(separator: ", ")) s")
    }
}
