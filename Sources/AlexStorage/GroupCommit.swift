import LearnedIndex
import StorageIO

// Class power: any number of threads commit, one sync makes a whole group of commits durable.
//
// 1. A commit takes the lock, gets its sequence numbers and its place, and puts its records into the group that waits.
// 2. Whoever has to wait for a commit and finds no leader becomes the leader: takes the waiting group, gives up the
//    lock, writes the group's records with one pwrite(2), syncs with one fdatasync(2), and takes the lock again.
// 3. The leader enters the group into the index, moves `durableSequence` up, and wakes those whose commit was in the
//    group, and one of those who wait for the next group, which has gathered in the meantime: it leads that one. They
//    wait and are woken without the lock (`CommitDoors`), and those whose commit is durable return without it.
//
// Invariants
// 1. durableSequence <= the syncing group's last <= the waiting group's last = nextSequence - 1.
// 2. The index shows nothing that is not durable.
// 3. A group lies in one segment. A new segment begins only when nothing waits and nothing is syncing.
// 4. The first record of a group says that everything before it is durable: it is written only when that is so.
// 5. After a failure nothing is written any more: the group's waiters get the failure, everyone later `poisoned`. Where
//    somebody else than a leader finds out (`LogFiles.didHalt`), all who wait are woken and get `poisoned`.
// 6. Who needs the log's end to be durable (a checkpoint, a compaction, a close) has it so when nothing waits and
//    nothing is syncing: waiting for the last commit alone is not enough, as others come in while the lock is given up.
//    Meanwhile newcomers are held back, and a close refuses them, so that it comes to an end.
//
// Threads: any. Everything but `file` operations of the leader happens under the lock.

/// The commits of a store of class power.
@usableFromInline
final class GroupCommit: @unchecked Sendable {
    // Safe to share: all state below, and the store's, is touched only with `monitor` held; see the thread rule of
    // `StoreCommitter` for reads.
    let monitor = Monitor(conditions: 2)
    private let doors: CommitDoors
    private let state: UnsafeMutablePointer<AlexStore.State>
    private var waiting = CommitGroup()
    private var syncing = CommitGroup()
    private var isLed = false
    /// How many wait until nothing is under way. Newcomers let them go first.
    private var settling = 0
    /// Whether a close has begun: commits are refused.
    private var isClosing = false
    /// The number of the group that is synced, or was last: odd and even ones are waited for before doors of their own.
    private var led = 0
    private var failure: (error: AlexStoreError, through: UInt64)?
    /// The store that this is of: for its compaction.
    weak var store: AlexStore?
    /// Groups that were synced, for tests and statistics.
    private(set) var groups = 0

    /// What threads wait for besides a group: that nobody leads, and that nobody waits for a moment without commits.
    private static let noLeader = 0
    private static let noSettling = 1

    /// Asynchronous commits are written and synced at the latest when so many bytes wait: 1 MiB.
    static let waitingBytesMax = 1 << 20

    init(state: UnsafeMutablePointer<AlexStore.State>) {
        self.state = state
        doors = CommitDoors(durableSequence: state.pointee.log.files.durableSequence)
        // A checkpoint's sync or a compaction's may poison the store while others wait for a group.
        state.pointee.log.files.didHalt = { [monitor, doors] in Self.wakeEveryone(monitor, doors) }
    }

    /// Commits `count` records as one unit and returns the last one's sequence number.
    ///
    /// - Parameter waits: Whether to return only once they are durable.
    @usableFromInline
    func commit(
        count: Int, waits: Bool, key: (Int) -> Int64, value: (Int) -> UnsafeRawBufferPointer
    ) throws(AlexStoreError) -> UInt64 {
        try locked(thenWaits: waits && count > 0) { () throws(AlexStoreError) in
            try stage(count: count, flag: { _ in LogFormat.putFlag }, key: key, value: value)
        }
    }

    /// Calls `body` with the lock held, and returns without it: if it `waits` or too much waits already, once what was
    /// committed up to `body`'s sequence number is durable.
    private func locked(
        thenWaits waits: Bool, _ body: () throws(AlexStoreError) -> UInt64
    ) throws(AlexStoreError) -> UInt64 {
        monitor.lock()
        let sequence: UInt64
        do throws(AlexStoreError) { sequence = try body() } catch {
            monitor.unlock()
            throw error
        }
        if waits || waiting.bytes >= Self.waitingBytesMax {
            try waitAndUnlock(through: sequence)
        } else {
            monitor.unlock()
        }
        return sequence
    }

