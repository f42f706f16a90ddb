import AlexStorage
import PowerLoss
import StorageIO
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// Damage by hand: a store of one segment of 64 KiB that was closed properly, with a checkpoint, is opened with each bit
// of its files flipped, each length of the segment and of the checkpoint, each block of them zeroed, doubled or
// swapped.
//
// All of it was durable, and the checkpoint spares the open from reading the segment. So one of these must happen:
//  - the store is refused with a typed error;
//  - it opens, and each read gives exactly what was written or throws `damaged`; then `verify` must say so, too;
//  - it opens, every read is right, and `verify` says what is damaged, or that all is sound where nothing counts.
// A damaged checkpoint must neither keep the store closed nor spoil a single read.
//
// Each thread has a copy of the store and puts it back after each trial; opening a clean store changes no file.

final class Flips: Sendable {
    private struct Change {
        /// The number of the file.
        var file: Int
        var bytes: [UInt8]
        var words: String
    }

    /// What the trials have come to.
    struct Counts {
        var refused = 0
        /// Opened, and the damage was told by a read or by `verify`.
        var told = 0
        var unharmed = 0
        var violations: [String] = []
    }

    /// The segment, the checkpoint, the manifest.
    private let files: [(name: String, bytes: [UInt8])]
    private let expected: [Int64: [UInt8]]
    private let stride: Int
    private let counts = Mutex(Counts())
    private let next = Atomic(0)

    private static let names = [
        "segments/0000000000000001.segment", "checkpoint/0000000000000001.image", "MANIFEST",
    ]
    private static let checkpointFile = 1
    private static let segmentBytes = 64 << 10
    private static let keys = 400

    /// - Parameter stride: Of the bits, every so-manieth is flipped.
    init(stride: Int) throws {
        self.stride = max(stride, 1)
        var state: [Int64: [UInt8]] = [:]
        files = try KillTrial.withTemporaryDirectory { directory in
            let store = try AlexStore(directory: directory, options: Self.options)
            var random = SplitMix(state: 7)
            while try store.statistics().logBytes < Self.segmentBytes - 1500 {
                let pairs = (0..<3).map { _ in
                    (key: Int64(random.below(Self.keys)), value: [UInt8](repeating: 5, count: 8 + random.below(200)))
                }
                try store.putBatch(pairs)
                for pair in pairs { state[pair.key] = pair.value }
                let key = Int64(random.below(Self.keys))
                if try store.remove(key) { state[key] = nil }
            }
            let rest = Self.segmentBytes - 24 - (try store.statistics().logBytes)
            state[1000] = [UInt8](repeating: 9, count: rest)
            try store.put(state[1000, default: []], forKey: 1000)
            try store.close()
            return try Self.names.map { (name: $0, bytes: try Self.read(directory + "/" + $0)) }
        }
        expected = state
    }

    private static var options: AlexStoreOptions {
        var options = AlexStoreOptions()
        options.growsInBackground = false
        options.addressSpaceBytes = 4 << 30
        options.checkpointOnCloseBytesMin = 0
        return options
    }

    private var flips: Int { files.reduce(0) { $0 + $1.bytes.count } * 8 / stride }
    /// Of the first two files.
    private var lengths: Int { (files[0].bytes.count + files[1].bytes.count) / stride }
    /// Zeroed, doubled over the next, swapped with the next, for each block of 512 B and 4 KiB of the first two files.
    private var blocks: Int { Self.blocks(of: files[0].bytes) + Self.blocks(of: files[1].bytes) }

    private static func blocks(of bytes: [UInt8]) -> Int { 3 * (bytes.count / 512 - 1 + bytes.count / 4096 - 1) }

    /// Which file differs in trial `number`, and how.
    private func trial(_ number: Int) -> Change {
        if number < flips { return flip(number * stride) }
        if number < flips + lengths {
            let kept = (number - flips) * stride
            let file = kept < files[0].bytes.count ? 0 : 1
            let count = file == 0 ? kept : kept - files[0].bytes.count
            return Change(
                file: file, bytes: Array(files[file].bytes.prefix(count)),
                words: "\(files[file].name) cut to \(count) bytes")
        }
        let change = number - flips - lengths
        let inFirst = Self.blocks(of: files[0].bytes)
        return change < inFirst ? block(change, of: 0) : block(change - inFirst, of: 1)
    }

    private func flip(_ bit: Int) -> Change {
        var (file, at) = (0, bit / 8)
        while at >= files[file].bytes.count { (file, at) = (file + 1, at - files[file].bytes.count) }
        var bytes = files[file].bytes
        bytes[at] ^= 1 << UInt8(bit % 8)
        return Change(file: file, bytes: bytes, words: "bit \(bit % 8) of byte \(at) of \(files[file].name) flipped")
    }

