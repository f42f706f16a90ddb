public import CIntrinsics
import StorageIO

// What is asked for ahead where the system was told not to guess (LogFiles+ReadAhead). A request is one madvise(2) with
// MADV_WILLNEED; it begins a read and does not wait for it. The system cuts what it reads for one request to its own
// length of reading ahead, 128 KiB as it comes: longer stretches are several requests.

/// The map of a log, and whether reads ask for its pages ahead; a plain value, valid while its `SegmentMemory` is.
@usableFromInline
struct AdvisedPages: @unchecked Sendable, BitwiseCopyable {
    // Safe to share: pointers to words that are loaded and stored whole (`SegmentMemory`).
    @usableFromInline let base: UnsafeRawPointer
    @usableFromInline let entries: UnsafeRawPointer
    @usableFromInline let advice: UnsafeMutableRawPointer

    @inlinable static var pageShift: Int { 12 }
    static var pageBytes: Int { 1 << pageShift }
    /// What one request asks for at the most: 128 KiB.
    static var requestBytes: Int { 128 << 10 }

    @inlinable
    init(base: UnsafeRawPointer, entries: UnsafeRawPointer, advice: UnsafeMutableRawPointer) {
        self.base = base
        self.entries = entries
        self.advice = advice
    }

    @inlinable @inline(__always)
    var isAdvised: Bool { intrinsics_load_relaxed(advice) != 0 }

    /// Requests since the store was opened.
    var requests: UInt64 { intrinsics_load_relaxed(advice + 64) }

    /// What a pass over a segment asks for ahead.
    func pass() -> PassAhead { isAdvised ? PassAhead(self) : PassAhead() }

    /// The segment at a place: where it begins, where what is mapped of it ends, and whether it is a compacted one. An
    /// empty one where there is none.
    func segment(at place: Int) -> (range: Range<Int>, isCompacted: Bool) {
        // Safe: the table has an entry for every 16 MiB of the region, which places lie in.
        let entry = entries + (place >> LogFormat.granuleShift) * SharedRecords.entryBytes
        let (begin, end) = (Int(intrinsics_load_relaxed(entry + 8)), Int(intrinsics_load_relaxed(entry + 16)))
        // The words come one by one: of a segment that grows another end may be seen, never one before its begin.
        return (begin..<max(begin, LogFiles.wholePages(end)), intrinsics_load_relaxed(entry + 24) != 0)
    }

    /// Asks for pages from `start` on, which is a page's begin.
    func request(_ start: UnsafeRawPointer, _ bytes: Int) {
        var at = 0
        while at < bytes {
            let part = min(Self.requestBytes, bytes - at)
            AddressRegion.askFor(start + at, bytes: part)
            _ = intrinsics_add(advice + 64, 1)
            at += part
        }
    }
}

/// What a read of many records asks for ahead: the pages of each record, once a page, as soon as its place is known.
/// Where records lie in the order of their keys, in compacted segments, a scan asks for a stretch ahead besides, which
/// doubles from 16 to 128 KiB as long as the scan goes on in it.
@usableFromInline
struct PagesAhead {
    /// How the places come.
    @usableFromInline
    enum Order {
        case scattered
        /// In the order of the keys, up or down.
        case ascending, descending
    }

    /// Whether there is anything to ask for.
    @usableFromInline let isOn: Bool
    @usableFromInline let pages: AdvisedPages
    @usableFromInline let lengthGuess: LengthGuess
    @usableFromInline let order: Order
    /// The pages of the last record that was asked for.
    @usableFromInline var first = -1
    @usableFromInline var last = -1
    /// What was asked for of a compacted segment, from where the scan is.
    @usableFromInline var stretch = 0..<0
    @usableFromInline var stretchBytes = 0

    private static let stretchBytesMin = 16 << 10
    private static let stretchBytesMax = 128 << 10

    @inlinable
    init(_ pages: AdvisedPages, lengthGuess: LengthGuess, order: Order) {
        isOn = pages.isAdvised
        self.pages = pages
        self.lengthGuess = lengthGuess
        self.order = order
    }