    /// Commits puts and removals as one unit, if `isAllowed`. Returns once they are durable.
    ///
    /// - Parameter isAllowed: Asked with the lock held, with nothing between its answer and the commit.
    func commit(
        _ commit: StagedCommit, isAllowed: () throws(AlexStoreError) -> Bool
    ) throws(AlexStoreError) {
        _ = try locked(thenWaits: true) { () throws(AlexStoreError) in
            if commit.isEmpty {
                _ = try isAllowed()
                return 0
            }
            return try stage(
                count: commit.count, flag: commit.flag, key: commit.key, value: commit.value, isAllowed: isAllowed) ?? 0
        }
    }

    /// Commits a put when the key's value, after all commits so far, is `expected`. Returns whether it was.
    func put(
        _ value: [UInt8], forKey key: Int64, ifValueIs expected: [UInt8]?, in store: AlexStore
    ) throws(AlexStoreError) -> Bool {
        let sequence = try locked(thenWaits: true) { () throws(AlexStoreError) in
            while true {
                try checkOpen()
                // What waits can't be read yet.
                while isPending(key) {
                    try waitLocked(through: state.pointee.log.nextSequence - 1)
                    try checkOpen()
                }
                guard try store.holds(expected, forKey: key) else { return 0 }
                let result = value.withUnsafeBytes { bytes in
                    Result { () throws(AlexStoreError) in
                        try stage(
                            count: 1, flag: { _ in LogFormat.putFlag }, key: { _ in key }, value: { _ in bytes }
                        ) { () throws(AlexStoreError) in
                            // Others may have been let in to make room.
                            if isPending(key) { return false }
                            return try store.holds(expected, forKey: key)
                        }
                    }
                }
                if let sequence = try result.get() { return sequence }
            }
        }
        return sequence > 0
    }

    /// The keys that commits change which reads do not show yet. With the lock held.
    var pendingKeys: [Dictionary<Int64, Bool>.Keys] { [waiting.presence.keys, syncing.presence.keys] }

    private func isPending(_ key: Int64) -> Bool { waiting.presence[key] != nil || syncing.presence[key] != nil }

    /// Commits a tombstone when the key is there after all commits so far. Returns whether it was.
    @usableFromInline
    func remove(_ key: Int64) throws(AlexStoreError) -> Bool {
        let sequence = try locked(thenWaits: true) { () throws(AlexStoreError) in
            try checkOpen()
            guard isPresent(key) else {
                // What is missing may be so because nothing can be read.
                try checkOpen()
                return 0
            }
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            return try stage(
                count: 1, flag: { _ in LogFormat.deleteFlag }, key: { _ in key }, value: { _ in nothing },
                // Others may have been let in to make room, and have removed it.
                isAllowed: { () throws(AlexStoreError) in isPresent(key) }) ?? 0
        }
        return sequence > 0
    }

    /// Whether the key is there after all commits so far.
    private func isPresent(_ key: Int64) -> Bool {
        waiting.presence[key] ?? syncing.presence[key] ?? (state.pointee.index.value(forKey: key) != nil)
    }

    /// Returns once everything up to `sequence` is durable.
    func wait(through sequence: UInt64) throws(AlexStoreError) {
        monitor.lock()
        defer { monitor.unlock() }
        try checkOpen()
        try waitLocked(through: min(sequence, state.pointee.log.nextSequence - 1))
    }

    /// Makes a checkpoint with everything in it that was committed before.
    func checkpoint() throws(AlexStoreError) {
        monitor.lock()
        defer { monitor.unlock() }
        try settle()
        store?.settleCompaction()
        try state.pointee.log.checkpoint(of: state.pointee.index)
    }

    /// See ``AlexStore/finishOwnWork()``.
    func finishOwnWork() throws(AlexStoreError) {
        monitor.lock()
        defer { monitor.unlock() }
        try state.pointee.log.finishOwnWork()
    }

    /// Makes durable what waits, and takes no commits any more. Whoever closes while another does returns with it.
    func close() throws(AlexStoreError) {
        monitor.lock()
        defer { monitor.unlock() }
        while isClosing && state.pointee.log.isOpen { monitor.wait(for: Self.noLeader) }
        guard state.pointee.log.isOpen else { return }
        // From here on nobody stages anything.
        isClosing = true
        defer { Self.wakeEveryone(monitor, doors) }
        store?.endCompaction()
        store?.dismissReplaced()
        var failed: AlexStoreError? = failure == nil ? nil : .poisoned
        do throws(AlexStoreError) {
            while failed == nil && (!waiting.isEmpty || isLed) {
                try waitLocked(through: state.pointee.log.nextSequence - 1)
            }
        } catch {
            failed = error
        }
        while isLed { monitor.wait(for: Self.noLeader) }
        defer { state.pointee.removeAll() }
        do throws(AlexStoreError) { try state.pointee.log.close(indexedBy: state) } catch { throw failed ?? error }
        if let failed { throw failed }
    }

