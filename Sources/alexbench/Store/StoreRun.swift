import AlexStorage
import BenchmarkKit
import Foundation

/// The command `store`: one action on one directory.
struct StoreRun {
    let action: StoreAction
    let directory: String
    let target: String
    let arguments: ParsedArguments
    let output: OutputFile
    private let line: ShareLine

    init(_ arguments: ParsedArguments) throws(Failure) {
        let words = arguments.operands
        guard let action = StoreAction(rawValue: words[0]) else {
            throw .usage(
                "'\(words[0])'", "is nothing that store does",
                remedy: Suggestion.remedy(for: words[0], among: StoreAction.allCases.map(\.rawValue), noun: "actions"))
        }
        guard words.count == (action.needsTarget ? 3 : 2) else {
            throw .usage(
                "store \(words.joined(separator: " "))",
                words.count > 2 ? "takes no second directory" : "needs a second directory, which is empty or new",
                remedy: "usage: alexbench \(action.usage)")
        }
        (self.action, self.arguments) = (action, arguments)
        (directory, target) = (words[1], words.count > 2 ? words[2] : "")
        output = try OutputFile(arguments[Flags.output])
        line = ShareLine("store \(action.rawValue)", isQuiet: arguments[Flags.noProgress])
        for flag in Flags.dumpOnly where arguments.isGiven(flag) && action != .dump {
            throw .usage(flag.label.spelling, "is a flag of store dump", remedy: "leave it out")
        }
    }

