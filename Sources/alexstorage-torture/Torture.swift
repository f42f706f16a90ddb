import AlexStorage
import PowerLoss
import StorageIO
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Crashes the engine as often as asked and checks what comes back. Ends with 0 when all is right, 1 when not, 64 for
/// wrong arguments.
@main
enum Torture {
    struct Arguments {
        var powerLosses = 100_000
        var kills = 200
        var seed = UInt64.random(in: 1...1_000_000_000)
        var threads = 2
        var images = 24
        var mutation = Mutation.none
        /// Records of a store whose opening is timed; with 0 the torture runs.
        var recovery = 0
        /// Keys of a store that is compacted and measured; with 0 the torture runs.
        var compaction = 0
        /// Flips every so-manieth bit of a store instead of the torture, unless it is 0.
        var flips = 0
    }

    static let usage = """
        alexstorage-torture [--power-losses N] [--kills N] [--seed N] [--threads N] [--images N] [--mutation NAME]
        Mutations: \(Mutation.allCases.map(\.rawValue).joined(separator: ", ")). With one, the run must fail, and ends
        at the first violation; with repeated-salts it must not: the sequence numbers hold.
        alexstorage-torture --flips N      flips each n-th bit of a store of 64 KiB with a checkpoint (1: every), cuts
                                           it to every length, zeroes, doubles and swaps its blocks
        alexstorage-torture --recovery N   times the opening of a store of N records, closed and after kill -9
        alexstorage-torture --compaction N space and scans before and after a store of N keys, each written twice, is
                                           compacted
        """

    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        if words.first == "--child", words.count == 4, let durability = Durability(rawValue: words[2]),
            let first = Int(words[3])
        {
            do { try KillTrial.child(words[1], durability, first: first) } catch { exit(2) }
        }
        if words.first == "--recovery-child", words.count == 4, let records = Int(words[2]),
            let checkpoints = RecoveryTime.Checkpoints(rawValue: words[3])
        {
            do { try RecoveryTime.child(words[1], records: records, checkpoints) } catch { exit(2) }
        }
        guard let arguments = parse(words) else {
            print(usage)
            exit(64)
        }
        if arguments.recovery > 0 {
            do { try RecoveryTime.run(records: arguments.recovery, repeats: 5) } catch {
                print(error)
                exit(2)
            }
            exit(0)
        }
        if arguments.compaction > 0 {
            do { try CompactionTime.run(keys: arguments.compaction) } catch {
                print(error)
                exit(2)
            }
            exit(0)
        }
        do { exit(try run(arguments) ? 0 : 1) } catch {
            print(error)
            exit(2)
        }
    }

    private static func parse(_ words: [String]) -> Arguments? {
        var arguments = Arguments()
        var index = 0
        while index < words.count {
            guard index + 1 < words.count else { return nil }
            let value = words[index + 1]
            switch words[index] {
            case "--mutation":
                guard let mutation = Mutation(rawValue: value) else { return nil }
                arguments.mutation = mutation
            case "--seed":
                guard let seed = UInt64(value) else { return nil }
                arguments.seed = seed
            case let name:
                guard let number = Int(value), number >= 0 else { return nil }
                switch name {
                case "--power-losses": arguments.powerLosses = number
                case "--kills": arguments.kills = number
                case "--flips": arguments.flips = number
                case "--recovery": arguments.recovery = number
                case "--compaction": arguments.compaction = number
                case "--threads": arguments.threads = max(number, 1)
                case "--images": arguments.images = max(number, 2)
                default: return nil
                }
            }
            index += 2
        }
        return arguments
    }

    private static func run(_ arguments: Arguments) throws -> Bool {
        if arguments.flips > 0 {
            let counts = try Flips.run(stride: arguments.flips, threads: arguments.threads)
            print("damaged stores of 64 KiB: \(counts.refused) refused, \(counts.told) opened and the damage told,")
            print("  \(counts.unharmed) unharmed")
            return told(counts.violations)
        }
        var whole = Tally()
        whole.add(simulate(arguments))
        for (number, durability) in [Durability.process, .power].enumerated() where arguments.kills > 0 {
            let kills = (arguments.kills + 1 - number) / 2
            whole.add(try KillTrial.run(kills: kills, durability: durability, seed: arguments.seed))
        }
        print("power losses: \(whole.powerLosses) in \(whole.trials) trials, of them \(whole.doubleCrashes) of stores")
        print(
            "  recovered from one, \(whole.checkpoints) recovered from a checkpoint; compactions: \(whole.compactions);"
        )
        print("  real kills: \(whole.kills); first seed \(arguments.seed)")
        return told(whole.violations)
    }

    private static func told(_ violations: [String]) -> Bool {
        for violation in violations.prefix(10) { print("VIOLATION \(violation)") }
        print("violations: \(violations.count)")
        return violations.isEmpty
    }

    /// Trials with ascending seeds, on several threads, until there were enough power losses.
    private static func simulate(_ arguments: Arguments) -> Tally {
        let shared = Shared(arguments)
        onThreads(arguments.threads) { shared.work() }
        return shared.tally.withLock { $0 }
    }

    private final class Shared: Sendable {
        let arguments: Arguments
        let tally = Mutex(Tally())
        let nextSeed: Atomic<UInt64>

        init(_ arguments: Arguments) {
            self.arguments = arguments
            nextSeed = Atomic(arguments.seed)
        }

        func work() {
            let violationsMax = arguments.mutation == .none ? 100 : 1
            while tally.withLock({ $0.powerLosses < arguments.powerLosses && $0.violations.count < violationsMax }) {
                let seed = nextSeed.wrappingAdd(1, ordering: .relaxed).oldValue
                var trial = PowerLossTrial(
                    seed: seed, mutation: arguments.mutation, imagesPerCrash: arguments.images)
                do {
                    try trial.run()
                } catch {
                    tally.withLock { $0.violations.append("seed \(seed): \(error)") }
                }
                let counted = trial.tally
                tally.withLock { $0.add(counted) }
            }
        }
    }
}

/// Runs `body` on so many threads and waits for all of them.
func onThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let box = Box(body)
    var threads: [pthread_t] = []
    for _ in 0..<count {
        var thread = pthread_t()
        let started = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                // Safe: the object outlives the thread, which is joined below.
                Unmanaged<Box>.fromOpaque(argument).takeUnretainedValue().body()
                return nil
            }, Unmanaged.passUnretained(box).toOpaque())
        if started == 0 { threads.append(thread) }
    }
    for thread in threads { pthread_join(thread, nil) }
    withExtendedLifetime(box) {}
}
