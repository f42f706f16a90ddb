import AlexStorage
import PowerLoss
import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// Real kills: a child process commits and says so on a pipe; it is killed at a random time; the store is opened, and
// must hold every commit that was told, at most one more, and no part of one. Then the next child goes on there.

enum KillTrial {
    /// Commit number `number` writes its own number and one more pair, as one batch.
    static func pairs(of number: Int) -> [(key: Int64, value: [UInt8])] {
        let bytes = number * 37 % 900
        return [
            (key: -1, value: withUnsafeBytes(of: number) { Array($0) }),
            (
                key: Int64(number * 7919 % 997),
                value: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: bytes)
            ),
        ]
    }

    static func state(after commits: Int) -> [Int64: [UInt8]] {
        var state: [Int64: [UInt8]] = [:]
        for number in 0..<commits { for pair in pairs(of: number) { state[pair.key] = pair.value } }
        return state
    }

    private static func options(_ durability: Durability) -> AlexStoreOptions {
        var options = AlexStoreOptions(durability: durability)
        options.segmentBytesLimit = 1 << 20
        options.growthStepBytes = 256 << 10
        options.addressSpaceBytes = 4 << 30
        options.checkpointBytes = 100 << 10
        options.automaticCompaction = eagerCompaction
        return options
    }

    /// Compacts whenever a third of some 100 KiB is garbage, so that kills meet it at work.
    static var eagerCompaction: AutomaticCompaction {
        var automatic = AutomaticCompaction()
        automatic.garbageShareMin = 0.3
        automatic.garbageBytesMin = 100 << 10
        automatic.lookBytes = 32 << 10
        return automatic
    }

    /// The child: commits from `first` on, and tells each on standard output.
    static func child(_ directory: String, _ durability: Durability, first: Int) throws -> Never {
        let store = try AlexStore(directory: directory, options: options(durability))
        let committer = store.committer()
        var number = first
        while true {
            let pairs = pairs(of: number)
            let body = { (transaction: WriteTransaction) throws in
                for pair in pairs { try transaction.put(pair.value, forKey: pair.key) }
            }
            switch number % 3 {
            case 0: try store.putBatch(pairs)
            case 1: try store.transaction(body)
            default: try committer.transaction(body)
            }
            number += 1
            if number % 64 == 0 { try store.checkpoint() }
            var told = number
            if write(1, &told, 8) != 8 { exit(3) }
        }
    }

    /// Kills `kills` children, ten on each store, so that opening it does not come to take most of the time.
    static func run(kills: Int, durability: Durability, seed: UInt64) throws -> Tally {
        var tally = Tally()
        for first in stride(from: 0, to: kills, by: 10) {
            let seed = seed &+ UInt64(first)
            tally.add(try runOnOneStore(kills: min(10, kills - first), durability: durability, seed: seed))
        }
        return tally
    }

    /// Kills `kills` children, one after the other, on one store.
    private static func runOnOneStore(kills: Int, durability: Durability, seed: UInt64) throws -> Tally {
        try withTemporaryDirectory { directory in
            try runOnOneStore(directory, kills: kills, durability: durability, seed: seed)
        }
    }

    /// A new directory for the time of a call.
    static func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
        var template = Array("/tmp/alexstorage-torture-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StorageIOError(call: "mkdtemp", name: "/tmp", code: errno) }
        let directory = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        defer { removeTree(directory) }
        return try body(directory)
    }

    private static func runOnOneStore(
        _ directory: String, kills: Int, durability: Durability, seed: UInt64
    ) throws -> Tally {
        var random = SplitMix(state: seed)
        var tally = Tally()
        var commits = 0
        for kill in 0..<kills {
            let words = ["--child", directory, durability.rawValue, "\(commits)"]
            let told = try killOneChild(words, told: commits, after: random.below(20_000))
            tally.kills += 1
            let place = "kill \(kill), \(durability), seed \(seed)"
            let store = try AlexStore(directory: directory, options: options(durability))
            let number = try store.bytes(forKey: -1)?.withUnsafeBytes { $0.loadUnaligned(as: Int.self) } ?? -1
            commits = number + 1
            if commits < told || commits > told + 1 {
                tally.violations.append("\(place): \(commits) commits are there, \(told) were acknowledged")
            }
            var found: [Int64: [UInt8]] = [:]
            try store.scan { key, value in
                found[key] = Array(value)
                return true
            }
            if case .used = store.recovery.checkpoint { tally.checkpoints += 1 }
            if found != state(after: commits) {
                tally.violations.append("\(place): the state is none of the history's")
            }
        }
        return tally
    }

    /// Starts this program with `words` and kills it some time after it has told its first number. Returns the last
    /// number that it told, `told` if there was none.
    static func killOneChild(_ words: [String], told: Int, after microseconds: Int) throws -> Int {
        var told = told
        try killOneChild(words, after: microseconds) { told = $0 }
        return told
    }

    /// The same, handing on every number that it told.
    static func killOneChild(_ words: [String], after microseconds: Int, heard: (Int) -> Void) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw StorageIOError(call: "pipe", name: "acknowledgements", code: errno) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        var arguments: [UnsafeMutablePointer<CChar>?] = (["torture"] + words).map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        let spawned = posix_spawn(&child, "/proc/self/exe", &actions, nil, arguments, environ)
        close(ends[1])
        guard spawned == 0 else { throw StorageIOError(call: "posix_spawn", name: "/proc/self/exe", code: spawned) }
        // The first commit begins the time, so that children are killed at work, not at their start.
        var number = 0
        if read(ends[0], &number, 8) == 8 { heard(number) }
        usleep(UInt32(microseconds))
        kill(child, SIGKILL)
        while read(ends[0], &number, 8) == 8 { heard(number) }
        close(ends[0])
        var status: Int32 = 0
        waitpid(child, &status, 0)
        // The lowest seven bits are the signal that ended it: see wait(2).
        if status & 0x7F != SIGKILL { throw ChildError(description: "a child ended by itself, with status \(status)") }
    }

    /// A child that was not there to be killed.
    struct ChildError: Error, CustomStringConvertible { let description: String }

    /// Ends a child that has failed, with the reason on standard error.
    static func fail(_ error: any Error) -> Never {
        var text = "\(error)\n"
        text.withUTF8 { bytes in _ = write(2, bytes.baseAddress, bytes.count) }
        exit(2)
    }

    private static func removeTree(_ path: String) {
        if let names = try? SystemFileSystem.shared.list(path) {
            for name in names { removeTree(path + "/" + name) }
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
