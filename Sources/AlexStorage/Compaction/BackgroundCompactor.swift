import LearnedIndex
import StorageIO
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// A store that compacts by itself. The steps of a compaction (Compaction.swift), and who does them:
//
//   looking at the counts, choosing inputs         writer    once in 1 MiB of log
//   2, 3, 4  tombstones, copying, sealing          thread    through a reader of the index; takes no lock
//   1        what must be durable                  writer    notes it: some names
//            syncing that                          thread    one after the other, like all (LogSyncs.swift)
//   5        mapping the outputs, the manifest     writer    makes it: no input or output but maps
//            writing the manifest                  thread
//   6        new places in the index               writer    4 KiB of records for each 4 KiB of log
//   7        unlinking, unmapping                  thread
//
// The writer is whoever may write: the store's thread, or the holder of the committers' lock. It comes by when its log
// has grown by so much (`ValueLog.makeRoom`, which it calls anyway), sees whether the thread is done with its step, and
// does the next of its own. So nobody waits for the thread, and a store that nobody writes to goes no further.
//
// Invariants, besides those of Compaction.swift
// 1. A job belongs to the thread from `submit` until `isDone`, otherwise to the writer.
// 2. The thread reads the index by `IndexReader`, and segments that are inputs, which do not change; it writes files of
//    its own, and the manifest while the stage is `publishing`. In that stage and the next two nobody else writes the
//    manifest: `conclude` comes before.
// 3. A key whose place lies in an input all the while is found by the scan of the index, once. A key that the writer
//    changes meanwhile is copied or not; either way its new record is in the log before the sync of step 1.
// 4. From `publishing` on the job is carried to its end, whatever comes.

/// The compaction of one store that begins by itself.
final class BackgroundCompactor {
    private enum Stage { case idle, copying, syncing, publishing, moving, unlinking }

    let settings: AutomaticCompaction
    private var worker: GrowthWorker?
    private var stage = Stage.idle
    private var job: Job?
    private(set) var report = AutomaticCompactionReport()
    /// Bytes that the log had taken since the store was opened when it was the writer's turn last, and when the next
    /// look is due.
    private var lastTurn = 0
    private var nextLook: Int
    private var durable: DurablePlace?
    private var manifest: Manifest?
    private var leaving: [LogFiles.LeavingSegment] = []
    /// A step that the writer does later, in the torture.
    private var waiting: (@Sendable () -> Void)?

    init(_ settings: AutomaticCompaction) {
        self.settings = settings
        nextLook = settings.lookBytes
    }

    /// One compaction, handed to and fro between writer and thread.
    private final class Job: @unchecked Sendable {
        // Safe to share: invariant 1; the atomics are anyone's.
        var compaction: Compaction
        var failure: AlexStoreError?
        var gone: [Bool] = []
        let isDone = Atomic(false)
        let isStopping = Atomic(false)
        let isUrgent = Atomic(false)

        init(_ compaction: consuming Compaction) { self.compaction = compaction }
    }

    var isIdle: Bool { stage == .idle }
    /// Whether index and files are between the old layout and the new.
    var isMidway: Bool { stage == .publishing || stage == .moving || stage == .unlinking }

    // MARK: The writer's turns

    /// Does what is the writer's to do now; mostly nothing. The caller has the store for itself.
    ///
    /// - Parameter canSeal: Whether a new segment may begin.
    func tend(_ store: AlexStore, canSeal: Bool) {
        let files = store.state.pointee.log.files
        guard files.state == .open, files.frozenDepth == 0 else { return }
        let written = store.state.pointee.log.bytesEver
        let bytes = written - lastTurn
        lastTurn = written
        switch stage {
        case .idle: look(store, canSeal: canSeal)
        case .moving: move(store, bytesMax: max(bytes, min(CompactionPace.movedBytesMin, settings.lookBytes)))
        case .copying, .syncing, .publishing, .unlinking: advance(store)
        }
        files.turnBytes = turnBytes
    }

    /// Bytes of log between two turns of the writer while nothing is moved.
    private var turnBytes: Int {
        switch stage {
        case .idle: settings.lookBytes
        case .moving: min(CompactionPace.turnBytesOfMove, settings.lookBytes)
        case .copying, .syncing, .publishing, .unlinking: min(CompactionPace.turnBytes, settings.lookBytes)
        }
    }

