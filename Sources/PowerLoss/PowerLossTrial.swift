import AlexStorage
import StorageIO

// One trial of power losses.
//
// 1. A store is opened on a simulated disk, and commits are made until the power goes at a call chosen at random: while
//    it opens, grows, commits, syncs, compacts, closes.
// 2. From what the disk may hold then, several images are drawn. Each is opened: it must hold a state of the history,
//    not older than the last acknowledged sync.
// 3. One of them goes on: the same again on that image, three crashes deep. So recovery is crashed, too.

/// What the trials have counted.
package struct Tally: Sendable {
    package var trials = 0
    package var powerLosses = 0
    /// Of these, how many hit a store that had been recovered from one.
    package var doubleCrashes = 0
    /// How many were recovered from a checkpoint.
    package var checkpoints = 0
    package var kills = 0
    /// Of these, how many left a store that had compacted itself.
    package var killsOfCompacted = 0
    /// Compactions that were not cut off, those that the store began by itself not among them.
    package var compactions = 0
    package var automaticCompactions = 0
    /// Transactions of a committer that were committed, and those of them that met a commit of somebody else.
    package var transactions = 0
    package var conflicts = 0
    /// Images that could not be opened, that held no state of the history, or one older than was durable.
    package var refused = 0
    package var foreign = 0
    package var lost = 0
    /// Times that a store was refused although every sync had done its work.
    package var violations: [String] = []

    package init() {}

    package mutating func add(_ other: Tally) {
        trials += other.trials
        powerLosses += other.powerLosses
        doubleCrashes += other.doubleCrashes
        checkpoints += other.checkpoints
        kills += other.kills
        killsOfCompacted += other.killsOfCompacted
        compactions += other.compactions
        automaticCompactions += other.automaticCompactions
        transactions += other.transactions
        conflicts += other.conflicts
        refused += other.refused
        foreign += other.foreign
        lost += other.lost
        violations += other.violations
    }
}

