import Foundation
import StorageBackends

/// One engine in one durability class: its store, its history, and the next kill.
struct CrashContest {
    let plan: CrashPlan
    let backend: BackendDescriptor
    let durability: DurabilityClass
    var unavailable: [RunResult.Unavailable] = []
    /// Why stores could not be read after a kill.
    private(set) var refusals: [RunResult.Warning] = []
    /// Commits a second that the last writer made, its load included.
    private(set) var rate = 0.0

    private let parent: RunDirectory
    private var random: SplitMix
    private var store: Store?
    private var storeNumber = 0

    /// A store that has been killed so many times.
    private struct Store {
        let directory: String
        var history: CrashHistory
        var kills = 0
        /// The highest stamp that any writer may have used.
        var lastStamp: UInt32 = 0
    }

    init(_ plan: CrashPlan, _ backend: BackendDescriptor, _ durability: DurabilityClass, _ parent: RunDirectory) {
        (self.plan, self.backend, self.durability, self.parent) = (plan, backend, durability, parent)
        // The same for every engine: all are killed after as many commits.
        random = SplitMix(seed: plan.seed &* 0x9E37_79B9_7F4A_7C15)
    }

    /// One kill and what came of it.
    mutating func kill(number: Int, cancellation: CancellationFlag) throws(RunError) -> [RunResult.Sample] {
        var store = try takeStore()
        let before = store.history.count
        let acknowledged = try writeUntilKilled(&store, cancellation)
        let (verdict, times) = try readBack(store, acknowledged: acknowledged, cancellation)
        store.kills += 1
        if let refusal = verdict.refusal {
            refusals.append(
                RunResult.Warning(
                    text: "\(backend.name), class \(durability.rawValue), kill \(number): not reopened: \(refusal)",
                    remedy: "look at the store, which --keep leaves in place"))
        }
        if verdict.isWhole, let prefix = verdict.prefix, prefix >= Int(store.history.script.loadCommits) {
            store.history.truncate(to: prefix)
            self.store = store
        } else {
            drop(store)
        }
        return samples(verdict, times, told: acknowledged - before, number)
    }

    // MARK: The store

    /// The store of the last kill, or a fresh one.
    private mutating func takeStore() throws(RunError) -> Store {
        if let store, store.kills < CrashTuning.killsPerStore { return store }
        if let store { drop(store) }
        storeNumber += 1
        let directory = try parent.makeStore("\(durability.rawValue)-\(backend.name)-\(storeNumber)")
        let script = CrashScript(
            seed: plan.seed &+ UInt64(storeNumber - 1), records: plan.records, valueBytes: plan.valueBytes)
        return Store(directory: directory, history: CrashHistory(script))
    }

    private mutating func drop(_ store: Store) {
        self.store = nil
        if !plan.keepsStores { try? FileManager.default.removeItem(atPath: store.directory) }
    }

    private func child(_ role: CrashChild.Role, _ store: Store, _ stamps: ClosedRange<UInt32>) -> [String] {
        CrashChild(
            role, backend: backend, directory: store.directory, durability: durability,
            script: store.history.script, stamps: stamps
        ).words
    }

    // MARK: Writing

    /// Has a writer commit and kills it. Returns how many commits of the history are acknowledged.
    private mutating func writeUntilKilled(
        _ store: inout Store, _ cancellation: CancellationFlag
    ) throws(RunError) -> Int {
        let first = store.lastStamp + 1
        let loads = first == 1 ? store.history.script.loadCommits : 0
        let target = first + loads + UInt32(random.below(CrashTuning.commitsBeforeKillMax))
        let delay = UInt32(random.below(CrashTuning.delayMicrosecondsMax))
        let stamps = first...(first + loads + CrashTuning.commitsMax)
        let begin = monotonicNanoseconds()
        let writer = try PipedChild(child(.write, store, stamps))
        var reader = WordReader()
        var told: UInt32?
        var loadedAt: UInt64?
        var failed = false
        while !failed, told ?? 0 < target {
            if cancellation.isCancelled { throw CrashRunner.interrupted }
            guard let bytes = writer.read(milliseconds: 20) else { break }
            reader.append(bytes)
            failed = Self.follow(&reader, &told)
            if told ?? 0 >= first + loads { loadedAt = loadedAt ?? monotonicNanoseconds() }
            if let loadedAt, monotonicNanoseconds() - loadedAt > CrashTuning.nanosecondsBeforeKillMax { break }
        }
        if !failed { usleep(delay) }
        writer.kill()
        while !failed, let bytes = writer.read(milliseconds: -1) {
            reader.append(bytes)
            failed = Self.follow(&reader, &told)
        }
        let rest = failed ? remaining(writer, &reader) : ""
        let ending = writer.wait()
        if cancellation.isCancelled { throw CrashRunner.interrupted }
        guard ending == .signal(SIGKILL), !failed else {
            throw failure("the writer failed: \(failed ? rest : ending.text)")
        }
        rate = Double((told ?? first) - first) * 1e9 / Double(max(monotonicNanoseconds() - begin, 1))
        return note(&store, first, told)
    }

