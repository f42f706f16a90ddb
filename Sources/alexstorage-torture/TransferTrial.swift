import AlexStorage
import PowerLoss
import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// Real kills of threads that move money: each transaction of a committer takes some from one account and gives it to
// another, and counts up a number of its thread's own, which the thread tells on a pipe when the commit has returned.
// The store compacts by itself meanwhile. After the kill the sum must be what it was, so that no transaction was kept
// in part and none has passed over another's write; and each thread's number must be the last that it told, or the
// next.

enum TransferTrial {
    private static let accounts = 16
    private static let threads = 3
    private static let balance = 1000
    /// So that there is something to compact.
    private static let valueBytes = 200

    private static func value(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: number) { Array($0) } + [UInt8](repeating: 0, count: valueBytes - 8)
    }

    private static func number(_ value: [UInt8]?) -> Int {
        value?.withUnsafeBytes { $0.loadUnaligned(as: Int.self) } ?? 0
    }

    private static func counter(of thread: Int) -> Int64 { -1 - Int64(thread) }

    private static func options(_ durability: Durability) -> AlexStoreOptions {
        var options = AlexStoreOptions(durability: durability)
        options.segmentBytesLimit = 64 << 10
        options.growthStepBytes = 16 << 10
        options.addressSpaceBytes = 4 << 30
        options.checkpointBytes = 100 << 10
        options.automaticCompaction = KillTrial.eagerCompaction
        return options
    }

    /// The child: its threads transfer until they are killed. Tells thread × 2^48 + number.
    static func child(_ directory: String, _ durability: Durability, seed: UInt64) throws -> Never {
        let committer = try AlexStore(directory: directory, options: options(durability)).committer()
        for thread in 0..<threads {
            startThread {
                do { try transfer(committer, thread, seed) } catch { KillTrial.fail(error) }
            }
        }
        while true { sleep(1000) }
    }

    private static func transfer(_ committer: StoreCommitter, _ thread: Int, _ seed: UInt64) throws {
        var random = SplitMix(state: seed &+ UInt64(thread))
        var count = number(try committer.bytes(forKey: counter(of: thread)))
        while true {
            let (from, to) = (Int64(random.below(accounts)), Int64(random.below(accounts)))
            let amount = random.below(10)
            do {
                try committer.transaction { transaction in
                    let source = number(try transaction.bytes(forKey: from)) - amount
                    try transaction.put(value(source), forKey: from)
                    let target = number(try transaction.bytes(forKey: to)) + amount
                    try transaction.put(value(target), forKey: to)
                    try transaction.put(value(count + 1), forKey: counter(of: thread))
                }
            } catch AlexStoreError.conflict {
                continue
            }
            count += 1
            var told = thread << 48 + count
            if write(1, &told, 8) != 8 { exit(3) }
        }
    }

    /// Kills `kills` children, ten on each store.
    static func run(kills: Int, durability: Durability, seed: UInt64) throws -> Tally {
        var tally = Tally()
        for first in stride(from: 0, to: kills, by: 10) {
            try KillTrial.withTemporaryDirectory { directory in
                let store = try AlexStore(directory: directory, options: options(durability))
                try store.putBatch((0..<accounts).map { (key: Int64($0), value: value(balance)) })
                try store.close()
                for kill in first..<min(first + 10, kills) {
                    try runOnce(directory, durability, seed &+ UInt64(kill) &* 1000, &tally)
                }
            }
        }
        return tally
    }

    private static func runOnce(
        _ directory: String, _ durability: Durability, _ seed: UInt64, _ tally: inout Tally
    ) throws {
        var random = SplitMix(state: seed)
        var told = try counters(directory, durability)
        let words = ["--transfer-child", directory, durability.rawValue, "\(seed)"]
        try KillTrial.killOneChild(words, after: random.below(20_000)) { heard in
            told[heard >> 48] = heard & (1 << 48 - 1)
        }
        tally.kills += 1
        let place = "transfers, \(durability), seed \(seed)"
        let store = try AlexStore(directory: directory, options: options(durability))
        var sum = 0
        for account in 0..<accounts { sum += number(try store.bytes(forKey: Int64(account))) }
        if sum != accounts * balance { tally.violations.append("\(place): the sum is \(sum)") }
        for thread in 0..<threads {
            let found = number(try store.bytes(forKey: counter(of: thread)))
            if found != told[thread] && found != told[thread] + 1 {
                tally.violations.append("\(place): thread \(thread) has \(found), \(told[thread]) were acknowledged")
            }
        }
        if let damage = try store.verify().damage { tally.violations.append("\(place): \(damage)") }
        if try store.statistics().perSegment.contains(where: \.isCompacted) { tally.killsOfCompacted += 1 }
        try store.close()
    }

    /// What each thread's number is.
    private static func counters(_ directory: String, _ durability: Durability) throws -> [Int] {
        let store = try AlexStore(directory: directory, options: options(durability))
        defer { try? store.close() }
        return try (0..<threads).map { number(try store.bytes(forKey: counter(of: $0))) }
    }
}
