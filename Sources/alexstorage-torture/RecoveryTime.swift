import AlexStorage
import LearnedIndex
import PowerLoss
import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// How long a store takes to open, up to its first read: after a clean close and after kill -9, with a checkpoint and
// without. A child writes, and is killed when it has said that it is done; with a checkpoint, it makes one when a
// twentieth of the records is still to come. The files are in the page cache.

enum RecoveryTime {
    static let valueBytes = 100

    /// The child: writes `records` records with keys in no order, says so, and waits to be killed.
    static func child(_ directory: String, records: Int, withCheckpoint: Bool) throws -> Never {
        let store = try AlexStore(directory: directory)
        var random = SplitMix(state: 1)
        let value = [UInt8](repeating: 7, count: valueBytes)
        for record in 0..<records {
            if withCheckpoint && record == records - records / 20 { try store.checkpoint() }
            try store.put(value, forKey: Int64(bitPattern: random.next()))
        }
        var told = records
        if write(1, &told, 8) != 8 { exit(3) }
        while true { sleep(1000) }
    }

    /// Prints the seconds of each opening.
    static func run(records: Int, repeats: Int) throws {
        for withCheckpoint in [false, true] {
            try KillTrial.withTemporaryDirectory { directory in
                let words = ["--recovery-child", directory, "\(records)", withCheckpoint ? "1" : "0"]
                _ = try KillTrial.killOneChild(words, told: 0, after: 0)
                let with = withCheckpoint ? "with" : "without"
                try time("after kill -9, \(with) a checkpoint", directory, records, repeats, withCheckpoint)
                var options = AlexStoreOptions()
                options.checkpointsOnClose = withCheckpoint
                let store = try AlexStore(directory: directory, options: options)
                let begin = ContinuousClock.now
                try store.close()
                print("close \(with) a checkpoint: \(seconds(since: begin)) s")
                try time("after a clean close, \(with) a checkpoint", directory, records, repeats, withCheckpoint)
            }
        }
    }

    /// Opens the store some times, and leaves it each time as a crash would.
    private static func time(
        _ what: String, _ directory: String, _ records: Int, _ repeats: Int, _ withCheckpoint: Bool
    ) throws {
        var random = SplitMix(state: 1)
        let key = Int64(bitPattern: random.next())
        var times: [(open: Double, read: Double)] = []
        for _ in 0..<repeats {
            let begin = ContinuousClock.now
            let store = try AlexStore(directory: directory)
            let open = seconds(since: begin)
            let value = try store.bytes(forKey: key)
            times.append((open, seconds(since: begin)))
            let isUsed = store.recovery.checkpoint == .used
            if value == nil || store.count != records || isUsed != withCheckpoint {
                throw AlexStoreError.unsupported("\(store.count) of \(records) records; \(store.recovery)")
            }
        }
        times.sort { $0.read < $1.read }
        let texts = times.map { "\($0.read)" }
        print("\(what), \(records) records of \(valueBytes) bytes, open to first read:")
        print("  \(texts.joined(separator: ", ")) s; the fastest opened in \(times[0].open) s")
    }

    /// To the tenth of a millisecond.
    private static func seconds(since begin: ContinuousClock.Instant) -> Double {
        let time = (ContinuousClock.now - begin).components
        return ((Double(time.seconds) + Double(time.attoseconds) / 1e18) * 10_000).rounded() / 10_000
    }
}