    private func block(_ number: Int, of file: Int) -> Change {
        let whole = files[file].bytes
        let (block, kind) = (number / 3, number % 3)
        let small = whole.count / 512 - 1
        let bytes = block < small ? 512 : 4096
        let start = block < small ? block * 512 : (block - small) * 4096
        let (first, second) = (start..<start + bytes, start + bytes..<start + 2 * bytes)
        var changed = whole
        switch kind {
        case 0: changed.replaceSubrange(first, with: repeatElement(0, count: bytes))
        case 1: changed.replaceSubrange(second, with: whole[first])
        default:
            changed.replaceSubrange(second, with: whole[first])
            changed.replaceSubrange(first, with: whole[second])
        }
        let kinds = ["zeroed", "doubled", "swapped with the next"]
        return Change(
            file: file, bytes: changed,
            words: "the block of \(bytes) bytes at \(start) of \(files[file].name) \(kinds[kind])")
    }

    /// Makes all trials; returns what they have come to.
    static func run(stride: Int, threads: Int) throws -> Counts {
        let flips = try Flips(stride: stride)
        onThreads(threads) { try? KillTrial.withTemporaryDirectory { directory in flips.work(directory) } }
        let wanted = flips.flips + flips.lengths + flips.blocks
        return flips.counts.withLock { counts in
            let made = counts.refused + counts.told + counts.unharmed
            if made != wanted { counts.violations.append("\(made) of \(wanted) trials were made") }
            return counts
        }
    }

    private func work(_ directory: String) {
        do {
            for folder in ["segments", "checkpoint"] {
                try SystemFileSystem.shared.makeDirectory(directory + "/" + folder)
            }
            for file in files { try Self.write(directory + "/" + file.name, file.bytes) }
            while true {
                let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard number < flips + lengths + blocks else { return }
                let change = trial(number)
                try Self.write(directory + "/" + files[change.file].name, change.bytes)
                judge(directory, change)
                for file in files { try Self.write(directory + "/" + file.name, file.bytes) }
            }
        } catch {
            counts.withLock { $0.violations.append("\(error)") }
        }
    }

    private func judge(_ directory: String, _ change: Change) {
        let isCheckpoint = change.file == Self.checkpointFile
        func violated(_ what: String) { counts.withLock { $0.violations.append("\(change.words): \(what)") } }
        do throws(AlexStoreError) {
            let store = try AlexStore(directory: directory, options: Self.options)
            let (thrown, wrong) = readAll(store)
            let report = try store.verify()
            if wrong > 0 { violated("\(wrong) other answers") }
            if thrown > 0 && report.isSound { violated("\(thrown) reads threw, and verify finds nothing") }
            if thrown > 0 && isCheckpoint { violated("\(thrown) reads threw") }
            counts.withLock { counts in
                if thrown > 0 || !report.isSound { counts.told += 1 } else { counts.unharmed += 1 }
            }
        } catch {
            if isCheckpoint { violated("refused: \(error)") }
            counts.withLock { $0.refused += 1 }
        }
    }

    /// Reads every key, each by itself and all in order. Returns how many reads threw `damaged`, and how many gave what
    /// was not written.
    private func readAll(_ store: AlexStore) -> (thrown: Int, wrong: Int) {
        var (thrown, wrong) = (0, 0)
        for key in (0..<Int64(Self.keys)) + [1000] {
            do throws(AlexStoreError) {
                if try store.bytes(forKey: key) != expected[key] { wrong += 1 }
            } catch {
                if case .damaged = error { thrown += 1 } else { wrong += 1 }
            }
        }
        var found: [Int64: [UInt8]] = [:]
        do throws(AlexStoreError) {
            try store.scan { key, value in
                found[key] = Array(value)
                return true
            }
            if found != expected { wrong += 1 }
        } catch {
            for (key, value) in found where expected[key] != value { wrong += 1 }
            if case .damaged = error { thrown += 1 } else { wrong += 1 }
        }
        if store.count != expected.count { wrong += 1 }
        return (thrown, wrong)
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let file = try SystemFileSystem.shared.open(path, .read)
        defer { file.close() }
        var bytes = [UInt8](repeating: 0, count: try file.size())
        _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return bytes
    }

    private static func write(_ path: String, _ bytes: [UInt8]) throws {
        let file = try SystemFileSystem.shared.open(path, .create)
        defer { file.close() }
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        try file.truncate(to: bytes.count)
    }
}
