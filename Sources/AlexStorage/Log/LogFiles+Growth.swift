import StorageIO
import Synchronization

// Growth: the tail segment gets longer by steps; at its limit a new segment follows.
//
// One piece of growth is prepared ahead, on the worker's thread: either the tail's next step or the next segment's file
// with its first step. The writer adopts it when it has used up what it has, and orders the next. Where the piece is
// not there (small stores, no thread, a failure), the writer makes it itself, and a failure then is its commit's.
//
// In class power a step is filled with zeros besides: a sync of blocks that were written before changes no metadata of
// the file and takes half the time of one that turns allocated blocks into written ones.
//
// The tail's address space reaches as far as its file may without another look at it, a whole segment's length: so
// nothing that is prepared behind it can come to lie under it. A commit that is longer than a segment and finds an
// empty tail lengthens that, and what was prepared behind it goes.

extension LogFiles {
    /// What is being prepared ahead.
    struct Growth {
        var worker: GrowthWorker?
        var pending: Pending?

        enum Pending {
            /// The tail, up to so many bytes of its file.
            case step(to: Int, StepOutcome)
            case segment(PreparedSegment)
        }
    }

    /// Whether a step that the worker was given has succeeded. Read after `GrowthWorker.wait`.
    final class StepOutcome: Sendable {
        let isDone = Atomic(false)
    }

    /// The next segment: its file under a temporary name, with its first step mapped. Written by the worker, read after
    /// `GrowthWorker.wait`.
    final class PreparedSegment: Sendable {
        let base: Int
        let bytes: Int
        let file = Mutex<(any StorageFile)?>(nil)

        init(base: Int, bytes: Int) {
            self.base = base
            self.bytes = bytes
        }
    }

    static let temporarySegmentName = "next.segment.new"
    /// Segments grow in steps of this at least: 64 KiB.
    static let stepBytesMin = 64 << 10
    /// What a huge page holds: 2 MiB.
    static let hugePageBytes = 2 << 20
    /// A step of less is not worth a thread: 1 MiB.
    static let backgroundStepBytesMin = 1 << 20

    /// In class power a step's zeros reach the disk with the next commit, which waits for them: 1 MiB at most.
    static let writtenStepBytesMax = 1 << 20

    /// How the tail is written to: through its map, or by pwrite(2) as class power does.
    var isMapped: Bool { options.durability != .power }

    /// The step after `allocated` bytes: as much again, within bounds, in whole pages.
    func step(after allocated: Int) -> Int {
        let allowed = isMapped ? options.growthStepBytes : min(options.growthStepBytes, Self.writtenStepBytesMax)
        let most = max(allowed, 4096)
        return (min(max(allocated, Self.stepBytesMin), most) + 4095) & ~4095
    }

    /// Where the step from `from` on ends that makes room for `needed` bytes: at a huge page's boundary, so that the
    /// steps behind it consist of such pages, where steps are as long as one and the segment's limit is not reached.
    private func stepEnd(from: Int, needed: Int) -> Int {
        let step = step(after: from)
        let wanted = (max(needed, min(from + step, segmentLimit)) + 4095) & ~4095
        let whole = (wanted + Self.hugePageBytes - 1) & ~(Self.hugePageBytes - 1)
        return !isMapped || step < Self.hugePageBytes || whole > segmentLimit ? wanted : whole
    }

    /// How long a segment may get unless a single commit needs more.
    var segmentLimit: Int { max((options.segmentBytesLimit + 4095) & ~4095, LogFormat.segmentHeaderBytes + 4096) }

    /// Gives the tail address space for `bytes` bytes, and for every step that its file may take besides.
    func lengthenTail(from base: Int, bytes: Int) throws(AlexStoreError) {
        let needed = max(segmentLimit, bytes)
        if let prepared = preparedBase, base + Self.wholeGranules(needed) > prepared { dropPreparedSegment() }
        try extendReservation(from: base, bytes: needed)
    }

    /// Where the segment lies that is being prepared, if one is: behind all others.
    var preparedBase: Int? {
        if case .segment(let prepared) = growth.pending { prepared.base } else { nil }
    }

    /// Gives back the segment that was prepared, if one was.
    private func dropPreparedSegment() {
        guard case .segment(let prepared) = growth.pending else { return }
        growth.worker?.wait()
        growth.pending = nil
        nextSegmentBase = prepared.base
        guard let file = prepared.file.withLock({ $0 }) else { return }
        file.close()
        region.unmap(prepared.base..<(prepared.base + prepared.bytes))
        try? fileSystem.remove(path(of: Self.temporarySegmentName))
    }

    /// Makes the tail's file at least `needed` bytes long. Its records end at `used`.
    func growTail(to needed: Int, used: Int) throws(AlexStoreError) {
        settleStep()
        while segments[tail].allocated < needed {
            let from = segments[tail].allocated
            let to = stepEnd(from: from, needed: needed)
            guard let file = segments[tail].file else { preconditionFailure("the tail has no open file") }
            let base = segments[tail].base
            let (region, isMapped) = (region, isMapped)
            try throwingStoreError { () throws(StorageIOError) in
                try Self.makeStep(
                    of: file, from: from, to: to, zerosFrom: isMapped ? nil : max(from, used), region: region,
                    base: base)
            }
            segments[tail].allocated = to
        }
    }

    /// Waits for a step of the tail that is under way and takes it over.
    func settleStep() {
        if let ready = takePendingStep() { segments[tail].allocated = ready }
    }

