import AlexStorage
import PowerLoss
import StorageIO
import Synchronization

// The stores that fuzzing begins with: small ones of each kind, made by the engine itself from a seed, on a disk in
// memory. Identity and salts come from the seed, too, so that a seed gives the same bytes each time.

/// A store as it was left, and what may be found in it.
struct FuzzStore: Sendable {
    typealias State = [Int64: [UInt8]]

    enum Kind: String, CaseIterable, Sendable {
        /// Closed, one segment, with a checkpoint.
        case closed
        /// Closed, several segments, overwritten and removed.
        case segments
        /// Closed behind compactions, with a log that goes on.
        case compacted
        /// Closed without a checkpoint.
        case bare
        /// Closed, with so many keys that the index has inner nodes.
        case large
        /// Without a record.
        case empty
        /// Left as kill -9 leaves it, in class process.
        case killed
        /// The same in class power.
        case killedPower
        /// The same behind compactions and a checkpoint.
        case killedCompacted
    }

    let kind: Kind
    let image: DiskImage
    /// What may be found: of a closed store the last state, of another one each that it had since the last close.
    let states: [State]
    /// Every value that a key has ever had.
    let values: [Int64: Set<[UInt8]>]

    static let directory = "store"

    /// Small segments, nothing in the background.
    static var options: AlexStoreOptions {
        var options = AlexStoreOptions()
        options.segmentBytesLimit = 12 << 10
        options.growthStepBytes = 4096
        options.growsInBackground = false
        options.addressSpaceBytes = 4 << 30
        options.checkpointOnCloseBytesMin = 0
        options.automaticCompaction = nil
        options.checkpointBytes = 0
        options.checkpointsOnThread = false
        return options
    }

    init(_ kind: Kind, seed: UInt64) throws {
        var maker = try FuzzStoreMaker(kind, seed: seed)
        try maker.run()
        self.kind = kind
        image = try maker.image()
        states = maker.states
        values = maker.values
        try checkMending()
    }

    /// Fuzzing must know the format as the engine does: mending what is whole changes nothing.
    private func checkMending() throws {
        for (path, bytes) in image.files {
            var file = FuzzFile(bytes)
            file.mend(FuzzFileKind(path: path))
            guard file.bytes == bytes else {
                throw FuzzError(description: "\(path) of the store '\(kind)' is not as fuzzing knows the format")
            }
            let kind = FuzzFileKind(path: path)
            if kind == .checkpoint && file.frontBytes == 0 || kind == .compacted && file.records.isEmpty {
                throw FuzzError(description: "nothing was found in \(path) of the store '\(self.kind)'")
            }
        }
    }
}

/// What keeps fuzzing from its work.
struct FuzzError: Error, CustomStringConvertible { let description: String }

/// Makes a store: commits of all sorts, with what its kind asks for in between.
private struct FuzzStoreMaker {
    let kind: FuzzStore.Kind
    private var random: SplitMix
    private let disk: SimulatedDisk
    private var options = FuzzStore.options
    private var state: FuzzStore.State = [:]
    private(set) var states: [FuzzStore.State] = []
    private(set) var values: [Int64: Set<[UInt8]>] = [:]

    init(_ kind: FuzzStore.Kind, seed: UInt64) throws {
        self.kind = kind
        random = SplitMix(state: seed)
        disk = try SimulatedDisk(DiskImage(), blockBytes: 4096, seed: seed)
        let words = Mutex(SplitMix(state: seed &* 3 &+ 1))
        options.defences.word = { words.withLock { $0.next() } }
        options.defences.salt = { _ in words.withLock { $0.next() } }
        options.fileSystem = disk
        options.checkpointsOnClose = kind != .bare
        if kind == .closed || kind == .large { options.segmentBytesLimit = 1 << 20 }
        if kind == .killedPower { options.durability = .power }
    }

    func image() throws -> DiskImage {
        var random = SplitMix(state: 1)
        return try disk.image(.everything, &random)
    }

    mutating func run() throws {
        var store = try AlexStore(directory: FuzzStore.directory, options: options)
        if kind != .empty { try commit(to: store, 40) }
        if kind == .large { try fill(store) }
        if kind == .compacted || kind == .killedCompacted {
            try store.compact(CompactionPolicy(garbageShareMin: 0.1))
            try commit(to: store, 30)
            try store.compact(CompactionPolicy(garbageShareMin: 0.3))
            try commit(to: store, 20)
        }
        try store.close()
        states = [state]
        guard kind == .killed || kind == .killedPower || kind == .killedCompacted else { return }
        store = try AlexStore(directory: FuzzStore.directory, options: options)
        try commit(to: store, 15)
        if kind == .killedCompacted { try store.checkpoint() }
        try commit(to: store, 25)
        // Left without a close.
    }

    private mutating func fill(_ store: AlexStore) throws {
        for _ in 0..<8 {
            let pairs = (0..<400).map { _ in (key: Int64(bitPattern: random.next()), value: value(8)) }
            try store.putBatch(pairs)
            for pair in pairs { note(pair.key, pair.value) }
        }
    }

    private mutating func commit(to store: AlexStore, _ count: Int) throws {
        for _ in 0..<count {
            switch random.below(8) {
            case 0, 1:
                let pairs = (0..<(1 + random.below(5))).map { _ in (key: key(), value: value(8 + random.below(300))) }
                try store.putBatch(pairs)
                for pair in pairs { note(pair.key, pair.value) }
            case 2:
                let key = key()
                if try store.remove(key) { note(key, nil) }
            case 3:
                let (put, value, removed) = (key(), value(8 + random.below(100)), key())
                try store.transaction { transaction in
                    try transaction.put(value, forKey: put)
                    try transaction.remove(removed)
                }
                note(put, value)
                note(removed, nil)
            default:
                let (key, value) = (key(), value(8 + random.below(random.below(6) == 0 ? 3000 : 300)))
                try store.put(value, forKey: key)
                note(key, value)
            }
            states.append(state)
        }
    }

    private mutating func note(_ key: Int64, _ value: [UInt8]?) {
        state[key] = value
        if let value { values[key, default: []].insert(value) }
    }

    private mutating func key() -> Int64 {
        switch random.below(20) {
        case 0: .min
        case 1: .max
        default: Int64(random.below(60)) - 30
        }
    }

    /// Unlike any other.
    private mutating func value(_ count: Int) -> [UInt8] {
        let own = random.next()
        return (0..<count).map { UInt8(truncatingIfNeeded: own >> UInt64(8 * ($0 % 8))) }
    }
}