    /// Looks whether there is garbage enough, and begins.
    private func look(_ store: AlexStore, canSeal: Bool) {
        let written = store.state.pointee.log.bytesEver
        if written < nextLook || store.state.pointee.log.files.isCompacting { return }
        nextLook = written + settings.lookBytes
        guard isDue(store.state.pointee.log.segmentCounts()) else { return }
        var policy = settings.policy
        // A roll waits for a step of growth that is under way.
        policy.sealsTail = canSeal && store.state.pointee.log.files.growth.worker?.isWorking != true
        do throws(AlexStoreError) {
            guard let inputs = try store.beginCompaction(policy) else { return }
            // Until the index is touched a checkpoint may be made beside it.
            store.state.pointee.log.files.isCompacting = false
            begin(store, inputs)
        } catch {
            fail(error, store)
        }
    }

    private func isDue(_ segments: [SegmentCounts]) -> Bool {
        let share = garbageShare(segments)
        return share.bytes >= settings.garbageBytesMin && share.share >= settings.garbageShareMin
    }

    private func garbageShare(_ segments: [SegmentCounts]) -> (bytes: Int, share: Double) {
        let garbage = segments.reduce(0) { $0 + $1.estimatedBytes($1.garbage) }
        let all = segments.reduce(0) { $0 + $1.recordBytes }
        return (garbage, all == 0 ? 0 : Double(garbage) / Double(all))
    }

    private func begin(_ store: AlexStore, _ inputs: CompactionInputs) {
        if worker == nil && settings.work == .onThread { worker = GrowthWorker() }
        // Without a thread to be had it is tried again later.
        guard worker != nil || settings.work != .onThread else {
            return fail(.unsupported("the system has no thread to give"), store)
        }
        let reader = SharedIndex(store.state.pointee.index.reader())
        let job = Job(Compaction(state: store.state, inputs: inputs, reader: reader))
        self.job = job
        report.isRunning = true
        let bytesPerSecond = settings.bytesPerSecond
        run(job, as: .copying) { job throws(AlexStoreError) in
            try job.compaction.gatherTombstones()
            let start = ContinuousClock.now
            while try !job.compaction.copySome(visitsMax: .max) {
                try Self.sleep(job, since: start, bytesPerSecond)
            }
            try job.compaction.seal()
        }
    }

    private static func sleep(
        _ job: Job, since start: ContinuousClock.Instant, _ bytesPerSecond: Int
    ) throws(AlexStoreError) {
        let bytes = job.compaction.bytesCopied
        while true {
            if job.isStopping.load(ordering: .relaxed) { throw .cancelled }
            if job.isUrgent.load(ordering: .relaxed) { return }
            let elapsed = ContinuousClock.now - start
            guard
                let pause = CompactionPace.pause(bytes: bytes, bytesPerSecond: bytesPerSecond, elapsed: elapsed)
            else { return }
            usleep(pause)
        }
    }

    /// Has the thread do a step.
    private func run(_ job: Job, as stage: Stage, _ body: @escaping @Sendable (Job) throws(AlexStoreError) -> Void) {
        self.stage = stage
        job.isDone.store(false, ordering: .relaxed)
        let work = { @Sendable () -> Void in
            do throws(AlexStoreError) { try body(job) } catch { job.failure = error }
            job.isDone.store(true, ordering: .releasing)
        }
        switch settings.work {
        case .onThread:
            worker?.wait()
            worker?.submit(work)
        case .atOnce: work()
        case .later: waiting = work
        }
    }

    /// Waits for the thread's step, or does it.
    private func finishStep() {
        worker?.wait()
        if let work = waiting {
            waiting = nil
            work()
        }
    }

    /// Goes on when the thread has done its step.
    private func advance(_ store: AlexStore) {
        guard let job else { preconditionFailure("a compaction without a job") }
        if waiting != nil { return finishStep() }
        guard job.isDone.load(ordering: .acquiring) else { return noteUrgency(store, job) }
        if let failure = job.failure {
            // Pages that were not written count as written now: nobody may sync them again.
            if stage == .syncing && failure != .cancelled && !failure.isOfOpening { store.state.pointee.log.poison() }
            return fail(failure, store)
        }
        do throws(AlexStoreError) {
            switch stage {
            case .copying: try prepareSync(store, job)
            case .syncing: try preparePublication(store, job)
            case .publishing: adopt(store, job)
            case .unlinking: finish(store, job)
            case .idle, .moving: break
            }
        } catch {
            fail(error, store)
        }
    }

