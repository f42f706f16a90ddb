import AlexStorage
import PowerLoss

// What compaction gives back, and how a scan of everything fares before and after: a store whose keys came in no order
// and were all written twice.

enum CompactionTime {
    static let valueBytes = 100

    /// Prints space and times of one store of `keys` keys.
    static func run(keys: Int) throws {
        try KillTrial.withTemporaryDirectory { directory in
            let store = try AlexStore(directory: directory)
            let value = [UInt8](repeating: 7, count: valueBytes)
            for _ in 0..<2 {
                var random = SplitMix(state: 1)
                for _ in 0..<keys { try store.put(value, forKey: Int64(bitPattern: random.next())) }
            }
            try tell(store, "before")
            let begin = ContinuousClock.now
            let report = try store.compact(.everything)
            let time = seconds(ContinuousClock.now - begin)
            print("\(report)")
            print("compaction: \(time) s, \(Int(Double(report.bytesTaken) / time / 1e6)) MB/s of input")
            try tell(store, "after")
            if let damage = try store.verify().damage { throw damage }
            try store.close()
            let reopened = try AlexStore(directory: directory)
            try tell(reopened, "closed and opened again")
            try reopened.close()
        }
    }

    private static func tell(_ store: AlexStore, _ when: String) throws {
        let statistics = try store.statistics()
        let user = Double(statistics.keys * (8 + valueBytes))
        var times: [Double] = []
        for _ in 0..<3 {
            var sum = 0
            let begin = ContinuousClock.now
            try store.scan { _, value in
                sum &+= value.count
                return true
            }
            times.append(seconds(ContinuousClock.now - begin))
            if sum != statistics.keys * valueBytes { throw AlexStoreError.unsupported("the scan misses values") }
        }
        times.sort()
        print(
            "\(when): segments \(Double(statistics.logBytes) / user) of key and value, files "
                + "\(Double(statistics.diskBytes) / user); garbage \(statistics.garbageBytes) bytes; scan of all "
                + "\(times[1]) s")
    }

    private static func seconds(_ time: Duration) -> Double {
        Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }
}
