import BenchmarkKit
import Foundation

/// Two builds that run alternating on this machine: see `PairedRuns`.
struct InterleavedBuilds {
    let old: ChildRun
    let new: ChildRun
    /// The measuring command and its flags, without repeats, seed and output.
    let arguments: [String]
    let pairs: Int
    let seed: UInt64

    /// Runs all pairs; each pair has a seed of its own, from `seed` + `offset` on.
    func run(offset: UInt64 = 0, progress: (Int) -> Void) throws(Failure) -> PairedRuns {
        try withScratchFolder { (scratch: String) throws(Failure) -> PairedRuns in
            var runs = PairedRuns()
            // Observing each engine's system calls takes longer than a short run, and says nothing about its speed.
            var shared = arguments + (try both(know: Flags.noReceipts, scratch) ? ["--no-receipts"] : [])
            shared += ["--repeats", "\(PairedRuns.repeatsPerRun)"]
            let inTurns = try both(know: Flags.turns, scratch)
            for number in 1...pairs {
                let words = shared + ["--seed", "\(seed &+ offset &+ UInt64(number - 1))"]
                let order = PairedRuns.order(pair: number)
                let results =
                    inTurns
                    ? try runInTurns(words, order, scratch) : try runOneAfterTheOther(words, order, scratch)
                for (side, result) in zip(order, results) { runs.add(result, side, pair: number) }
                progress(number)
            }
            return runs
        }
    }

    private func build(_ side: PairedRuns.Side) -> ChildRun { side == .old ? old : new }

    /// An older build may not have a flag.
    private func both(know flag: any AnyFlag, _ scratch: String) throws(Failure) -> Bool {
        for build in [old, new] {
            guard try build.knows(flag.label.spelling, of: arguments[0], scratch: scratch) else { return false }
        }
        return true
    }

    private func runOneAfterTheOther(
        _ words: [String], _ order: [PairedRuns.Side], _ scratch: String
    ) throws(Failure) -> [RunResult] {
        var results: [RunResult] = []
        for side in order { results.append(try build(side).measure(words, scratch: scratch)) }
        return results
    }

    private func runInTurns(
        _ words: [String], _ order: [PairedRuns.Side], _ scratch: String
    ) throws(Failure) -> [RunResult] {
        let first = beginning(build(order[0]), words)
        let second = beginning(build(order[1]), words)
        func read(_ child: RunningChild) throws(Failure) -> RunResult { try child.result() }
        let results = try PairInTurns.run(first, read, second, read)
        return [results.0, results.1]
    }

    private func beginning(_ build: ChildRun, _ words: [String]) -> PairInTurns.Begin {
        func begin(
            _ end: PairInTurns.End, _ folder: String, _ onEnd: @escaping @Sendable () -> Void
        ) throws(Failure) -> RunningChild {
            let turns = ["--turns", "\(end.reading),\(end.writing)"]
            return try build.beginMeasuring(words + turns, scratch: folder, onEnd: onEnd)
        }
        return begin
    }
}
