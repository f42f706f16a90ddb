import CIntrinsics
import LearnedIndex
import StorageIO

// What readers on other threads need of the log: where each segment is mapped, and its salt. The log keeps the same in
// its own table for the store's thread, beside counts that every write changes; a reader that looked there would wait
// for the writer's cache lines.
//
// Invariants
// 1. An entry is written before the index leads to a place in its segment, and cleared only when no reader can hold
//    such a place any more. In between only `end` changes, upwards, as the file grows; at close it falls to the last
//    record's page.
// 2. What lies between an entry's base and end is mapped.
// Threads: the writer stores, any number load. Words are loaded one by one: an entry that a reader may look at has its
// final salt and base, and an end that is not below the end of the record that it looks for.

/// The mapped log and the table of what is mapped where; kept by the store and by everyone who reads it.
@usableFromInline
final class SegmentMemory: @unchecked Sendable {
    let region: AddressRegion
    private let checksOnRead: Bool
    private let table: UnsafeMutableRawPointer
    private let tableBytes: Int
    /// The word that says whether the store is closed, in a line of its own.
    private let closed: UnsafeMutableRawPointer
    /// Two lines: the word that says whether the maps are advised, and the count of what was asked for ahead.
    private let advice: UnsafeMutableRawPointer

    /// - Throws: `index` with `outOfMemory`.
    init(region: AddressRegion, granuleCount: Int, checksOnRead: Bool) throws(AlexStoreError) {
        let bytes = max(granuleCount * SharedRecords.entryBytes, 4096)
        // Address space: only entries of segments take memory.
        guard let table = intrinsics_memory_reserve(bytes) else { throw .index(.outOfMemory(bytes: bytes)) }
        guard let closed = intrinsics_lines_allocate(3 * 64) else {
            intrinsics_memory_release(table, bytes)
            throw .index(.outOfMemory(bytes: 3 * 64))
        }
        self.region = region
        self.table = table
        self.closed = closed
        advice = closed + 64
        self.checksOnRead = checksOnRead
        tableBytes = bytes
    }

    /// The records, for one who reads them with a guess of its own.
    func records(_ lengthGuess: LengthGuess) -> SharedRecords {
        SharedRecords(
            base: UnsafeRawPointer(region.base), entries: UnsafeRawPointer(table), closed: UnsafeRawPointer(closed),
            advice: advice, checksOnRead: checksOnRead, lengthGuess: lengthGuess)
    }

    deinit {
        intrinsics_memory_release(table, tableBytes)
        intrinsics_lines_release(closed)
    }

    /// What reads ask for ahead, and whether they do.
    var pages: AdvisedPages {
        AdvisedPages(base: region.base, entries: UnsafeRawPointer(table), advice: advice)
    }

    /// Says whether reads of many records ask for pages ahead. Those under way go on as they have begun.
    func setAdvised(_ isAdvised: Bool) { intrinsics_store_release(advice, isAdvised ? 1 : 0) }

    /// Enters a segment's mapped bytes.
    func publish(base: Int, mappedBytes: Int, salt: UInt64, isCompacted: Bool) {
        for granule in granules(base, mappedBytes) {
            let entry = table + granule * SharedRecords.entryBytes
            intrinsics_store_relaxed(entry, salt)
            intrinsics_store_relaxed(entry + 8, UInt64(base))
            intrinsics_store_relaxed(entry + 24, isCompacted ? 1 : 0)
            intrinsics_store_release(entry + 16, UInt64(base + mappedBytes))
        }
    }

    /// Takes out a segment that nobody can look for any more.
    func clear(base: Int, mappedBytes: Int) {
        for granule in granules(base, mappedBytes) {
            for word in 0..<4 { intrinsics_store_relaxed(table + granule * SharedRecords.entryBytes + 8 * word, 0) }
        }
    }

    private func granules(_ base: Int, _ bytes: Int) -> ClosedRange<Int> {
        (base >> LogFormat.granuleShift)...((base + max(bytes, 1) - 1) >> LogFormat.granuleShift)
    }

