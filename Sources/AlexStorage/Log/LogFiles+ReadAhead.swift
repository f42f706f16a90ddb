import StorageIO

// A log larger than memory. A page that is not in memory is read from the disk when somebody looks at it; by itself the
// system then reads its neighbours, too, 128 KiB as it comes. Of records that were written in no order of their keys
// nobody needs the neighbours: they take the disk's time, and the place of pages that were needed. So
//
// 1. when the log takes more than three quarters of the memory that there is, the system is told that its pages are
//    read here and there (MADV_RANDOM): a look at one reads that one;
// 2. who knows what comes asks for it ahead, so that the disk works on many reads at once: `PagesAhead` for scans and
//    reads of many keys, `PassAhead` for whoever reads segments from end to end;
// 3. when a compaction has made the log shorter, all that is taken back.
//
// Maps are advised when they are entered in the tables (`publishGranules`), all others when the decision changes. While
// a log is opened nothing is advised: recovery reads it from end to end, and the system reads ahead best then.
//
// Threads: whoever may change the log's list of segments. Readers load one word (`AdvisedPages`).

extension LogFiles {
    /// A shorter log is not held against the memory that there is: 16 MiB.
    static let readAheadBytesMin = LogFormat.granuleBytes

    /// Advises the log's maps, or takes it back, where what it takes asks for another way now than before. O(segments).
    func decideReadAhead() {
        let wanted = wantsAdvice
        if wanted == isAdvised { return }
        isAdvised = wanted
        for segment in segments { advise(segment.base, max(segment.allocated, segment.end)) }
        for segment in compacted { advise(segment.base, segment.mappedBytes) }
        // Snapshots and readers may look at them for long.
        for segment in leaving { advise(segment.base, segment.mappedBytes) }
        memory.setAdvised(wanted)
    }

    /// Tells the system how the pages of a segment are read.
    func advise(_ base: Int, _ mappedBytes: Int) {
        region.advise(base..<(base + Self.wholePages(mappedBytes)), isAdvised ? .scattered : .ordinary)
    }

    private var wantsAdvice: Bool {
        switch options.readAhead {
        case .system: return false
        case .none: return true
        case .automatic: break
        }
        let bytes = mappedBytes
        if bytes < Self.readAheadBytesMin && options.memoryBytes == nil { return false }
        return bytes > memoryBytes / 4 * 3
    }

    /// Bytes of the segments that count, what the tail was given ahead included.
    private var mappedBytes: Int {
        var bytes = 0
        for segment in segments { bytes += max(segment.allocated, segment.end) }
        for segment in compacted { bytes += segment.mappedBytes }
        return bytes
    }
}