    /// Allocates one step and maps it: populated for writing, or, with `zerosFrom`, filled with zeros from there on
    /// and mapped for reading.
    static func makeStep(
        of file: any StorageFile, from: Int, to: Int, zerosFrom: Int?, region: AddressRegion, base: Int
    ) throws(StorageIOError) {
        try file.allocate(from: from, to: to)
        guard let zerosFrom else {
            return try file.map(from..<to, into: region, at: base + from, access: .writePopulated)
        }
        try writeZeros(file, zerosFrom..<to)
        try file.map(from..<to, into: region, at: base + from, access: .read)
    }

    private static func writeZeros(_ file: any StorageFile, _ range: Range<Int>) throws(StorageIOError) {
        let chunkBytes = 1 << 20
        let zeros = UnsafeMutableRawBufferPointer.allocate(byteCount: min(chunkBytes, range.count), alignment: 8)
        defer { zeros.deallocate() }
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        var at = range.lowerBound
        while at < range.upperBound {
            let bytes = min(chunkBytes, range.upperBound - at)
            try file.write(UnsafeRawBufferPointer(rebasing: zeros[..<bytes]), at: at)
            at += bytes
        }
    }

    /// What the worker has added to the tail, if that is what it was asked for and it succeeded.
    private func takePendingStep() -> Int? {
        guard case .step(let to, let outcome) = growth.pending else { return nil }
        growth.worker?.wait()
        growth.pending = nil
        return outcome.isDone.load(ordering: .relaxed) ? to : nil
    }

    /// Orders the next piece of growth, when it is worth a thread.
    func orderGrowth() {
        guard options.growsInBackground, growth.pending == nil else { return }
        let allocated = segments[tail].allocated
        guard step(after: allocated) >= Self.backgroundStepBytesMin else { return }
        if growth.worker == nil { growth.worker = GrowthWorker() }
        guard let worker = growth.worker else { return }
        if allocated < segmentLimit { orderStep(from: allocated, worker) } else { orderSegment(worker) }
    }

    private func orderStep(from: Int, _ worker: GrowthWorker) {
        guard let file = segments[tail].file else { return }
        let to = stepEnd(from: from, needed: 0)
        let (region, base, outcome, isMapped) = (region, segments[tail].base, StepOutcome(), isMapped)
        growth.pending = .step(to: to, outcome)
        worker.submit {
            // A failure is not lost: the writer makes the step itself when it needs it, and gets its own error.
            let made: Void? = try? Self.makeStep(
                of: file, from: from, to: to, zerosFrom: isMapped ? nil : from, region: region, base: base)
            guard made != nil else { return }
            outcome.isDone.store(true, ordering: .relaxed)
        }
    }

    private func orderSegment(_ worker: GrowthWorker) {
        let bytes = step(after: segmentLimit)
        guard let base = try? reserveSegment(bytes: max(segmentLimit, bytes)) else { return }
        let prepared = PreparedSegment(base: base, bytes: bytes)
        growth.pending = .segment(prepared)
        let (fileSystem, region, isMapped) = (fileSystem, region, isMapped)
        let path = path(of: Self.temporarySegmentName)
        worker.submit {
            guard let file = try? fileSystem.open(path, .replace) else { return }
            let made: Void? = try? Self.makeStep(
                of: file, from: 0, to: bytes, zerosFrom: isMapped ? nil : 0, region: region, base: base)
            guard made != nil else {
                file.close()
                return
            }
            prepared.file.withLock { $0 = file }
        }
    }

    /// Makes the file of a new segment that can take `needed` bytes: the prepared one, or one made now.
    func nextSegmentFile(needed: Int) throws(AlexStoreError) -> (base: Int, allocated: Int, file: any StorageFile) {
        if case .segment(let prepared) = growth.pending {
            growth.worker?.wait()
            growth.pending = nil
            if let file = prepared.file.withLock({ $0 }) {
                do {
                    try extendReservation(from: prepared.base, bytes: max(segmentLimit, needed))
                } catch {
                    growth.pending = .segment(prepared)
                    throw error
                }
                return (prepared.base, prepared.bytes, file)
            }
            nextSegmentBase = prepared.base
        }
        let before = nextSegmentBase
        let base = try reserveSegment(bytes: max(segmentLimit, needed))
        let bytes = min(Self.stepBytesMin, segmentLimit)
        let (fileSystem, region, path) = (fileSystem, region, path(of: Self.temporarySegmentName))
        let isMapped = isMapped
        do throws(AlexStoreError) {
            let file = try throwingStoreError { () throws(StorageIOError) in
                let file = try fileSystem.open(path, .replace)
                do throws(StorageIOError) {
                    try Self.makeStep(
                        of: file, from: 0, to: bytes, zerosFrom: isMapped ? nil : 0, region: region, base: base)
                } catch {
                    file.close()
                    throw error
                }
                return file
            }
            return (base, bytes, file)
        } catch {
            nextSegmentBase = before
            throw error
        }
    }

    /// Waits for the worker and gives back what it has prepared for nothing.
    func endGrowth() {
        growth.worker?.wait()
        if case .step(let to, let outcome) = growth.pending, outcome.isDone.load(ordering: .relaxed) {
            segments[tail].allocated = to
        }
        dropPreparedSegment()
        growth.pending = nil
        growth.worker?.stop()
        growth.worker = nil
    }
}