    /// Asks for the record at `place`, taken for as long as the last one that was read. To be called where `isOn`.
    @inlinable @inline(__always)
    mutating func ask(_ place: UInt64) {
        let place = Int(truncatingIfNeeded: place)
        let valueBytes = Int(truncatingIfNeeded: intrinsics_load_relaxed(lengthGuess.word))
        let first = place &>> AdvisedPages.pageShift
        let last = (place &+ LogFormat.recordHeaderBytes &+ valueBytes &- 1) &>> AdvisedPages.pageShift
        if (first ^ self.first) | (last ^ self.last) != 0 { askNew(first, last) }
    }

    /// Asks for pages that are not those of the record before.
    @usableFromInline @inline(never)
    mutating func askNew(_ first: Int, _ last: Int) {
        (self.first, self.last) = (first, last)
        let begin = first << AdvisedPages.pageShift
        let segment = pages.segment(at: begin)
        let end = min((last + 1) << AdvisedPages.pageShift, segment.range.upperBound)
        guard segment.range.contains(begin), begin < end else { return }
        if !segment.isCompacted || order == .scattered { return request(begin..<end) }
        if order == .ascending { askUp(begin..<end, segment.range) } else { askDown(begin..<end, segment.range) }
    }

    private mutating func askUp(_ record: Range<Int>, _ segment: Range<Int>) {
        let goesOn = stretch.lowerBound <= record.lowerBound && record.lowerBound <= stretch.upperBound
        if goesOn, stretch.upperBound - record.upperBound >= stretchBytes { return }
        lengthen(goesOn)
        let from = goesOn ? stretch.upperBound : record.lowerBound
        let end = max(from, min(max(from + stretchBytes, record.upperBound), segment.upperBound))
        request(from..<end)
        stretch = record.lowerBound..<end
    }

    private mutating func askDown(_ record: Range<Int>, _ segment: Range<Int>) {
        let goesOn = stretch.lowerBound <= record.upperBound && record.upperBound <= stretch.upperBound
        if goesOn, record.lowerBound - stretch.lowerBound >= stretchBytes { return }
        lengthen(goesOn)
        let from = goesOn ? stretch.lowerBound : record.upperBound
        let end = min(from, max(min(from - stretchBytes, record.lowerBound), segment.lowerBound))
        request(end..<from)
        stretch = end..<record.upperBound
    }

    private mutating func lengthen(_ goesOn: Bool) {
        stretchBytes = goesOn ? min(2 * stretchBytes, Self.stretchBytesMax) : Self.stretchBytesMin
    }

    private func request(_ range: Range<Int>) {
        // Safe: the range lies in a segment, which is mapped.
        pages.request(pages.base + range.lowerBound, range.count)
    }
}

/// What a pass over a segment from end to end asks for ahead: 256 KiB at a time, when less than 128 KiB are left of it.
struct PassAhead {
    private let pages: AdvisedPages?
    /// The offset from which on there is something to ask for.
    private var next: Int
    /// Up to where it was asked for.
    private var asked = 0

    /// One that asks for nothing.
    init() {
        pages = nil
        next = .max
    }

    init(_ pages: AdvisedPages) {
        self.pages = pages
        next = 0
    }

    /// To be called with the offset of each record of the segment that begins at `start`; what lies behind `bound` is
    /// not read.
    @inline(__always)
    mutating func come(to offset: Int, _ start: UnsafeRawPointer, _ bound: Int) {
        if offset >= next { ask(offset, start, bound) }
    }

    @inline(never)
    private mutating func ask(_ offset: Int, _ start: UnsafeRawPointer, _ bound: Int) {
        let from = max(asked, offset & ~(AdvisedPages.pageBytes - 1))
        asked = max(from, min(from + 2 * AdvisedPages.requestBytes, LogFiles.wholePages(bound)))
        next = asked < bound ? asked - AdvisedPages.requestBytes : .max
        // Safe: the segment is mapped in whole pages up to its bound.
        pages?.request(start + from, asked - from)
    }
}