package struct PowerLossTrial {
    let seed: UInt64
    let mutation: Mutation
    let imagesPerCrash: Int
    private var random: SplitMix
    private let durability: Durability
    private let blockBytes: Int
    private let options: AlexStoreOptions
    /// Whether all records are of one length, so that stale ones fit in behind new ones.
    private let isUniform: Bool
    package private(set) var tally = Tally()

    static let directory = "store"
    private static let depth = 3

    /// - Parameter durability: `nil` for one by the seed.
    package init(
        seed: UInt64, mutation: Mutation = .none, imagesPerCrash: Int = 24, durability chosen: Durability? = nil
    ) {
        self.seed = seed
        self.mutation = mutation
        self.imagesPerCrash = imagesPerCrash
        random = SplitMix(state: seed)
        // What is synced leaves no room for stale blocks: class power has little of them.
        let drawn: Durability =
            switch random.below(mutation.needsUniformRecords ? 5 : 10) {
            case 0: .memory
            case 1...3: .process
            default: .power
            }
        durability = chosen ?? drawn
        blockBytes = random.below(2) == 0 ? 512 : 4096
        var options = AlexStoreOptions(durability: durability)
        options.segmentBytesLimit = random.below(2) == 0 ? 8 << 10 : 16 << 10
        options.growthStepBytes = 4096
        options.growsInBackground = false
        options.addressSpaceBytes = 4 << 30
        options.checkpointsOnClose = random.below(2) == 0 && !mutation.needsUniformRecords
        options.checkpointOnCloseBytesMin = 0
        // Made by the writer, so that a seed gives the same trial each time.
        options.checkpointBytes =
            random.below(2) == 0 || mutation.needsUniformRecords ? 0 : 1 + random.below(40_000)
        options.checkpointsOnThread = false
        options.imageBytesReadAtOnce = random.below(2) == 0 ? 0 : 1 << 20
        options.automaticCompaction = Self.automaticCompaction(&random, isOff: mutation.needsUniformRecords)
        options.defences = mutation.defences()
        self.options = options
        let isOneLength = random.below(4) == 0
        isUniform = mutation.needsUniformRecords || isOneLength
    }

    /// In half of the trials the store compacts by itself, a step at a turn, with commits between the steps.
    private static func automaticCompaction(_ random: inout SplitMix, isOff: Bool) -> AutomaticCompaction? {
        var automatic = AutomaticCompaction()
        automatic.garbageShareMin = random.below(2) == 0 ? 0.01 : 0.3
        automatic.segmentGarbageShareMin = automatic.garbageShareMin
        automatic.garbageBytesMin = 256 << random.below(4)
        automatic.inputBytesMax = 1 + random.below(40_000)
        automatic.bytesPerSecond = 1 << 40
        automatic.lookBytes = 256 << random.below(3)
        automatic.work = random.below(2) == 0 ? .atOnce : .later
        let isOn = random.below(2) == 0
        return isOn && !isOff ? automatic : nil
    }

    package mutating func run() throws(StorageIOError) {
        tally.trials = 1
        var image = DiskImage()
        var state: History.State = [:]
        for depth in 0..<Self.depth {
            guard let next = try crashOnce(image, state, depth) else { return }
            (image, state) = next
        }
    }

    /// Runs on an image until the power goes, and checks what may be found then. Returns one image and its state.
    private mutating func crashOnce(
        _ image: DiskImage, _ state: History.State, _ depth: Int
    ) throws(StorageIOError) -> (DiskImage, History.State)? {
        let disk = try SimulatedDisk(image, blockBytes: blockBytes, mutation: mutation, seed: random.next())
        // Opening takes some thirty calls, a commit of class power two: so every phase gets its share.
        disk.losePower(after: random.below(random.below(3) == 0 ? 30 : 200))
        var history = History(from: state)
        // What was found on the platter is durable. Nothing is in a store that has never been acknowledged to exist.
        var acknowledged = 0
        var returned = 0
        use(disk, &history, &acknowledged, &returned)
        disk.losePowerNow()
        return try checkImages(of: disk, history, acknowledged, returned, depth)
    }

    /// Opens the store and commits until the power is gone. Notes what came back.
    private mutating func use(
        _ disk: SimulatedDisk, _ history: inout History, _ acknowledged: inout Int, _ returned: inout Int
    ) {
        var options = options
        options.fileSystem = disk
        do throws(AlexStoreError) {
            var store = try AlexStore(directory: Self.directory, options: options)
            // Those of the stores that were closed are counted there.
            var isOpen = true
            defer { if isOpen { tally.automaticCompactions += store.automaticCompaction.done } }
            for _ in 0..<(4 + random.below(40)) {
                // The power may go at a call whose failure the store may pass over, such as the removal of a file that
                // compaction or a checkpoint has replaced. What is stored in memory after that has never been.
                if disk.isDown { return }
                switch random.below(24) {
                // Uniform records want no marks between them.
                case 0 where !isUniform:
                    try store.sync()
                    acknowledged = history.lastIndex
                case 1:
                    try store.close()
                    tally.automaticCompactions += store.automaticCompaction.done
                    isOpen = false
                    (acknowledged, returned) = (history.lastIndex, history.lastIndex)
                    store = try AlexStore(directory: Self.directory, options: options)
                    isOpen = true
                case 2, 3: try? disk.writeBackSomething()
                case 4 where !isUniform:
                    // What a compaction drops has been superseded for good: it makes everything durable first.
                    let policy = randomPolicy()
                    let isBackground = random.below(2) == 0
                    let kept =
                        try isBackground
                        ? store.committer().compactInBackground(policy, bytesPerSecond: 1 << 40)
                        : store.compact(policy)
                    if kept.segmentsTaken > 0 { (acknowledged, returned) = (history.lastIndex, history.lastIndex) }
                    tally.compactions += 1
                case 5...6 where !isUniform:
                    try store.checkpoint()
                    acknowledged = history.lastIndex
                default: try commit(store, &history, &acknowledged, &returned)
                }
            }
        } catch {
            if !disk.isDown { tally.violations.append("seed \(seed): \(error) although the disk works") }
        }
    }

    private mutating func randomPolicy() -> CompactionPolicy {
        var policy = CompactionPolicy(garbageShareMin: [0, 0, 0.05, 0.3][random.below(4)])
        if random.below(2) == 0 { policy.inputBytesMax = 1 + random.below(40_000) }
        policy.sealsTail = random.below(3) != 0
        return policy
    }

    private mutating func commit(
        _ store: AlexStore, _ history: inout History, _ acknowledged: inout Int, _ returned: inout Int
    ) throws(AlexStoreError) {
        var next = history.last
        var waits = true
        switch random.below(8) {
        case 0 where !next.isEmpty && !isUniform:
            let keys = next.keys.sorted()
            let key = keys[random.below(keys.count)]
            next[key] = nil
            history.append(next)
            try store.remove(key)
        case 1, 2:
            let pairs = (0..<(2 + random.below(4))).map { _ in (key: randomKey(), value: randomValue()) }
            for pair in pairs { next[pair.key] = pair.value }
            history.append(next)
            try store.putBatch(pairs)
        case 4 where !isUniform:
            // What was rolled back acknowledges nothing.
            guard try commitTransaction(store, &history) else { return }
        case 5 where !isUniform: try commitBesideAnother(store, &history)
        case 3:
            let (key, value) = (randomKey(), randomValue())
            next[key] = value
            history.append(next)
            try store.putWithoutWaiting(value, forKey: key)
            waits = false
        default:
            let (key, value) = (randomKey(), randomValue())
            next[key] = value
            history.append(next)
            try store.put(value, forKey: key)
        }
        if durability == .power && waits { acknowledged = history.lastIndex }
        if durability != .power || waits { returned = history.lastIndex }
    }

    /// Commits a transaction of puts and removals, or rolls it back, which leaves the history as it is. Returns whether
    /// it was committed.
    private mutating func commitTransaction(
        _ store: AlexStore, _ history: inout History
    ) throws(AlexStoreError) -> Bool {
        var next = history.last
        let pairs = (0..<(1 + random.below(4))).map { _ in (key: randomKey(), value: randomValue()) }
        let keys = next.keys.sorted()
        let removed = keys.isEmpty ? [] : (0..<random.below(3)).map { _ in keys[random.below(keys.count)] }
        let isKept = random.below(4) > 0
        if isKept {
            for pair in pairs { next[pair.key] = pair.value }
            for key in removed { next[key] = nil }
            history.append(next)
        }
        let write = { (transaction: WriteTransaction) throws in
            for pair in pairs { try transaction.put(pair.value, forKey: pair.key) }
            for key in removed { try transaction.remove(key) }
            if !isKept { transaction.rollBack() }
        }
        do {
            if random.below(2) == 0 {
                try store.transaction(write)
            } else {
                try store.committer().transaction(write)
            }
        } catch let error as AlexStoreError {
            throw error
        } catch {
            preconditionFailure("a transaction throws what nobody has thrown: \(error)")
        }
        return isKept
    }

    /// Commits a transaction of a committer that writes what it has read, or how many keys it has seen, and meets the
    /// commit of somebody else in its midst: so it must begin anew, with what is there then.
    private mutating func commitBesideAnother(_ store: AlexStore, _ history: inout History) throws(AlexStoreError) {
        let scans = random.below(2) == 0
        let read = randomKey()
        let into = randomKey()
        let (other, value, mark) = (scans ? newKey(history.last) : read, randomValue(), randomValue())
        let waits = random.below(2) == 0
        var between = history.last
        between[other] = value
        history.append(between)
        var after = between
        let seen = scans ? withUnsafeBytes(of: between.count) { Array($0) } : value
        after[into] = mark + seen
        history.append(after)
        let committer = store.committer()
        var attempts = 0
        do {
            try committer.transaction { transaction in
                attempts += 1
                var found: [UInt8] = []
                if scans {
                    var count = 0
                    try transaction.scan { _, _ in
                        count += 1
                        return true
                    }
                    found = withUnsafeBytes(of: count) { Array($0) }
                } else {
                    found = try transaction.bytes(forKey: read) ?? []
                }
                if attempts == 1 {
                    if waits {
                        try committer.put(value, forKey: other)
                    } else {
                        try committer.putWithoutWaiting(value, forKey: other)
                    }
                }
                try transaction.put(mark + found, forKey: into)
            }
        } catch let error as AlexStoreError {
            throw error
        } catch {
            preconditionFailure("a transaction throws what nobody has thrown: \(error)")
        }
        tally.transactions += 1
        if attempts > 1 { tally.conflicts += 1 }
    }

    /// A key that is not there.
    private mutating func newKey(_ state: History.State) -> Int64 {
        var key = randomKey()
        while state[key] != nil { key = Int64(random.below(1000)) }
        return key
    }

    private mutating func randomKey() -> Int64 {
        switch random.below(16) {
        case 0: .min
        case 1: .max
        default: Int64(random.below(12)) - 6
        }
    }

    /// Of any length that crosses sectors and pages in any way, unlike any other from 8 bytes on.
    private mutating func randomValue() -> [UInt8] {
        let count: Int
        switch isUniform ? 0 : random.below(8) {
        case 0: count = 8
        case 1: count = 8 + random.below(4200)
        default: count = 8 + random.below(300)
        }
        var value = [UInt8](repeating: UInt8(truncatingIfNeeded: random.next()), count: count)
        let own = random.next()
        for byte in 0..<8 { value[byte] = UInt8(truncatingIfNeeded: own >> UInt64(8 * byte)) }
        return value
    }

    // MARK: After the crash

    private mutating func checkImages(
        of disk: SimulatedDisk, _ history: History, _ acknowledged: Int, _ returned: Int, _ depth: Int
    ) throws(StorageIOError) -> (DiskImage, History.State)? {
        var chosen: (DiskImage, History.State)?
        let goesOn = random.below(imagesPerCrash)
        for number in 0..<imagesPerCrash {
            let keeping: SimulatedDisk.Keeping = number == 0 ? .everything : number == 1 ? .nothing : .something
            let image = try disk.image(keeping, &random)
            tally.powerLosses += 1
            if depth > 0 { tally.doubleCrashes += 1 }
            // After kill -9 everything is there that returned, in every class.
            let least = keeping == .everything ? max(acknowledged, returned) : acknowledged
            guard let found = try recover(image, history, least, "depth \(depth) image \(number)", number) else {
                return nil
            }
            if number == goesOn { chosen = (image, found) }
        }
        return chosen
    }

    /// Opens an image and says what it holds; `nil` when that is wrong.
    private mutating func recover(
        _ image: DiskImage, _ history: History, _ least: Int, _ place: String, _ number: Int
    ) throws(StorageIOError) -> History.State? {
        let disk = try SimulatedDisk(image, blockBytes: blockBytes, mutation: .none, seed: random.next())
        var options = options
        options.fileSystem = disk
        // Nothing goes on from here: salts are given out on the trial's own line alone.
        options.defences.salt = Defences().salt
        var found: History.State = [:]
        var report = ""
        do throws(AlexStoreError) {
            let store = try AlexStore(directory: Self.directory, options: options)
            report = "\(store.recovery)"
            try store.scan { key, value in
                found[key] = Array(value)
                return true
            }
            if number % 8 == 0, let damage = try store.verify().damage {
                return violated(\.refused, "\(place), \(durability): \(damage); \(report)")
            }
            if store.count != found.count {
                return violated(\.foreign, "\(place): the index has another count than the scan")
            }
            if case .used = store.recovery.checkpoint { tally.checkpoints += 1 }
        } catch {
            return violated(\.refused, "\(place), \(durability), blocks of \(blockBytes): \(error)")
        }
        guard let index = history.index(of: found) else {
            return violated(
                \.foreign,
                "\(place), \(durability), blocks of \(blockBytes): the state is none of the history's; \(report)")
        }
        if index < least {
            return violated(
                \.lost,
                "\(place), \(durability): commit \(index) of \(history.lastIndex), \(least) was durable; \(report)")
        }
        return found
    }

    private mutating func violated(_ kind: WritableKeyPath<Tally, Int>, _ what: String) -> History.State? {
        tally[keyPath: kind] += 1
        tally.violations.append("seed \(seed): \(what)")
        return nil
    }
}
