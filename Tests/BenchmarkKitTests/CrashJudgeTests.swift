import StorageBackends
import Testing

@testable import BenchmarkKit

/// The judge of `alexbench crash`, given stores that are right and stores that are wrong in known ways.
@Suite struct CrashJudgeTests {
    private static let script = CrashScript(seed: 3, records: 2500, valueBytes: 40)

    /// A history of the load and `commits` more, and what a store that is right holds at each position.
    private func history(_ commits: Int) -> (CrashHistory, [[UInt64: UInt32]]) {
        var history = CrashHistory(Self.script)
        var states: [[UInt64: UInt32]] = [[:]]
        for stamp in 1...(Self.script.loadCommits + UInt32(commits)) {
            history.append(stamp)
            let commit = Self.script.commit(stamp)
            var state = states[states.count - 1]
            for record in commit.puts { state[record] = stamp }
            if let removed = commit.removed { state[removed] = nil }
            states.append(state)
        }
        return (history, states)
    }

    private func findings(_ state: [UInt64: UInt32]) -> CrashFindings { CrashFindings(stamps: state) }

    /// Every prefix is recognised as one; what lies between it and what was acknowledged is lost.
    @Test func prefixes() {
        let (history, states) = history(200)
        for position in stride(from: 0, through: history.count, by: 7) {
            let verdict = history.judge(findings(states[position]), acknowledged: history.count - 1)
            let prefix = verdict.prefix ?? -1
            // A remove of what is absent changes nothing: the position behind it can't be told apart.
            #expect(prefix >= position && states[max(prefix, 0)] == states[position], "position \(position)")
            #expect(verdict.acknowledgedLost == max(history.count - 1 - prefix, 0))
            #expect(verdict.isWhole)
        }
    }

    /// One commit taken out of the middle is a hole, and is lost; the rest is not.
    @Test func holes() throws {
        let (history, states) = history(200)
        let last = states[states.count - 1]
        var taken = 0
        for stamp in (Self.script.loadCommits + 1)...(Self.script.loadCommits + 150) {
            let commit = Self.script.commit(stamp)
            guard !commit.puts.isEmpty, commit.puts.allSatisfy({ last[$0] == stamp }) else { continue }
            var state = last
            for record in commit.puts { state[record] = states[Int(stamp) - 1][record] }
            let verdict = history.judge(findings(state), acknowledged: history.count)
            #expect(verdict.prefix == nil && verdict.holes == 1 && verdict.acknowledgedLost == 1, "stamp \(stamp)")
            #expect(verdict.partialBatches == 0 && !verdict.isWhole)
            taken += 1
        }
        #expect(taken > 50)
    }

    /// A batch of which one record is missing is in part.
    @Test func partialBatches() {
        let (history, states) = history(200)
        let last = states[states.count - 1]
        var taken = 0
        for stamp in (Self.script.loadCommits + 1)...(Self.script.loadCommits + 200) {
            let commit = Self.script.commit(stamp)
            let fresh = commit.puts.filter { last[$0] == stamp }
            guard commit.isBatch, fresh.count >= 2 else { continue }
            var state = last
            state[fresh[0]] = states[Int(stamp) - 1][fresh[0]]
            let verdict = history.judge(findings(state), acknowledged: history.count)
            #expect(verdict.partialBatches == 1 && verdict.acknowledgedLost == 1, "stamp \(stamp)")
            #expect(verdict.holes == 0 && verdict.prefix == nil)
            taken += 1
        }
        #expect(taken > 10)
    }

    @Test func wrongValuesAndPhantoms() {
        let (history, states) = history(50)
        var state = states[states.count - 1]
        // A stamp that the record was never in, and one that no writer has used.
        state[0] = Self.script.loadCommits
        state[1] = 4_000_000
        var found = findings(state)
        found.phantoms = 2
        let verdict = history.judge(found, acknowledged: history.count)
        #expect(verdict.wrongValues == 2 && verdict.phantoms == 2 && !verdict.isWhole)
    }

    /// What an earlier kill has taken must not come back.
    @Test func lostCommitsStayLost() throws {
        var (history, states) = history(100)
        let prefix = history.count - 20
        history.truncate(to: prefix)
        #expect(history.count == prefix)
        let before = states[prefix]
        #expect(history.judge(findings(before), acknowledged: prefix).isWhole)
        let changed = states[states.count - 1].first { before[$0.key] != nil && before[$0.key] != $0.value }
        let (record, stamp) = try #require(changed)
        var state = before
        state[record] = stamp
        #expect(history.judge(findings(state), acknowledged: prefix).wrongValues == 1)
    }