    /// Calls `body` with the lock held while no commit waits and none is being synced.
    func exclusively<Result>(_ body: () throws(AlexStoreError) -> Result) throws(AlexStoreError) -> Result {
        monitor.lock()
        defer { monitor.unlock() }
        try settle()
        return try body()
    }

    /// Holds the state after all commits so far, and those that became durable meanwhile, for a copy.
    func beginBackup() throws(AlexStoreError) -> StoreBackup {
        monitor.lock()
        defer { monitor.unlock() }
        try checkOpen()
        try waitLocked(through: state.pointee.log.nextSequence - 1)
        store?.settleCompaction()
        let (log, files) = (state.pointee.log.end, state.pointee.log.files)
        // What others have begun since then may not be in the file yet: the copy ends before it.
        let end = !syncing.isEmpty ? syncing.start : !waiting.isEmpty ? waiting.start : log
        return try StoreBackup(
            files: files, end: end - files.segments[files.tail].base, sequence: files.durableSequence + 1)
    }

    var durableSequence: UInt64 {
        monitor.lock()
        defer { monitor.unlock() }
        return state.pointee.log.files.durableSequence
    }

    // MARK: With the lock held

    private func checkOpen() throws(AlexStoreError) {
        let files = state.pointee.log.files
        if files.state == .closed || isClosing { throw files.unreadable ?? .closed }
        if failure != nil || files.state == .poisoned { throw .poisoned }
        if files.frozenDepth > 0 { throw files.frozenError }
    }

    /// Returns once no commit waits and none is being synced: then everything up to the log's end is durable.
    private func settle() throws(AlexStoreError) {
        try checkOpen()
        if waiting.isEmpty && !isLed { return }
        settling += 1
        defer {
            settling -= 1
            if settling == 0 { monitor.wakeAll(Self.noSettling) }
        }
        while !waiting.isEmpty || isLed {
            try waitLocked(through: state.pointee.log.nextSequence - 1)
            try checkOpen()
        }
    }

    /// Has everyone look again at what they wait for.
    private static func wakeEveryone(_ monitor: Monitor, _ doors: CommitDoors) {
        doors.openAll()
        for condition in 0...noSettling { monitor.wakeAll(condition) }
    }

    /// - Returns: The last record's sequence number.
    private func stage(
        count: Int, flag: (Int) -> UInt64, key: (Int) -> Int64, value: (Int) -> UnsafeRawBufferPointer
    ) throws(AlexStoreError) -> UInt64 {
        let sequence = try stage(
            count: count, flag: flag, key: key, value: value
        ) { () throws(AlexStoreError) in true }
        guard let sequence else { preconditionFailure("a commit without a condition was not made") }
        return sequence
    }

    /// Puts records into the group that waits.
    /// - Returns: The last record's sequence number, or `nil` if it was not allowed.
    private func stage(
        count: Int, flag: (Int) -> UInt64, key: (Int) -> Int64, value: (Int) -> UnsafeRawBufferPointer,
        isAllowed: () throws(AlexStoreError) -> Bool
    ) throws(AlexStoreError) -> UInt64? {
        try checkOpen()
        while settling > 0 {
            monitor.wait(for: Self.noSettling)
            try checkOpen()
        }
        if count == 0 { return state.pointee.log.nextSequence - 1 }
        let bytes = try ValueLog.commitBytes(count: count, value: value)
        // A new segment begins only when nothing is under way (invariant 3).
        store?.tendCompaction(canSeal: waiting.isEmpty && !isLed)
        try makeRoom(for: bytes)
        // An index that is still to be brought in would be so in the midst of publishing what it may not be made for.
        try state.pointee.log.completeIndex()
        // Others may have been let in, and the store may be another than it was.
        try checkOpen()
        let unpublished = waiting.changes.count + syncing.changes.count
        do { try state.pointee.index.reserve(inserts: unpublished + count) } catch { throw .index(error) }
        // Only now, as making room may have let others in.
        guard try isAllowed() else { return nil }
        waiting.reserve(bytes, at: state.pointee.log.end)
        for index in 0..<count {
            var flags = flag(index)
            if index == 0 { flags |= LogFormat.batchBeginFlag }
            if index == count - 1 { flags |= LogFormat.batchEndFlag }
            if waiting.isEmpty { flags |= LogFormat.durableBeforeFlag }
            state.pointee.log.stage(key(index), value(index), flags: flags, in: &waiting)
        }
        return waiting.lastSequence
    }

