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

    /// Both at once, one of them working at any time: see `TurnRelay`.
    private func runInTurns(
        _ words: [String], _ order: [PairedRuns.Side], _ scratch: String
    ) throws(Failure) -> [RunResult] {
        try withScratchFolder { (folder: String) throws(Failure) -> [RunResult] in
            let ends = [try TurnEnd(folder + "/first"), try TurnEnd(folder + "/second")]
            var children: [RunningChild] = []
            for (place, side) in order.enumerated() {
                let (own, other) = (ends[place], ends[1 - place])
                let folder = try makeFolder("\(folder)/\(place)")
                let turns = ["--turns", "\(own.path),\(other.path)"]
                // Whoever ends first, however it ends, leaves the other to itself.
                do throws(Failure) {
                    children.append(
                        try build(side).beginMeasuring(words + turns, scratch: folder) { other.put(TurnRelay.end) })
                } catch {
                    for end in ends { end.put(TurnRelay.end) }
                    for child in children { _ = try? child.result() }
                    throw error
                }
            }
            ends[0].put(TurnRelay.turn)
            let first = Result { () throws(Failure) in try children[0].result() }
            let second = Result { () throws(Failure) in try children[1].result() }
            return [try first.get(), try second.get()]
        }
    }

    private func makeFolder(_ path: String) throws(Failure) -> String {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure(.failure, "\(path): can't be made: \(error)\nfree some space there")
        }
        return path
    }
}

/// A FIFO that one of two processes waits at.
private final class TurnEnd: @unchecked Sendable {
    // Safe to share: neither property changes, and write(2) of one byte is atomic.
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws(Failure) {
        self.path = path
        guard mkfifo(path, 0o600) == 0 else {
            throw Failure(
                .failure, "\(path): no FIFO can be made: \(Console.systemMessage(errno))\nfree some space there")
        }
        descriptor = open(path, O_RDWR | O_CLOEXEC)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func put(_ byte: UInt8) {
        var byte = byte
        _ = write(descriptor, &byte, 1)
    }
}