    /// The same stamp, the same commit; values tell record and stamp.
    @Test func script() {
        let script = Self.script
        #expect(script.loadCommits == 3 && script.commit(3).puts == Array(2000..<2500))
        let later = (4...400).map { script.commit(UInt32($0)) }
        #expect(later == (4...400).map { script.commit(UInt32($0)) })
        #expect(later.contains { $0.isBatch } && later.contains { $0.removed != nil })
        #expect(later.allSatisfy { Set($0.puts).count == $0.puts.count })
        #expect(later.flatMap(\.puts).allSatisfy { $0 < script.recordsEver })
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 40, alignment: 8)
        defer { buffer.deallocate() }
        script.fill(buffer, record: 17, stamp: 99)
        #expect(script.stamp(of: UnsafeRawBufferPointer(buffer), record: 17) == 99)
        #expect(script.stamp(of: UnsafeRawBufferPointer(buffer), record: 18) == nil)
        for byte in 0..<40 {
            buffer[byte] ^= 1
            #expect(script.stamp(of: UnsafeRawBufferPointer(buffer), record: 17) == nil, "byte \(byte)")
            buffer[byte] ^= 1
        }
    }

    /// The words of a child are understood as they were written.
    @Test func childWords() throws {
        let backend = BackendDescriptor(
            name: "some", summary: "", capabilities: .engine, nativeSettings: [:], libraryVersion: { "" },
            open: { _ throws(BackendError) in throw BackendError(.io, "no") })
        let child = CrashChild(
            .write, backend: backend, directory: "/some where", durability: .power, script: Self.script, stamps: 4...9)
        let read = try #require(CrashChild(child.words) { $0 == "some" ? backend : nil })
        #expect(read.words == child.words)
        #expect(CrashChild(Array(child.words.dropLast())) { _ in backend } == nil)
        #expect(CrashChild(child.words) { _ in nil } == nil)
    }

    // MARK: Reports

    private static func sample(
        _ backend: String, _ durability: String, _ kill: Int, _ metric: String, _ value: Double
    ) -> RunResult.Sample {
        RunResult.Sample(
            workload: "crash", backend: backend, durability: durability, scale: 10_000, valueBytes: 100, threads: 1,
            repeat: kill, metric: metric, value: value, unit: "commits")
    }

    /// Two engines in two classes; the second loses in class process.
    private static var result: RunResult {
        var result = RunResult(
            command: "alexbench crash --kills 3", date: "2026-01-02T03:04:05Z", commit: "0123abc",
            environment: ReportFixture.environment)
        result.backends = ["alex", "sqlite"].map {
            RunResult.BackendReceipt(
                name: $0, library: $0, configuration: [], durabilitySettings: "process: some", readBack: [])
        }
        result.rows = [RunResult.RowReceipt(workload: "crash", summary: "a writer killed")]
        result.unavailable = [.init(workload: "crash", backend: "null", reason: "class process: it keeps nothing")]
        for durability in ["memory", "process"] {
            for kill in 1...3 {
                for (place, backend) in ["alex", "sqlite"].enumerated() {
                    func add(_ metric: String, _ value: Double) {
                        result.samples.append(sample(backend, durability, kill, metric, value))
                    }
                    add("open_ns", Double(kill) * 150_000 * Double(place + 1))
                    add("first_read_ns", Double(kill) * 1_500_000)
                    add("acknowledged_commits", 700)
                    add("acknowledged_lost", place == 1 ? Double(kill * 10) : 0)
                    for metric in ["partial_batches", "holes", "wrong_values", "phantoms", "not_reopened"] {
                        add(metric, metric == "holes" && place == 1 && kill == 2 ? 1 : 0)
                    }
                }
            }
        }
        return result
    }

    @Test func reports() throws {
        try Golden.expect(ResultFormat.text.render(Self.result), "crash.txt")
        try Golden.expect(ResultFormat.markdown.render(Self.result), "crash.md")
        let csv = ResultFormat.csv.render(Self.result)
        #expect(csv.contains("crash,sqlite,process,10000,100,1,3,acknowledged_lost,30,commits\r\n"))
    }

    /// Power losses in a table of their own; a state that lacks what was durable breaks the promise of any class.
    @Test func powerLosses() throws {
        var result = Self.result
        for (durability, lost) in [("memory", 0), ("power", 2)] {
            let counts = PowerLossTable.Counts(powerLosses: 1008, ofRecovered: 650, lost: lost, foreign: 0, refused: 0)
            result.samples += counts.samples(backend: "alex", durability: durability)
        }
        try Golden.expect(ResultFormat.text.render(result), "crash-power.txt")
        let broken = CrashRunner.brokenPromises(in: result)
        #expect(broken.count == 2 && broken[1].hasPrefix("class power: alex: lost: 2"), "\(broken)")
    }

    /// Losing is no broken promise of class memory; inventing is.
    @Test func promises() {
        #expect(CrashRunner.brokenPromises(in: Self.result).map { $0.prefix(22) } == ["class process: sqlite:"])
        var result = Self.result
        result.samples.append(Self.sample("alex", "memory", 4, "wrong_values", 1))
        #expect(CrashRunner.brokenPromises(in: result).count == 2)
        result = Self.result
        result.samples.append(Self.sample("alex", "process", 4, "not_reopened", 1))
        #expect(CrashRunner.brokenPromises(in: result).count == 2)
    }
}
