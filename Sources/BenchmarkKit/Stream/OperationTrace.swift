public import Foundation
import StorageBackends

/// The operations of a workload's measured phases, recorded in one run and replayed on any engine in another.
///
/// The bytes of a trace, integers little-endian:
///
/// | bytes | what |
/// |---|---|
/// | 8 | `ALXTRACE` |
/// | 4 | version of this form: 1 |
/// | 4 | length of the workload that follows |
/// | … | the workload as a workload file |
/// | 8 | seed of the stream: keys and values follow from it |
/// | 4 | number of phases, then 8 bytes for each: its operations, warm-up and all passes |
/// | … | the operations: a byte for the kind, then the record's number and, for a scan, its pairs, both as LEB128 |
/// | 8 | the stream's hash at its end |
/// | 16 | the digest of the pairs that the store then holds |
/// | 8 | FNV-1a of all bytes before |
///
/// 1. The load is not in it: it follows from the workload and the seed.
/// 2. An insert has no record: it takes the next number. An absent key has its number less
///    `KeyMapping.absentRecords`.
/// 3. Versions and lengths of values follow from the operations before and the seed, so that every value that is read
///    in a replay is checked.
/// 4. A trace that was read can be replayed: each of its records is there when its turn comes.
///
/// Immutable: any thread.
public final class OperationTrace: Sendable {
    static let magic = Array("ALXTRACE".utf8)
    static let version: UInt64 = 1
    /// Bytes behind the operations and before the checksum.
    static let summaryBytes = 24
    static let checksumBytes = 8

    /// The file's name, for messages.
    public let file: String
    /// The workload that was recorded.
    public let workload: Workload
    /// The seed of its stream.
    public let seed: UInt64
    /// Operations of each phase, warm-up and all passes.
    let phaseOperations: [UInt64]
    /// Records of the store at the end, removed ones included.
    let recordsAtEnd: UInt64
    /// What the stream's hash and its digest come to at the end of a replay.
    let summary: Summary
    /// Before the first operation.
    let reader: TraceReader

    /// What a stream came to.
    struct Summary: Hashable {
        var hash: UInt64
        var digest: [UInt64]

        init(hash: UInt64, digest: [UInt64]) {
            self.hash = hash
            self.digest = digest
        }

        init(_ stream: OperationStream) { self.init(hash: stream.hash, digest: stream.expected.words) }
    }

    /// One operation as a trace has it.
    struct Step: Hashable {
        var kind: StorageBackends.Operation.Kind
        var record: UInt64 = 0
        var length: UInt32 = 0
    }

    /// Reads a trace and makes sure that all of its operations can be done. Linear in its length.
    /// - Parameter file: Its name, for messages.
    /// - Throws: `RunError` of kind `invalid`: no trace, another version, cut off, damaged, or impossible.
    public init(data: Data, file: String) throws(RunError) {
        let bytes = Array(data)
        func refuse(_ what: String) -> RunError {
            RunError(.invalid, "\(file): \(what): record it anew with --record")
        }
        guard bytes.starts(with: Self.magic) else {
            throw RunError(.invalid, "\(file): it is no trace of operations: name one that --record wrote")
        }
        let checksumPlace = max(bytes.count - Self.checksumBytes, 0)
        let summaryPlace = max(checksumPlace - Self.summaryBytes, 0)
        var header = TraceReader(bytes: bytes, place: Self.magic.count, end: summaryPlace)
        guard let version = header.word(4) else { throw refuse("it ends after \(bytes.count) bytes, in its header") }
        guard version == Self.version else {
            throw refuse("\"version\" is \(version), and this program reads version \(Self.version)")
        }
        var end = TraceReader(bytes: bytes, place: checksumPlace, end: bytes.count)
        guard end.word(8) == Self.checksum(bytes[..<checksumPlace]) else {
            throw refuse("its checksum is not that of its \(bytes.count) bytes: it is cut off or damaged")
        }
        guard let length = header.word(4), let json = header.take(length), let seed = header.word(8),
            let count = header.word(4)
        else { throw refuse("its header is cut off") }
        let workload = try Workload(json: Data(json), file: file)
        guard count == UInt64(workload.phases.count) else {
            throw refuse("it has \(count) phases, and its workload \(workload.phases.count)")
        }
        var operations: [UInt64] = []
        for _ in 0..<count {
            guard let word = header.word(8) else { throw refuse("its header is cut off") }
            operations.append(word)
        }
        var trailer = TraceReader(bytes: bytes, place: summaryPlace, end: checksumPlace)
        summary = Summary(hash: trailer.word(8) ?? 0, digest: [trailer.word(8) ?? 0, trailer.word(8) ?? 0])
        (self.file, self.workload, self.seed) = (file, workload, seed)
        phaseOperations = operations
        reader = header
        recordsAtEnd = try TraceCheck(workload, seed: seed).run(header, phaseOperations: operations, refuse)
    }

    /// FNV-1a over 64 bits (Fowler, Noll and Vo).
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }

    /// Operations of a phase, warm-up and all passes; `nil` for a phase that the trace has not.
    func operations(of phase: Workload.Phase) -> UInt64? {
        workload.phases.firstIndex { $0.name == phase.name }.map { phaseOperations[$0] }
    }
}

/// Makes sure that every operation of a trace can be done, and counts its records.
struct TraceCheck {
    private let workload: Workload
    private let keys: KeyMapping
    private var count: UInt64
    private var removed: Set<UInt64> = []

    init(_ workload: Workload, seed: UInt64) {
        self.workload = workload
        keys = workload.keyMapping(seed: seed)
        count = workload.records
    }

    /// Returns the number of records at the end. Every record must be there when it is used, every kind in its
    /// phase's mix, and nothing may follow the last operation.
    func run(
        _ start: TraceReader, phaseOperations: [UInt64], _ refuse: (String) -> RunError
    ) throws(RunError) -> UInt64 {
        var check = self
        var reader = start
        var number = 0
        for (phase, operations) in zip(workload.phases, phaseOperations) {
            for _ in 0..<operations {
                number += 1
                guard let step = reader.step() else { throw refuse("its operation \(number) is cut off or of no kind") }
                guard phase.mix[step.kind] > 0 else {
                    let name = Workload.Mix.name(of: step.kind)
                    throw refuse("its operation \(number) is \(name), which phase \(phase.name) has not in its mix")
                }
                guard check.takes(step) else {
                    throw refuse("its operation \(number) is for record \(step.record), which is not there")
                }
            }
        }
        guard reader.place == reader.end else { throw refuse("something follows its \(number) operations") }
        return check.count
    }

    private mutating func takes(_ step: OperationTrace.Step) -> Bool {
        switch step.kind {
        case .insert: count += 1
        case .readAbsent: return step.record < keys.absentNumbers(among: count)
        case .remove: return step.record < count && removed.insert(step.record).inserted
        case .read, .update, .scan, .readModifyWrite:
            return step.record < count && (removed.isEmpty || !removed.contains(step.record))
        }
        return true
    }
}