    /// Says that the store is closed; what the index leads to from then on is not to be believed.
    func close() { intrinsics_store_release(closed, 1) }
}

/// The records of a log as readers on other threads read them; a plain value, valid while its `SegmentMemory` is.
@usableFromInline
struct SharedRecords: @unchecked Sendable, BitwiseCopyable {
    // Safe to share: pointers to memory that is read in words (`SegmentMemory`), and to records, which never change
    // once the index leads to them.
    @usableFromInline let base: UnsafeRawPointer
    /// For every 16 MiB of the region the words salt, base and end, and whether the segment is a compacted one.
    @usableFromInline let entries: UnsafeRawPointer
    @usableFromInline let closed: UnsafeRawPointer
    @usableFromInline let advice: UnsafeMutableRawPointer
    @usableFromInline let checksOnRead: Bool
    @usableFromInline let lengthGuess: LengthGuess

    @usableFromInline static var entryBytes: Int { 32 }

    /// Whether the store is closed. Asked after the index, which a close empties afterwards.
    @inlinable @inline(__always)
    var isClosed: Bool { intrinsics_load_acquire(closed) != 0 }

    /// The value of the record at `place`, which the index gave for `key`. O(1), and O(value bytes) to check it. The
    /// caller keeps the segment where it is, by an epoch or a snapshot.
    @inlinable @inline(__always)
    func value(at place: UInt64, key: Int64) throws(AlexStoreError) -> UnsafeRawBufferPointer {
        let place = Int(truncatingIfNeeded: place)
        // Safe: places come from the index, so the granule has a segment (invariant 1), and a record's header lies
        // within what is mapped of it (invariant 2).
        let entry = entries + (place &>> LogFormat.granuleShift) &* SharedRecords.entryBytes
        let end = Int(truncatingIfNeeded: intrinsics_load_relaxed(entry + 16))
        let record = base + place
        guard
            let value = LogRecord.value(
                of: key, at: record, roomBytes: end &- place, lengthGuess: lengthGuess,
                seed: checksOnRead ? seed(of: entry, place) : nil)
        else { throw damage(at: place, key: key) }
        return value
    }

    /// What the checksum of the record at `place` begins with.
    @inlinable @inline(__always)
    func seed(of entry: UnsafeRawPointer, _ place: Int) -> UInt32 {
        let segment = Int(truncatingIfNeeded: intrinsics_load_relaxed(entry + 8))
        return Checksum.seed(
            salt: intrinsics_load_relaxed(entry), offset: UInt64(truncatingIfNeeded: place &- segment))
    }

    /// What a read of many records asks for ahead.
    @inlinable
    func ahead(_ order: PagesAhead.Order) -> PagesAhead {
        PagesAhead(
            AdvisedPages(base: base, entries: entries, advice: advice), lengthGuess: lengthGuess, order: order)
    }

    /// Asks the cache for the first two lines of the record at `place`.
    @inlinable @inline(__always)
    func prefetch(_ place: UInt64) {
        // Safe: a prefetch never faults, so that the second line may lie behind the segment.
        let record = base + Int(truncatingIfNeeded: place)
        intrinsics_prefetch(record)
        intrinsics_prefetch(record + 64)
    }

    /// The error for a record that is not what was written there. The segment's name is taken from its header, as the
    /// log's list of segments belongs to the writer.
    @usableFromInline @inline(never)
    func damage(at place: Int, key: Int64) -> AlexStoreError {
        let entry = entries + (place >> LogFormat.granuleShift) * SharedRecords.entryBytes
        let segment = Int(intrinsics_load_relaxed(entry + 8))
        let header = try? SegmentHeader.read(
            UnsafeRawBufferPointer(start: base + segment, count: LogFormat.segmentHeaderBytes))
        let name =
            switch header?.kind {
            case .log: LogFiles.segmentName(header?.id ?? 0)
            case .compacted: LogFiles.compactedName(header?.id ?? 0)
            case nil: "a segment"
            }
        return .damaged(
            file: name, offset: place - segment,
            reason: "the record of key \(key) is not what was written: its length, key or checksum does not match")
    }
}
