import AlexStorage
import LearnedIndex
import PowerLoss
import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// How long a store takes to open, up to its first read, and to its first write: after a clean close and after kill -9,
// without a checkpoint, with one that was asked for when a twentieth of the records was still to come, and with those
// that the store makes by itself. A child writes, and is killed when it has said that it is done. The files are in the
// page cache.

enum RecoveryTime {
    static let valueBytes = 100

    /// Who makes checkpoints.
    enum Checkpoints: String, CaseIterable {
        case none, asked, own

        var options: AlexStoreOptions {
            var options = AlexStoreOptions()
            if self != .own { options.checkpointBytes = 0 }
            options.checkpointsOnClose = self != .none
            return options
        }
    }

    /// The child: writes `records` records with keys in no order, says so, and waits to be killed.
    static func child(_ directory: String, records: Int, _ checkpoints: Checkpoints) throws -> Never {
        let store = try AlexStore(directory: directory, options: checkpoints.options)
        let begin = ContinuousClock.now
        var slowest = 0.0
        var random = SplitMix(state: 1)
        let value = [UInt8](repeating: 7, count: valueBytes)
        for record in 0..<records {
            if checkpoints == .asked && record == records - records / 20 { try store.checkpoint() }
            let before = ContinuousClock.now
            try store.put(value, forKey: Int64(bitPattern: random.next()))
            slowest = max(slowest, seconds(since: before))
        }
        let rate = Int(Double(records) / seconds(since: begin))
        report("checkpoints: \(checkpoints); \(rate) puts a second, the slowest took \(slowest) s\n")
        var told = records
        if write(1, &told, 8) != 8 { exit(3) }
        while true { sleep(1000) }
    }

    /// To standard error: the other stream tells how far the child is.
    private static func report(_ text: String) {
        var text = text
        text.withUTF8 { bytes in _ = write(2, bytes.baseAddress, bytes.count) }
    }

    /// Prints the seconds of each opening.
    static func run(records: Int, repeats: Int) throws {
        for checkpoints in Checkpoints.allCases {
            try KillTrial.withTemporaryDirectory { directory in
                let words = ["--recovery-child", directory, "\(records)", checkpoints.rawValue]
                _ = try KillTrial.killOneChild(words, told: 0, after: 0)
                try time("after kill -9, checkpoints: \(checkpoints)", directory, records, repeats)
                let store = try AlexStore(directory: directory, options: checkpoints.options)
                let begin = ContinuousClock.now
                try store.close()
                print("close, checkpoints: \(checkpoints): \(seconds(since: begin)) s")
                try time("after a clean close, checkpoints: \(checkpoints)", directory, records, repeats)
                if checkpoints == .asked { try timeWrite(directory, records) }
            }
        }
    }

    /// How long the first write takes, which needs all of the index, and the reads of some keys before it.
    private static func timeWrite(_ directory: String, _ records: Int) throws {
        let store = try AlexStore(directory: directory)
        var random = SplitMix(state: 1)
        var (begin, slowest) = (ContinuousClock.now, 0.0)
        for _ in 0..<1000 {
            let before = ContinuousClock.now
            _ = try store.bytes(forKey: Int64(bitPattern: random.next()))
            slowest = max(slowest, seconds(since: before))
        }
        print("the first 1000 reads: \(seconds(since: begin)) s, the slowest took \(slowest) s")
        begin = ContinuousClock.now
        try store.put([1], forKey: Int64(bitPattern: random.next()))
        print("the first write behind them: \(seconds(since: begin)) s")
    }

    /// Opens the store some times, and leaves it each time as a crash would.
    private static func time(
        _ what: String, _ directory: String, _ records: Int, _ repeats: Int
    ) throws {
        var random = SplitMix(state: 1)
        let key = Int64(bitPattern: random.next())
        var times: [(open: Double, read: Double)] = []
        var report = ""
        for _ in 0..<repeats {
            let begin = ContinuousClock.now
            let store = try AlexStore(directory: directory)
            let open = seconds(since: begin)
            let value = try store.bytes(forKey: key)
            times.append((open, seconds(since: begin)))
            report = "\(store.recovery)"
            if value == nil || store.count != records {
                throw AlexStoreError.unsupported("\(store.count) of \(records) records; \(store.recovery)")
            }
        }
        times.sort { $0.read < $1.read }
        let texts = times.map { "\($0.read)" }
        print("\(what), \(records) records of \(valueBytes) bytes, open to first read:")
        print("  \(texts.joined(separator: ", ")) s; the fastest opened in \(times[0].open) s")
        print("  \(report)")
    }

    /// To the hundredth of a millisecond.
    private static func seconds(since begin: ContinuousClock.Instant) -> Double {
        let time = (ContinuousClock.now - begin).components
        return ((Double(time.seconds) + Double(time.attoseconds) / 1e18) * 100_000).rounded() / 100_000
    }
}
