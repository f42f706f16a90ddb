import AlexStorage
import PowerLoss
import StorageIO
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// Damage by hand: a store of one segment of 64 KiB that was closed properly is opened with each bit of its files
// flipped, each length of the segment, each block of it zeroed, doubled or swapped. As all of it was durable, the store
// must be refused, or hold exactly what it held and say in `verify` that it is sound.
//
// Each thread has a copy of the store and puts it back after each trial; opening a clean store changes no file.

final class Flips: Sendable {
    private struct Change {
        var file: String
        var bytes: [UInt8]
    }

    /// What the trials have come to.
    struct Counts {
        var refused = 0
        var unharmed = 0
        var violations: [String] = []
    }

    private let manifest: [UInt8]
    private let segment: [UInt8]
    private let expected: [Int64: [UInt8]]
    private let stride: Int
    private let counts = Mutex(Counts())
    private let next = Atomic(0)

    private static let segmentFile = "segments/0000000000000001.segment"
    private static let segmentBytes = 64 << 10

    /// - Parameter stride: Of the bits, every so-manieth is flipped.
    init(stride: Int) throws {
        self.stride = max(stride, 1)
        var state: [Int64: [UInt8]] = [:]
        (manifest, segment) = try KillTrial.withTemporaryDirectory { directory in
            let store = try AlexStore(directory: directory, options: Self.options)
            var random = SplitMix(state: 7)
            while try store.statistics().logBytes < Self.segmentBytes - 1500 {
                let pairs = (0..<3).map { _ in
                    (key: Int64(random.below(400)), value: [UInt8](repeating: 5, count: 8 + random.below(200)))
                }
                try store.putBatch(pairs)
                for pair in pairs { state[pair.key] = pair.value }
                let key = Int64(random.below(400))
                if try store.remove(key) { state[key] = nil }
            }
            let rest = Self.segmentBytes - 24 - (try store.statistics().logBytes)
            state[1000] = [UInt8](repeating: 9, count: rest)
            try store.put(state[1000, default: []], forKey: 1000)
            try store.close()
            return (try Self.read(directory + "/MANIFEST"), try Self.read(directory + "/" + Self.segmentFile))
        }
        expected = state
    }

    private static var options: AlexStoreOptions {
        var options = AlexStoreOptions()
        options.growsInBackground = false
        options.addressSpaceBytes = 4 << 30
        return options
    }

    private var flips: Int { (segment.count + manifest.count) * 8 / stride }
    private var lengths: Int { segment.count }
    /// Zeroed, doubled over the next, swapped with the next, for each block of 512 B and 4 KiB.
    private var blocks: Int { 3 * (segment.count / 512 - 1 + segment.count / 4096 - 1) }

    /// The files of trial `number`: which one differs, how, and in words.
    private func trial(_ number: Int) -> (Change, String) {
        if number < flips {
            let bit = number * stride
            var change = Change(file: Self.segmentFile, bytes: segment)
            var at = bit / 8
            if at >= segment.count { (change, at) = (Change(file: "MANIFEST", bytes: manifest), at - segment.count) }
            change.bytes[at] ^= 1 << UInt8(bit % 8)
            return (change, "bit \(bit % 8) of byte \(at) of \(change.file) flipped")
        }
        var change = Change(file: Self.segmentFile, bytes: segment)
        if number < flips + lengths {
            change.bytes.removeLast(segment.count - (number - flips))
            return (change, "the segment cut to \(number - flips) bytes")
        }
        let (block, kind) = ((number - flips - lengths) / 3, (number - flips - lengths) % 3)
        let small = segment.count / 512 - 1
        let bytes = block < small ? 512 : 4096
        let start = block < small ? block * 512 : (block - small) * 4096
        let (first, second) = (start..<start + bytes, start + bytes..<start + 2 * bytes)
        switch kind {
        case 0: change.bytes.replaceSubrange(first, with: repeatElement(0, count: bytes))
        case 1: change.bytes.replaceSubrange(second, with: segment[first])
        default:
            change.bytes.replaceSubrange(second, with: segment[first])
            change.bytes.replaceSubrange(first, with: segment[second])
        }
        let kinds = ["zeroed", "doubled", "swapped with the next"]
        return (change, "the block of \(bytes) bytes at \(start) \(kinds[kind])")
    }

    /// Makes all trials; returns what they have come to.
    static func run(stride: Int, threads: Int) throws -> Counts {
        let flips = try Flips(stride: stride)
        onThreads(threads) { try? KillTrial.withTemporaryDirectory { directory in flips.work(directory) } }
        let wanted = flips.flips + flips.lengths + flips.blocks
        return flips.counts.withLock { counts in
            let made = counts.refused + counts.unharmed
            if made != wanted { counts.violations.append("\(made) of \(wanted) trials were made") }
            return counts
        }
    }

    private func work(_ directory: String) {
        do {
            try SystemFileSystem.shared.makeDirectory(directory + "/segments")
            try Self.write(directory + "/MANIFEST", manifest)
            try Self.write(directory + "/" + Self.segmentFile, segment)
            while true {
                let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard number < flips + lengths + blocks else { return }
                let (change, words) = trial(number)
                try Self.write(directory + "/" + change.file, change.bytes)
                judge(directory, change, words)
                try Self.write(directory + "/MANIFEST", manifest)
                try Self.write(directory + "/" + Self.segmentFile, segment)
            }
        } catch {
            counts.withLock { $0.violations.append("\(error)") }
        }
    }

    private func judge(_ directory: String, _ change: Change, _ words: String) {
        do throws(AlexStoreError) {
            let store = try AlexStore(directory: directory, options: Self.options)
            var found: [Int64: [UInt8]] = [:]
            try store.scan { key, value in
                found[key] = Array(value)
                return true
            }
            let report = try store.verify()
            counts.withLock { counts in
                counts.unharmed += 1
                if found != expected { counts.violations.append("\(words): other answers") }
                if !report.isSound { counts.violations.append("\(words): opened, then \(report)") }
            }
        } catch {
            counts.withLock { $0.refused += 1 }
        }
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
