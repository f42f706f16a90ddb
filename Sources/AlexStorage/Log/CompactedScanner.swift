import StorageIO

/// One pass over the records of a compacted segment: all of them must be there and be what the manifest says. It was
/// sealed and synced before the manifest named it, so any fault is damage.
struct CompactedScanner {
    /// The segment's first byte, and its place in the region.
    let start: UnsafeRawPointer
    let base: Int
    let entry: Manifest.Compacted
    /// What is asked for ahead of the pass.
    var ahead = PassAhead()

    /// A fault and the offset of the record that has it.
    struct Fault: Error {
        var offset: Int
        var reason: String
    }

    /// Reads the segment's header.
    func checkHeader(store: StoreIdentity) throws(Fault) {
        let header: SegmentHeader
        do {
            // Safe: the file is mapped up to `end`, which the manifest's decoder bounds from below by a header.
            header = try SegmentHeader.read(UnsafeRawBufferPointer(start: start, count: entry.end))
        } catch {
            switch error {
            case .damaged(let reason), .torn(let reason), .incompatible(let reason):
                throw Fault(offset: 0, reason: reason)
            }
        }
        guard header.store == store, header.id == entry.id, header.kind == .compacted, header.salt == entry.salt,
            header.baseSequence == entry.oldestSequence
        else { throw Fault(offset: 0, reason: "the header is another than the manifest says") }
    }

    /// Hands on every record, the keys ascending. O(bytes).
    func scan(_ body: (ReplayedRecord) -> Void) throws(Fault) {
        let reader = SegmentScanner(start: start, base: base, bound: entry.end, salt: entry.salt, sequence: 0)
        var offset = LogFormat.segmentHeaderBytes
        var (records, tombstones): (UInt64, UInt64) = (0, 0)
        var last: Int64?
        var ahead = ahead
        while offset < entry.end {
            ahead.come(to: offset, start, entry.end)
            let found: SegmentScanner.Found
            switch reader.record(at: offset) {
            case .failure(let fault): throw Fault(offset: offset, reason: fault.reason)
            case .success(let record): found = record
            }
            let kind = found.flags ^ LogFormat.wholeCommitFlags
            guard kind == LogFormat.putFlag || kind == LogFormat.deleteFlag,
                found.sequence >= entry.oldestSequence, found.sequence <= entry.newestSequence,
                last.map({ $0 < found.key }) ?? true
            else { throw Fault(offset: offset, reason: "the record can't be in a compacted segment") }
            let isDelete = kind == LogFormat.deleteFlag
            body(
                ReplayedRecord(
                    key: found.key, place: UInt64(base + offset), isDelete: isDelete, sequence: found.sequence,
                    isCompacted: true, region: start - base))
            records += 1
            if isDelete { tombstones += 1 }
            last = found.key
            offset += found.bytes
        }
        guard records == entry.records, tombstones == entry.tombstones else {
            throw Fault(offset: offset, reason: "it holds another number of records than the manifest says")
        }
    }
}
