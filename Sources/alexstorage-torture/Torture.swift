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
        /// Seconds of fuzzing instead of the torture, unless it is 0.
        var fuzz = 0
        /// One case of the fuzzing, told in full.
        var fuzzCase: UInt64?
        /// Runs all mutations, each for so many power losses at most.
        var mutations = 0
    }

    static let usage = """
        alexstorage-torture [--power-losses N] [--kills N] [--seed N] [--threads N] [--images N] [--mutation NAME]
        Mutations: \(Mutation.allCases.map(\.rawValue).joined(separator: ", ")). With one, the run must fail, and ends
        at the first violation; with repeated-salts it must not: the sequence numbers hold.
        alexstorage-torture --mutations N  all of them in turn, each for N power losses at most, as a table; fails if
                                           one that must be found is not
        alexstorage-torture --flips N      flips each n-th bit of a store of 64 KiB with a checkpoint (1: every), cuts
                                           it to each n-th length, zeroes, doubles and swaps its blocks
        alexstorage-torture --fuzz N       opens, scans, verifies, salvages and uses damaged and forged stores for N
                                           seconds, in child processes; --seed N says where to begin
        alexstorage-torture --fuzz-case N  one case of that, told in full
        alexstorage-torture --recovery N   times the opening of a store of N records, closed and after kill -9
        alexstorage-torture --compaction N space and scans before and after a store of N keys, each written twice, is
                                           compacted
        """

    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        if words.first == "--child", words.count == 4, let durability = Durability(rawValue: words[2]),
            let first = Int(words[3])
        {
            do { try KillTrial.child(words[1], durability, first: first) } catch { KillTrial.fail(error) }
        }
        if words.first == "--transfer-child", words.count == 4, let durability = Durability(rawValue: words[2]),
            let seed = UInt64(words[3])
        {
            do { try TransferTrial.child(words[1], durability, seed: seed) } catch { KillTrial.fail(error) }
        }
        if words.first == "--fuzz-child", words.count == 4, let first = UInt64(words[1]), let step = UInt64(words[2]),
            let seconds = Double(words[3])
        {
            FuzzChild.run(first: first, step: step, seconds: seconds)
        }
        if words.first == "--recovery-child", words.count == 4, let records = Int(words[2]),
            let checkpoints = RecoveryTime.Checkpoints(rawValue: words[3])
        {
            do { try RecoveryTime.child(words[1], records: records, checkpoints) } catch { exit(2) }
        }
        do {
            if let code = try StoreSweep.run(words) { exit(code) }
        } catch {
            print(error)
            exit(1)
        }
        guard let arguments = parse(words) else {
            print(usage)
            exit(64)
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
                case "--fuzz": arguments.fuzz = number
                case "--fuzz-case": arguments.fuzzCase = UInt64(number)
                case "--mutations": arguments.mutations = number
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
        if arguments.recovery > 0 {
            try RecoveryTime.run(records: arguments.recovery, repeats: 5)
            return true
        }
        if arguments.compaction > 0 {
            try CompactionTime.run(keys: arguments.compaction)
            return true
        }
        if let number = arguments.fuzzCase { return try Fuzz.runCase(number) }
        if arguments.fuzz > 0 {
            return try Fuzz(seed: arguments.seed, seconds: arguments.fuzz, threads: arguments.threads).run()
        }
        if arguments.mutations > 0 { return runMutations(arguments) }
        if arguments.flips > 0 {
            let counts = try Flips.run(stride: arguments.flips, threads: arguments.threads)
            print("damaged stores of 64 KiB: \(counts.refused) refused, \(counts.told) opened and the damage told,")
            print("  \(counts.unharmed) unharmed")
            return told(counts.violations)
        }
        var whole = Tally()
        whole.add(simulate(arguments))
        for (number, durability) in [Durability.process, .power].enumerated() where arguments.kills > 0 {
            // Two kinds in two classes.
            let kills = (arguments.kills + 3 - 2 * number) / 4
            whole.add(try KillTrial.run(kills: kills, durability: durability, seed: arguments.seed))
            let transfers = (arguments.kills + 2 - 2 * number) / 4
            whole.add(try TransferTrial.run(kills: transfers, durability: durability, seed: arguments.seed))
        }
        print("power losses: \(whole.powerLosses) in \(whole.trials) trials, of them \(whole.doubleCrashes) of stores")
        print("  recovered from one, \(whole.checkpoints) recovered from a checkpoint")
        print("  compactions: \(whole.compactions) asked for, \(whole.automaticCompactions) of the store's own")
        print("  transactions beside another commit: \(whole.transactions), of them in conflict: \(whole.conflicts)")
        print("  real kills: \(whole.kills), of them \(whole.killsOfCompacted) of stores that had compacted themselves")
        print("  first seed \(arguments.seed)")
        return told(whole.violations)
    }

    private static func told(_ violations: [String]) -> Bool {
        for violation in violations.prefix(10) { print("VIOLATION \(violation)") }
        print("violations: \(violations.count)")
        return violations.isEmpty
    }

    /// Takes each defence away in turn, and prints what was found then and how soon.
    private static func runMutations(_ arguments: Arguments) -> Bool {
        func column(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(width - text.count, 0))
        }
        var isRight = true
        print("seed \(arguments.seed)")
        print("\(column("taken away", 26))\(column("found", 7))\(column("after power losses", 20))time")
        for mutation in Mutation.allCases where mutation != .none {
            var arguments = arguments
            arguments.mutation = mutation
            arguments.powerLosses = mutation == .repeatedSalts ? arguments.mutations / 5 : arguments.mutations
            let begin = ContinuousClock.now
            let tally = simulate(arguments)
            let seconds = ContinuousClock.now - begin
            let isFound = !tally.violations.isEmpty
            if isFound == (mutation == .repeatedSalts) { isRight = false }
            let found = column(isFound ? "yes" : "no", 7)
            print("\(column(mutation.rawValue, 26))\(found)\(column("\(tally.powerLosses)", 20))\(seconds)")
            if let first = tally.violations.first { print("    \(first)") }
        }
        print(isRight ? "all as it must be: only repeated salts are not found" : "WRONG: see the column 'found'")
        return isRight
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