    private func noteUrgency(_ store: AlexStore, _ job: Job) {
        let written = store.state.pointee.log.bytesEver
        if stage != .copying || written < nextLook { return }
        nextLook = written + settings.lookBytes
        let share = garbageShare(store.state.pointee.log.segmentCounts()).share
        job.isUrgent.store(share >= settings.urgentGarbageShare, ordering: .relaxed)
    }

    // MARK: 1. What must be durable

    private func prepareSync(_ store: AlexStore, _ job: Job) throws(AlexStoreError) {
        let (paths, durable) = try store.state.pointee.log.unsyncedForCompaction()
        self.durable = durable
        let files = store.state.pointee.log.files
        let (fileSystem, directory, syncs) = (files.fileSystem, files.segmentsDirectory, files.syncs)
        run(job, as: .syncing) { _ throws(AlexStoreError) in
            try throwingStoreError { () throws(StorageIOError) in
                try Compaction.sync(paths, directory, fileSystem, syncs)
            }
        }
    }

    // MARK: 5. Publication

    private func preparePublication(_ store: AlexStore, _ job: Job) throws(AlexStoreError) {
        guard let durable else { preconditionFailure("nothing was made durable") }
        let files = store.state.pointee.log.files
        store.state.pointee.log.noteDurable(durable)
        let manifest = try job.compaction.prepareManifest(durable)
        self.manifest = manifest
        files.isCompacting = true
        run(job, as: .publishing) { job throws(AlexStoreError) in try job.compaction.write(manifest) }
    }

    private func adopt(_ store: AlexStore, _ job: Job) {
        guard let manifest else { preconditionFailure("no manifest was written") }
        job.compaction.adopt(manifest)
        self.manifest = nil
        stage = .moving
    }

    // MARK: 6 and 7. The index, and the end

    private func move(_ store: AlexStore, bytesMax: Int) {
        guard let job else { preconditionFailure("a compaction without a job") }
        do throws(AlexStoreError) {
            if try !job.compaction.moveSome(recordsMax: .max, bytesMax: bytesMax) { return }
        } catch {
            return fail(error, store)
        }
        job.compaction.retireInputs()
        leaving = store.takeReplaced()
        let (files, leaving) = (store.state.pointee.log.files, leaving)
        let unlinking = Unlinking(files: files, leaving: leaving)
        run(job, as: .unlinking) { job throws(AlexStoreError) in job.gone = unlinking.run() }
    }

    /// What the thread needs for step 7, which touches nothing else of the files.
    private struct Unlinking: @unchecked Sendable {
        let files: LogFiles
        let leaving: [LogFiles.LeavingSegment]
        func run() -> [Bool] { files.dismiss(leaving) }
    }

    private func finish(_ store: AlexStore, _ job: Job) {
        let files = store.state.pointee.log.files
        files.giveBack(leaving, gone: job.gone)
        report.done += 1
        report.last = job.compaction.report
        clear(files)
    }

    private func clear(_ files: LogFiles) {
        leaving = []
        (job, durable, manifest) = (nil, nil, nil)
        stage = .idle
        report.isRunning = false
        files.isCompacting = false
    }

    /// Takes everything back, and notes why.
    private func fail(_ error: AlexStoreError, _ store: AlexStore) {
        let files = store.state.pointee.log.files
        job?.compaction.abandon()
        if stage == .publishing, job?.compaction.isDoubtful == true, let manifest { files.doubt(manifest) }
        clear(files)
        if error == .cancelled { return }
        report.failed += 1
        report.lastFailure = error
        let (look, isBeyond) = lastTurn.addingReportingOverflow(max(settings.garbageBytesMin, settings.lookBytes))
        nextLook = isBeyond ? .max : look
    }

    // MARK: Coming to an end

    /// Brings a compaction that is between the layouts to its end; with `all`, takes back one that is not so far.
    func conclude(_ store: AlexStore, all: Bool) {
        guard all || isMidway else { return }
        job?.isStopping.store(true, ordering: .relaxed)
        while stage != .idle {
            finishStep()
            switch stage {
            case .idle: break
            case .copying, .syncing:
                _ = job.map { $0.failure = $0.failure ?? .cancelled }
                advance(store)
            case .publishing, .unlinking: advance(store)
            case .moving: move(store, bytesMax: .max)
            }
        }
    }

    /// Ends the thread. What is under way stays as a crash would leave it.
    func stop() {
        job?.isStopping.store(true, ordering: .relaxed)
        worker?.stop()
    }
}

/// A reader of the index that the thread holds.
final class SharedIndex: Sendable {
    let reader: IndexReader
    init(_ reader: consuming IndexReader) { self.reader = reader }
}
