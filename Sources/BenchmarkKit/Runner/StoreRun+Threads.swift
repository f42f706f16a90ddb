import Foundation
import StorageBackends

// Phases on several threads, and in the open loop: one slice dealt out by record, all threads at once, one engine at a
// time. The time of a turn is from the first thread's beginning to the last one's end.
extension StoreRun {
    /// What one thread's part of a turn came to.
    private struct Part {
        var tally = Tally()
        var begin: UInt64 = 0
        var end: UInt64 = 0
        var stretches: [(operations: Int, begin: UInt64, nanoseconds: UInt64)] = []
        var error: BackendError?

        var operations: Int { stretches.reduce(0) { $0 + $1.operations } }
    }

    /// Opens each engine's handles where the phase runs on several threads or in the open loop.
    func openCrews(_ phase: Workload.Phase) throws(RunError) {
        guard threads > 1 || (plan.loop.isOpen && phase.batch == 1) else { return }
        if team == nil { team = try ThreadTeam(threads) }
        shares.setWriters(Int(phase.writers))
        for contestant in runners {
            do throws(BackendError) {
                // Before the sessions: it reads the whole store through the handle that may not be used beside them.
                if phase.writersElsewhere && shares.writers > 0 { try openNeighbour(of: contestant) }
                try contestant.openCrew(threads: threads)
            } catch {
                throw RunError(error, backend: contestant.name, row: phase.name)
            }
            if let crew = contestant.crew { recorder.addReceipt(of: crew, contestant) }
        }
    }

    private func openNeighbour(of contestant: Contestant) throws(BackendError) {
        let folder = contestant.directory + Neighbour.suffix
        guard (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) != nil
        else { throw BackendError(.io, "the folder \(folder) of a second store can't be made: free space there") }
        try contestant.openNeighbour(options(in: folder))
    }

    func closeCrews(row: String) throws(RunError) {
        for contestant in contestants {
            do throws(BackendError) {
                try contestant.closeCrew()
            } catch {
                throw RunError(error, backend: contestant.name, row: row)
            }
        }
    }

    /// One engine's turn on the slice that was dealt out.
    func turnOfCrew(
        _ contestant: Contestant, _ pass: Pass, row: String, _ slice: OperationSlice, batch: Int
    ) throws(RunError) {
        guard let crew = contestant.crew, let team else { return }
        let before = contestant.nanoseconds
        let unit = contestant.nanosecondsPerUnit
        var parts: [Part] = []
        try turn(contestant, pass, row: row, operations: slice.operations.count) {
            _, tally throws(BackendError) -> UInt64? in
            let begin = monotonicNanoseconds() + (team.count > 1 ? RunTuning.threadLeadNanoseconds : 0)
            if pass.isOpen { shares.schedule(begin: begin, elapsed: before, nanosecondsPerUnit: unit) }
            let chunk = pass == .throughput ? max(contestant.chunkOperations / team.count, 64) : .max
            parts = run(
                crew, writing: contestant.neighbour?.crew ?? crew, team, pass, slice, batch: batch, chunk: chunk)
            for part in parts {
                if let error = part.error { throw error }
                tally.merge(part.tally)
            }
            let end = parts.reduce(0) { max($0, $1.end) }
            if pass.isOpen { return max(end, begin + 1) - begin }
            return end - parts.reduce(end) { min($0, $1.begin) }
        }
        let elapsed = contestant.nanoseconds - before
        switch pass {
        case .throughput:
            let first = parts.reduce(UInt64.max) { min($0, $1.begin) }
            let stretches = parts.flatMap(\.stretches).map { ($0.operations, $0.begin - first, $0.nanoseconds) }
            contestant.addStretches(stretches, nanoseconds: elapsed)
            if shares.writers > 0 {
                contestant.writing.add(parts[..<shares.writers].map { ($0.operations, $0.begin, $0.end) })
                contestant.reading.add(parts[shares.writers...].map { ($0.operations, $0.begin, $0.end) })
            }
        case .latency: contestant.addLatencies(shares.services(), begin: before)
        case .open, .objective:
            contestant.addResponses(shares.responses(nanosecondsPerUnit: unit), nanoseconds: elapsed)
        default: break
        }
    }

