import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// Fuzzing: cases with ascending seeds, in child processes, so that whatever ends one is seen and the next goes on. Each
// child says on a pipe which case it begins and what it has found; one that says nothing for long hangs. Address space
// and memory of a child are bounded, so that a length out of a file that is believed shows.

final class Fuzz: Sendable {
    private let seed: UInt64
    private let threads: Int
    private let end: ContinuousClock.Instant
    private let lane = Atomic(0)
    private let findings = Mutex(Findings())

    /// What was found.
    private struct Findings {
        var cases = 0
        var forged = 0
        var outcomes = [Int](repeating: 0, count: FuzzTrial.Outcome.allCases.count)
        var violations: [String] = []
        var failure: (any Error)?
    }

    init(seed: UInt64, seconds: Int, threads: Int) {
        (self.seed, self.threads) = (seed, threads)
        end = .now + .seconds(seconds)
    }

    /// Runs children until the time is over. Returns whether nothing was found.
    func run() throws -> Bool {
        onThreads(threads) { [self] in
            let own = lane.wrappingAdd(1, ordering: .relaxed).oldValue
            do { try runChildren(from: seed &+ UInt64(own)) } catch { findings.withLock { $0.failure = error } }
        }
        let found = findings.withLock { $0 }
        if let failure = found.failure { throw failure }
        print("fuzzing: \(found.cases) stores, \(found.forged) of them forged, from seed \(seed) on;")
        let (refused, told, unharmed) = (found.outcomes[0], found.outcomes[1], found.outcomes[2])
        print("  \(refused) refused, \(told) opened and something told, \(unharmed) unharmed")
        for violation in found.violations.prefix(50) { print("VIOLATION \(violation)") }
        print("violations: \(found.violations.count); repeat one with --fuzz-case SEED")
        if found.cases == 0 { throw FuzzError(description: "no case came to its end") }
        return found.violations.isEmpty
    }

    /// Every so-manieth seed, by one child after the other.
    private func runChildren(from first: UInt64) throws {
        var next = first
        while true {
            let left = (end - .now).components
            if left.seconds < 0 || left.seconds == 0 && left.attoseconds <= 0 { return }
            let seconds = Double(left.seconds) + Double(left.attoseconds) / 1e18
            let child = try FuzzProcess(first: next, step: UInt64(threads), seconds: seconds)
            let last = hear(child)
            guard let death = child.end() else { return }
            guard let last else { throw FuzzError(description: "a child \(death) before its first case") }
            findings.withLock { $0.violations.append("seed \(last): the process \(death)") }
            next = last &+ UInt64(threads)
        }
    }

    /// Takes what a child says until it says no more. Returns the last case that it has begun.
    private func hear(_ child: FuzzProcess) -> UInt64? {
        var seed: UInt64?
        while let message = child.hear() {
            switch message {
            case .begin(let begun): seed = begun
            case .end(let outcome, let isForged):
                findings.withLock { found in
                    found.cases += 1
                    found.forged += isForged ? 1 : 0
                    found.outcomes[outcome.rawValue] += 1
                }
            case .violation(let text):
                findings.withLock { $0.violations.append("seed \(seed ?? 0): \(text)") }
            }
        }
        return seed
    }

    /// One case in this process, told in full. Returns whether nothing was found.
    static func runCase(_ seed: UInt64) throws -> Bool {
        say("seed \(seed)")
        var trial = FuzzTrial(seed: seed, stores: try FuzzChild.stores(of: seed), narrate: say)
        say("\(try trial.run())")
        for violation in trial.violations { say("VIOLATION \(violation)") }
        return trial.violations.isEmpty
    }

    /// Prints without a buffer: what was told must be there when the case ends the process.
    private static func say(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { bytes in _ = write(1, bytes.baseAddress, bytes.count) }
    }
}

/// The child's side.
enum FuzzChild {
    /// The address space that a child gets: some stores reserve their share of it.
    private static let addressSpaceBytes = 512 << 30
    /// The memory that one may take: a store of these takes a few MiB.
    private static let memoryKiB = 1 << 20
    /// So many cases begin with the same stores.
    private static let casesOfStores: UInt64 = 4096

    /// One store of each kind, for a case.
    static func stores(of seed: UInt64) throws -> [FuzzStore] {
        let group = seed / casesOfStores
        return try FuzzStore.Kind.allCases.map { try FuzzStore($0, seed: group &* 100 &+ UInt64($0.ordinal)) }
    }

    static func run(first: UInt64, step: UInt64, seconds: Double) -> Never {
        var limit = rlimit(rlim_cur: rlim_t(addressSpaceBytes), rlim_max: rlim_t(addressSpaceBytes))
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        limit = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        let end = ContinuousClock.now + .seconds(seconds)
        var seed = first
        var stores: [FuzzStore] = []
        do {
            repeat {
                if stores.isEmpty || seed / casesOfStores != (seed &- step) / casesOfStores {
                    stores = try Self.stores(of: seed)
                }
                FuzzMessage.begin(seed).send()
                var trial = FuzzTrial(seed: seed, stores: stores)
                let outcome = try trial.run()
                for violation in trial.violations { FuzzMessage.violation(violation).send() }
                FuzzMessage.end(outcome, isForged: trial.isForged).send()
                var usage = rusage()
                getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
                if usage.ru_maxrss > memoryKiB {
                    FuzzMessage.violation("it took \(usage.ru_maxrss >> 10) MiB of memory").send()
                    exit(4)
                }
                seed &+= step
            } while ContinuousClock.now < end
        } catch {
            KillTrial.fail(error)
        }
        exit(0)
    }
}

extension FuzzStore.Kind {
    fileprivate var ordinal: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