    func run() throws(Failure) -> ExitCode {
        Interruption.listen()
        do {
            switch action {
            case .stats: return try withStore(stats)
            case .verify: return try withStore(verify)
            case .compact: return try withStore(compact)
            case .backup: return try withStore(backup)
            case .salvage: return try salvage()
            case .dump: return try withStore(dump)
            }
        } catch let error as AlexStoreError {
            throw Failure(error, directory: directory, action: action)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.failure, "\(directory): \(error)")
        }
    }

    /// Opens the store, which recovers it as every open does, and closes it. A directory that is none is not made one.
    private func withStore(_ body: (AlexStore) throws -> ExitCode) throws -> ExitCode {
        let names = try? FileManager.default.contentsOfDirectory(atPath: directory)
        guard let names, names.contains("MANIFEST") || names.contains("segments") else {
            throw Failure(
                .failure,
                "\(directory): is no store of AlexStorage: "
                    + (names == nil ? Console.systemMessage(errno) : "it has no MANIFEST") + "\ncheck the path")
        }
        let store = try AlexStore(directory: directory)
        let code: ExitCode
        do {
            if Interruption.cancellation.isCancelled { throw AlexStoreError.cancelled }
            code = try body(store)
        } catch {
            // Stopped or not: the store is left as a program leaves it that is done with it.
            try? store.close()
            throw error
        }
        try store.close()
        return code
    }

    private func write(_ report: StoreReport) throws(Failure) {
        line.clear()
        try output.write(report.rendered(arguments[Flags.storeFormat]))
    }

    // MARK: Actions

    private func stats(_ store: AlexStore) throws -> ExitCode {
        let statistics = try store.statistics()
        var report = StoreReport()
        report.add("keys", statistics.keys)
        report.add("segments", statistics.segments)
        report.add("log_bytes", statistics.logBytes)
        report.add("disk_bytes", statistics.diskBytes)
        report.add("live_bytes", statistics.liveBytes)
        report.add("garbage_bytes", statistics.garbageBytes)
        report.add("last_sequence", statistics.lastSequence)
        report.add("read_ahead", statistics.readAhead.rawValue)
        for segment in statistics.perSegment {
            report.segments.append(
                (
                    segment.name,
                    [
                        ("bytes", .number(segment.bytes)), ("records", .number(Int(segment.records))),
                        ("live_records", .number(Int(segment.liveRecords))),
                        ("tombstones", .number(Int(segment.tombstones))),
                        ("garbage_records", .number(Int(segment.garbageRecords))),
                        ("is_compacted", .flag(segment.isCompacted)),
                    ]
                ))
        }
        addRecovery(store.recovery, to: &report)
        try write(report)
        return .fine
    }

    private func addRecovery(_ recovery: RecoveryReport, to report: inout StoreReport) {
        report.add("was_closed_properly", recovery.wasClean)
        report.add("recovery", "\(recovery)")
    }

    private func verify(_ store: AlexStore) throws -> ExitCode {
        let found = try store.verify { line.show($0) }
        var report = StoreReport()
        report.add("sound", found.isSound)
        report.add("segments", found.segments)
        report.add("records", found.records)
        report.add("deletes", found.deletes)
        report.add("commits", found.commits)
        report.add("bytes", found.bytes)
        report.add("keys", found.keys)
        addRecovery(store.recovery, to: &report)
        if let damage = found.damage {
            report.add("damaged_file", damage.file)
            report.add("damaged_at", damage.offset)
            report.add("damage", damage.reason)
        }
        try write(report)
        guard let damage = found.damage else { return .fine }
        throw Failure(
            .damaged,
            "\(damage.file): damaged at byte \(damage.offset): \(damage.reason)\n"
                + "save what is left with: alexbench store salvage \(directory) TARGET")
    }

    private func compact(_ store: AlexStore) throws -> ExitCode {
        let before = try store.statistics()
        let made = try store.compact(.everything) { line.show($0) }
        let after = try store.statistics()
        var report = StoreReport()
        report.add("segments_taken", made.segmentsTaken)
        report.add("segments_written", made.segmentsWritten)
        report.add("records_taken", made.recordsTaken)
        report.add("records_kept", made.recordsKept)
        report.add("records_superseded", made.recordsSuperseded)
        report.add("tombstones_kept", made.tombstonesKept)
        report.add("tombstones_dropped", made.tombstonesDropped)
        report.add("log_bytes_before", before.logBytes)
        report.add("log_bytes", after.logBytes)
        report.add("keys", after.keys)
        try write(report)
        return .fine
    }

    private func backup(_ store: AlexStore) throws -> ExitCode {
        let held = try store.beginBackup()
        let total = Double(max(held.bytes, 1))
        let made = try held.copy(to: target) { line.show(Double($0) / total) }
        var report = StoreReport()
        report.add("segments", made.segments)
        report.add("bytes", made.bytes)
        report.add("records_checked", made.records)
        report.add("last_sequence", made.lastSequence)
        report.add("keys", store.count)
        try write(report)
        return .fine
    }

    private func salvage() throws -> ExitCode {
        let found = try AlexStore.salvage(directory: directory, to: target) { line.show($0) }
        var report = StoreReport()
        report.add("sound", found.isSound)
        report.add("keys", found.keys)
        report.add("records", found.records)
        report.add("superseded", found.superseded)
        report.add("deleted_keys", found.deleted)
        report.add("records_of_broken_commits", found.recordsOfBrokenCommits)
        report.add("records_of_torn_commit", found.recordsOfTornCommit)
        report.add("bytes_dropped", found.bytesDropped)
        for (number, remark) in found.remarks.enumerated() { report.add("remark_\(number + 1)", remark) }
        for name in found.leftovers {
            report.segments.append((name, [("problem", .text("left by compaction, not read"))]))
        }
        for segment in found.segments {
            var rows: [StoreReport.Row] = [("records", .number(Int(segment.records)))]
            if segment.gaps > 0 {
                rows += [("gaps", .number(segment.gaps)), ("bytes_dropped", .number(segment.bytesDropped))]
            }
            if let gap = segment.firstGap {
                rows += [("first_gap_at", .number(gap.offset)), ("first_gap", .text(gap.reason))]
            }
            if let problem = segment.problem { rows.append(("problem", .text(problem))) }
            report.segments.append((segment.name, rows))
        }
        try write(report)
        if found.isSound { return .fine }
        throw Failure(.damaged, "\(directory): damaged; what could be saved is in \(target)")
    }

    private func dump(_ store: AlexStore) throws -> ExitCode {
        let (from, to) = (arguments[Flags.from] ?? .min, arguments[Flags.to] ?? .max)
        guard from <= to else {
            throw Failure.usage("--from \(from)", "lies beyond --to \(to)", remedy: "swap them")
        }
        let limit = Int(clamping: arguments[Flags.limit] ?? .max)
        let writer = DumpWriter(
            format: arguments.isGiven(Flags.storeFormat) ? arguments[Flags.storeFormat] : .csv,
            encoding: arguments[Flags.encoding])
        var damage: AlexStoreError?
        try output.stream { descriptor in
            writer.descriptor = descriptor
            writer.begin()
            do throws(AlexStoreError) {
                try store.scan(in: from...to, limit: limit) { key, value in
                    writer.add(key, value)
                    return writer.problem == nil && !Interruption.cancellation.isCancelled
                }
            } catch {
                damage = error
            }
            writer.flush()
            return writer.problem
        }
        if let damage { throw damage }
        if Interruption.cancellation.isCancelled { throw Failure(.interrupted, "interrupted: the dump is not whole") }
        return .fine
    }
}

extension Failure {
    /// A store that can't do what was asked.
    init(_ error: AlexStoreError, directory: String, action: StoreAction) {
        switch error {
        case .damaged:
            self.init(
                .damaged, "\(error)\nsave what is left with: alexbench store salvage \(directory) TARGET")
        case .cancelled: self.init(.interrupted, "interrupted: \(action.whenInterrupted)")
        default: self.init(.failure, "\(error)")
        }
    }
}
