import AlexPhaseBackend
import AlexStorage
import BenchmarkKit
import Foundation
import PowerLoss

// What only the gates measure, a row each:
//  1. splits of the index, one by one and in batches;
//  2. the rate of a mixed load alone and beside compaction;
//  3. opening after kill -9;
//  4. what the filter skips;
//  5. the index's vector loop against its scalar twin;
//  6. cache misses in valgrind's simulation, for machines that hide their counters.
// Everything goes to a temporary folder, and a row that can't be measured here says why.

/// One call of `alexbench gates` that measures.
struct GateMeasurement {
    let records: UInt64
    let repeats: Int
    let tell: (String) -> Void
    private let scratch: String

    init(records: UInt64, repeats: Int, tell: @escaping (String) -> Void) throws(Failure) {
        (self.records, self.repeats, self.tell) = (records, repeats, tell)
        var template = Array("\(FileManager.default.temporaryDirectory.path)/alexbench-gates-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Failure(
                .failure, "no folder can be made under the temporary folder: \(Console.systemMessage(errno))")
        }
        scratch = template.withUnsafeBufferPointer {
            String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// Measures all rows. What stands in the way of one leaves that one out, with a warning in the result.
    func run(command: String) throws(Failure) -> RunResult {
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        var result = GateRows.result(command: command, directory: scratch)
        let rows: [(name: String, measure: () throws -> [RunResult.Sample])] = [
            (GateRows.splits, splits), (GateRows.compaction, compaction), (GateRows.recovery, recovery),
            (GateRows.filter, filter), (GateRows.vectors, vectors), (GateRows.cache, cache),
        ]
        for row in rows {
            if Interruption.cancellation.isCancelled { throw Failure(.interrupted, "interrupted") }
            tell("\(row.name)\n")
            do {
                result.samples += try row.measure()
            } catch {
                let reason = (error as? Failure)?.message ?? "\(error)"
                result.warnings.append(
                    RunResult.Warning(
                        text: "\(row.name) was not measured: \(reason.replacing("\n", with: "; "))",
                        remedy: "put that right and run 'alexbench gates' again"))
            }
        }
        return result
    }

    func folder(_ name: String) throws -> String {
        let path = "\(scratch)/\(name)"
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    func sample(_ row: String, _ metric: String, _ value: Double, _ unit: String, _ number: Int, _ scale: UInt64? = nil)
        -> RunResult.Sample
    {
        GateRows.sample(row, metric, value, unit: unit, scale: scale ?? records, repeat: number)
    }

    // MARK: - Splits

    private func splits() throws -> [RunResult.Sample] {
        let single = try BatchSplits.count(records: records, batch: 1, seed: 1)
        let batch = try BatchSplits.count(records: records, batch: 10_000, seed: 1)
        return [
            sample(GateRows.splits, GateRows.singleSplits, Double(single), "count", 1),
            sample(GateRows.splits, GateRows.batchSplits, Double(batch), "count", 1),
        ]
    }

    // MARK: - Filter

    /// Of as many absent keys as there are records, those that the filter keeps from the index; it may deny no record.
    private func filter() throws -> [RunResult.Sample] {
        var options = AlexStoreOptions()
        options.absentKeyFilter = .always(passing: 0.005)
        let store = try AlexStore(directory: try folder("filter"), options: options)
        try StoreSweep.fill(store, records)
        var passed: UInt64 = 0
        for record in 0..<records {
            guard store.filterLetsPass(StoreSweep.key(record)) else {
                throw Failure(.verificationFailed, "the filter denies record \(record), which is there")
            }
            if store.filterLetsPass(StoreSweep.key(records + record)) { passed += 1 }
        }
        try store.close()
        let skipped = 100 * (1 - Double(passed) / Double(records))
        return [sample(GateRows.filter, GateRows.skipped, skipped, "%", 1)]
    }

    // MARK: - Recovery

    /// A child fills a store, and is killed when it has said that it is done.
    private func recovery() throws -> [RunResult.Sample] {
        let directory = try folder("recovery")
        let child = Process()
        child.executableURL = URL(fileURLWithPath: try ChildRun.itself().program)
        child.arguments = [GateChild.word, directory, "\(records)"]
        let output = Pipe()
        child.standardOutput = output
        try child.run()
        let told = output.fileHandleForReading.availableData
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        guard String(decoding: told, as: UTF8.self).hasPrefix(GateChild.filled) else {
            throw Failure(.failure, "the child that fills a store has ended early")
        }
        var samples: [RunResult.Sample] = []
        for number in 1...repeats {
            let begin = ContinuousClock.now
            let store = try AlexStore(directory: directory)
            let value = try store.bytes(forKey: StoreSweep.key(0))
            let time = Self.seconds(ContinuousClock.now - begin)
            guard value?.count == StoreSweep.valueBytes, store.count == Int(records), store.recovery.checkpoint != .used
            else { throw Failure(.verificationFailed, "the store came back with \(store.count) of \(records) records") }
            samples.append(sample(GateRows.recovery, GateRows.openSeconds, time, "s", number))
            // Left as a crash would leave it: a close would write a checkpoint.
        }
        return samples
    }

    static func seconds(_ time: Duration) -> Double {
        Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }
}