    /// Runs each thread's share on its handle; threads that write only have theirs in a crew of their own, which may be
    /// the same.
    private func run(
        _ crew: Crew, writing writers: Crew, _ team: ThreadTeam, _ pass: Pass, _ slice: OperationSlice, batch: Int,
        chunk: Int
    ) -> [Part] {
        let parts = UnsafeMutableBufferPointer<Part>.allocate(capacity: team.count)
        parts.initialize(repeating: Part())
        defer {
            parts.deinitialize()
            parts.deallocate()
        }
        team.run { index in
            // Safe: each thread has a part, a session or the lock, and a share of its own.
            var part = Part()
            part.begin = monotonicNanoseconds()
            do throws(BackendError) {
                let crew = index < shares.writers ? writers : crew
                try run(index, crew, pass, slice, batch: batch, chunk: chunk, &part)
            } catch {
                part.error = error
            }
            part.end = monotonicNanoseconds()
            parts[index] = part
        }
        return Array(parts)
    }

    private func run(
        _ thread: Int, _ crew: Crew, _ pass: Pass, _ slice: OperationSlice, batch: Int, chunk: Int, _ part: inout Part
    ) throws(BackendError) {
        let range = shares.range(of: thread)
        let session = crew.sessions[thread]
        // On this thread's own stack, so that no two threads write to one line of the cache.
        var tally = Tally()
        defer { part.tally = tally }
        switch pass {
        case .dependent:
            try session.run(shares.part(range, of: slice), as: .dependent, lock: crew.lock, tally: &tally)
        case .latency:
            let loop = OperationLoop.timed(shares.times(of: range))
            try session.run(shares.part(range, of: slice), as: loop, lock: crew.lock, tally: &tally)
        case .open, .objective:
            let loop = OperationLoop.paced(shares.pacing(of: range))
            try session.run(shares.part(range, of: slice), as: loop, lock: crew.lock, tally: &tally)
        default:
            var start = range.lowerBound
            var begin = monotonicNanoseconds()
            let length = chunk == .max ? range.count : max(chunk / batch, 1) * batch
            while start < range.upperBound {
                let end = min(start + length, range.upperBound)
                let loop = OperationLoop.throughput(batch: batch)
                try session.run(shares.part(start..<end, of: slice), as: loop, lock: crew.lock, tally: &tally)
                let now = monotonicNanoseconds()
                part.stretches.append((end - start, begin, now - begin))
                begin = now
                start = end
            }
        }
    }
}

// The open loop's rows.
extension StoreRun {
    /// The times at which a pass's operations are due: the same for every engine.
    func makeArrivals() -> ArrivalTimes {
        ArrivalTimes(plan.loop.arrival, seed: plan.seed &+ UInt64(`repeat`))
    }

    func addResponses(row: String) {
        guard let rate = plan.loop.rate else { return }
        for contestant in runners where contestant.crew != nil {
            addResponsePercentiles(row: row, contestant)
            let achieved = 1e9 / contestant.nanosecondsPerOperation
            add("asked_per_second", Double(rate), "ops/s", row: row, contestant)
            add("achieved_per_second", achieved, "ops/s", row: row, contestant)
            if isSaturated(contestant) {
                recorder.addWarning(
                    "\(contestant.name) in \(row): saturated, it did not keep up with \(rate) operations a second",
                    "lower --rate; its response times say how long the run was, not how fast the engine is")
            }
        }
    }

    /// Whether the engine was behind its schedule at the pass's end by more than the tolerance.
    func isSaturated(_ contestant: Contestant) -> Bool {
        let scheduled = scheduledUnits * contestant.nanosecondsPerUnit
        return Double(contestant.nanoseconds) * RunTuning.saturationShare > scheduled
    }

    func addResponsePercentiles(row: String, _ contestant: Contestant) {
        for (metric, nanoseconds) in Percentiles(contestant.histogram, prefix: "response_").metrics {
            add(metric, Double(nanoseconds), "ns", row: row, contestant)
        }
        addHistogram(contestant.histogram, kind: "response", row: row, contestant)
    }
}

extension StoreRun.Pass {
    /// Whether operations are due at times of a schedule.
    var isOpen: Bool { self == .open || self == .objective }
}

extension Tally {
    /// Adds what another thread came to.
    mutating func merge(_ other: Tally) {
        hits += other.hits
        misses += other.misses
        checkedValues += other.checkedValues
        scannedPairs += other.scannedPairs
        if mismatches == 0 { firstMismatch = other.firstMismatch }
        mismatches += other.mismatches
        readSum &+= other.readSum
    }
}
