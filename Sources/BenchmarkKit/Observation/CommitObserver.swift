import CSystemTrace
import Foundation
import StorageBackends

/// Counts what an engine asks of the system for a commit: starts `CommitProbe` in a child process and traces its system
/// calls with ptrace(2). The process that measures is untouched.
///
/// What it can't see: stores through a shared map (they are no calls), and work handed to io_uring. Both are noticed
/// and said.
public struct CommitObserver: Sendable {
    /// The program that understands `childWord`: alexbench itself.
    public let executable: String

    /// The first argument of the child: `childWord BACKEND DIRECTORY CLASS VALUE-BYTES`.
    public static let childWord = "--observe-commits"
    /// The backend's place in a calibration: `childWord calibrate DIRECTORY SYNCS WRITES`.
    public static let calibrationWord = "calibrate"
    /// A child that takes longer is ended.
    private static let secondsLimit: UInt32 = 60

    public init(executable: String) { self.executable = executable }

    /// The running program, to be started again as the child; `nil` where the system does not tell its path.
    public static var current: CommitObserver? {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map(CommitObserver.init)
    }

    /// Where a child puts the reason of its failure.
    public static func reasonFile(_ directory: String) -> String { directory + ".reason" }

    /// Observes one engine in the empty folder `directory`.
    func observe(
        _ backend: String, directory: String, durability: DurabilityClass, valueBytes: UInt64
    ) throws(ObservationFailure) -> CommitObservation {
        let report = try trace([backend, directory, durability.rawValue, "\(min(valueBytes, 1 << 20))"])
        guard report.exit_code == 0 else {
            let reason = try? String(contentsOfFile: Self.reasonFile(directory), encoding: .utf8)
            throw ObservationFailure(reason: reason ?? "the traced child ended with \(report.exit_code)")
        }
        let single = report.windows.0
        let batch = report.windows.1
        guard single.endings == 1, batch.endings == 1, single.operations > 0 else {
            throw ObservationFailure(reason: "the traced child did not mark its commits")
        }
        guard single.unseen == 0, batch.unseen == 0 else {
            throw ObservationFailure(reason: "it hands its writes to the kernel in a ring, where they can't be counted")
        }
        return CommitObservation(single: single, batch: batch, mapsFiles: report.writable_maps > 0)
    }

    /// What the tracer counts of known calls: syncs and writes.
    public func calibrate(
        directory: String, syncs: Int, writes: Int
    ) throws(ObservationFailure) -> (syncs: UInt64, writes: UInt64, bytes: UInt64) {
        let report = try trace([Self.calibrationWord, directory, "\(syncs)", "\(writes)"])
        guard report.exit_code == 0 else {
            throw ObservationFailure(reason: "the traced child ended with \(report.exit_code)")
        }
        let window = report.windows.0
        return (window.syncs, window.writes, window.bytes_written)
    }

    private func trace(_ arguments: [String]) throws(ObservationFailure) -> system_trace_report {
        var report = system_trace_report()
        let words = ([executable, Self.childWord] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        var vector = words.map { UnsafePointer($0) }
        vector.append(nil)
        let problem = system_trace_run(&vector, Self.secondsLimit, &report)
        guard problem == 0 else {
            let reason = String(cString: strerror(-problem))
            throw ObservationFailure(reason: "the system refuses to trace a child process: \(reason)")
        }
        return report
    }
}

/// Why nothing was observed. Nothing is guessed in its place.
public struct ObservationFailure: Error, Sendable, Hashable {
    public let reason: String
}

/// What one engine asked of the system, for a single-record commit and for one batch.
struct CommitObservation {
    let single: system_trace_window
    let batch: system_trace_window
    /// Whether it writes through shared maps, which no count shows.
    let mapsFiles: Bool

    var syncsPerCommit: Double { Double(single.syncs + single.synced_writes) / Double(single.operations) }

    /// Metric, value and unit.
    var figures: [(metric: String, value: Double, unit: String)] {
        let commits = Double(single.operations)
        return [
            (ObservedMetric.syncsPerCommit, syncsPerCommit, "syncs/commit"),
            (ObservedMetric.writeCallsPerCommit, Double(single.writes) / commits, "calls/commit"),
            (ObservedMetric.bytesWrittenPerCommit, Double(single.bytes_written) / commits, "bytes/commit"),
            (ObservedMetric.syncsPerBatch, Double(batch.syncs + batch.synced_writes), "syncs/batch"),
            (ObservedMetric.writeCallsPerBatch, Double(batch.writes), "calls/batch"),
            (ObservedMetric.bytesWrittenPerBatch, Double(batch.bytes_written), "bytes/batch"),
        ]
    }

    var source: String {
        var text = "system calls of a traced child process, \(single.operations) single commits"
        text += " and one batch of \(CommitProbe.batchRecords)"
        if single.synced_writes > 0 { text += ", writes to files opened with O_SYNC or O_DSYNC counted as syncs" }
        if mapsFiles { text += "; stores through a mapped file are no calls and not counted" }
        return text
    }
}