    /// Makes room for a commit. A new segment is begun only when nothing is under way (invariant 3).
    private func makeRoom(for bytes: Int) throws(AlexStoreError) {
        while state.pointee.log.needsNewSegment(for: bytes) && (!waiting.isEmpty || isLed) {
            try waitLocked(through: state.pointee.log.nextSequence - 1)
            try checkOpen()
        }
        if state.pointee.log.needsGrowth(for: bytes) { try state.pointee.log.extend(by: bytes) }
    }

    /// The same, and the lock is held again when it returns.
    private func waitLocked(through sequence: UInt64) throws(AlexStoreError) {
        if state.pointee.log.files.durableSequence >= sequence { return }
        defer { monitor.lock() }
        try waitAndUnlock(through: sequence)
    }

    /// Returns once everything up to `sequence` is durable, without the lock, also where it throws.
    private func waitAndUnlock(through sequence: UInt64) throws(AlexStoreError) {
        while true {
            let isDone: Bool
            do throws(AlexStoreError) { isDone = try isDurable(through: sequence) } catch {
                monitor.unlock()
                throw error
            }
            if isDone { return monitor.unlock() }
            if isLed {
                let door = sequence <= syncing.lastSequence ? led : led + 1
                let ticket = doors.ticket(before: door)
                monitor.unlock()
                doors.wait(before: door, ticket)
            } else {
                leadAndUnlock()
            }
            if doors.durableSequence >= sequence { return }
            monitor.lock()
        }
    }

    /// Whether everything up to `sequence` is durable. Throws where it will never be.
    private func isDurable(through sequence: UInt64) throws(AlexStoreError) -> Bool {
        let files = state.pointee.log.files
        if files.durableSequence >= sequence { return true }
        if let failure { throw sequence <= failure.through ? failure.error : .poisoned }
        // Also while a group is syncing: whoever poisons the store wakes those who wait.
        if files.state == .poisoned { throw .poisoned }
        if files.state == .closed { throw .closed }
        return false
    }

    /// Makes the waiting group durable. Gives up the lock, and wakes only then.
    private func leadAndUnlock() {
        let files = state.pointee.log.files
        precondition(!isLed && syncing.isEmpty && !waiting.isEmpty, "a group is led twice or holds nothing")
        swap(&waiting, &syncing)
        isLed = true
        led += 1
        let own = led
        let segment = files.segments[files.tail]
        let (offset, isDirectorySynced) = (syncing.start - segment.base, files.isDirectorySynced)
        monitor.unlock()
        let result = Result { () throws(StorageIOError) in
            guard let file = segment.file else { preconditionFailure("the tail has no open file") }
            try file.write(syncing.records, at: offset)
            try files.syncs.sync(file)
            if !isDirectorySynced { try files.syncs.syncDirectory(files.segmentsDirectory, files.fileSystem) }
        }
        monitor.lock()
        isLed = false
        if case .failure(let error) = result {
            failure = (.io(error), syncing.lastSequence)
            state.pointee.log.poison()
        } else if files.state != .open {
            // Somebody else's sync of the same file has failed meanwhile: this one proves nothing.
            failure = (files.state == .poisoned ? .poisoned : .closed, syncing.lastSequence)
        }
        if failure != nil {
            syncing.removeAll()
            // Nobody leads any more.
            Self.wakeEveryone(monitor, doors)
            return monitor.unlock()
        }
        files.isDirectorySynced = true
        publish()
        let wakesGroup = doors.open(own)
        let wakesNext = doors.openForOne(own + 1)
        monitor.wakeAll(Self.noLeader)
        monitor.unlock()
        if wakesNext { doors.wakeOne(own + 1) }
        if wakesGroup { doors.wakeAll(own) }
    }

    /// Enters a durable group into the index.
    private func publish() {
        let files = state.pointee.log.files
        precondition(syncing.lastSequence > files.durableSequence, "a group became durable twice")
        for change in syncing.changes {
            let replaced: UInt64?
            if change.isDelete {
                replaced = state.pointee.forget(change.key)
                state.pointee.log.noteTombstone(at: change.place)
            } else {
                // Safe: `commitLocked` reserved the memory for it.
                do { replaced = try state.pointee.change(change.key, to: change.place) } catch {
                    preconditionFailure("the index refuses what was reserved: \(error)")
                }
            }
            state.pointee.log.noteGarbage(at: replaced)
            if !change.isDelete && replaced == nil { AlexStore.State.noteNew(change.key, in: state) }
        }
        files.durableSequence = syncing.lastSequence
        doors.durableSequence = syncing.lastSequence
        groups += 1
        syncing.removeAll()
    }
}