    /// Enters what the writer was asked for into the history: all that it told, and one more that may be there.
    private func note(_ store: inout Store, _ first: UInt32, _ told: UInt32?) -> Int {
        let last = told ?? first - 1
        for stamp in first..<(last + 2) { store.history.append(stamp) }
        store.lastStamp = last + 1
        return store.history.count - 1
    }

    /// Takes the writer's words. Returns whether it told that it failed.
    private static func follow(_ reader: inout WordReader, _ told: inout UInt32?) -> Bool {
        while let word = reader.next() {
            guard let stamp = UInt32(exactly: word) else { return true }
            told = stamp
        }
        return false
    }

    private func remaining(_ child: PipedChild, _ reader: inout WordReader) -> String {
        while let bytes = child.read(milliseconds: -1) { reader.append(bytes) }
        return String(decoding: reader.rest, as: UTF8.self)
    }

    private func failure(_ what: String) -> RunError {
        RunError(.backend, "\(backend.name), class \(durability.rawValue): \(what)")
    }

    // MARK: Reading back

    /// Nanoseconds of a reader.
    private struct Times {
        var open: UInt64
        var firstRead: UInt64
    }

    private func readBack(
        _ store: Store, acknowledged: Int, _ cancellation: CancellationFlag
    ) throws(RunError) -> (CrashVerdict, Times?) {
        let reader = try PipedChild(child(.read, store, 1...1))
        var bytes: [UInt8] = []
        while let more = reader.read(milliseconds: 100) {
            bytes += more
            if cancellation.isCancelled { throw CrashRunner.interrupted }
        }
        let ending = reader.wait()
        if cancellation.isCancelled { throw CrashRunner.interrupted }
        var refused = CrashVerdict(acknowledged: acknowledged)
        refused.acknowledgedLost = acknowledged
        var words = WordReader()
        words.append(bytes)
        let first = words.next()
        if first == CrashChild.failureWord { refused.refusal = String(decoding: words.rest, as: UTF8.self) }
        guard ending == .exit(0), let open = first, let firstRead = words.next(), let wrong = words.next(),
            let phantoms = words.next()
        else {
            refused.refusal = refused.refusal ?? ending.text
            return (refused, nil)
        }
        var findings = CrashFindings(wrongValues: Int(wrong), phantoms: Int(phantoms))
        while let record = words.next(), let stamp = words.next() {
            findings.stamps[record] = UInt32(truncatingIfNeeded: stamp)
        }
        return (store.history.judge(findings, acknowledged: acknowledged), Times(open: open, firstRead: firstRead))
    }

    // MARK: Telling

    private func samples(_ verdict: CrashVerdict, _ times: Times?, told: Int, _ number: Int) -> [RunResult.Sample] {
        var samples: [RunResult.Sample] = []
        func add(_ metric: String, _ value: Double, _ unit: String) {
            samples.append(
                RunResult.Sample(
                    workload: CrashMetric.workload, backend: backend.name, durability: durability.rawValue,
                    scale: plan.records, valueBytes: UInt64(plan.valueBytes), threads: 1, repeat: number,
                    metric: metric, value: value, unit: unit))
        }
        if let times {
            add(CrashMetric.open, Double(times.open), "ns")
            add(CrashMetric.firstRead, Double(times.firstRead), "ns")
        }
        add(CrashMetric.acknowledged, Double(told), "commits")
        add(CrashMetric.acknowledgedLost, Double(verdict.acknowledgedLost), "commits")
        add(CrashMetric.partialBatches, Double(verdict.partialBatches), "batches")
        add(CrashMetric.holes, Double(verdict.holes), "commits")
        add(CrashMetric.wrongValues, Double(verdict.wrongValues), "values")
        add(CrashMetric.phantoms, Double(verdict.phantoms), "keys")
        add(CrashMetric.refused, verdict.refusal == nil ? 0 : 1, "stores")
        return samples
    }
}
