import AlexStorage
import StorageIO
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// A disk that loses power.
//
// Files lie in memory (memfd_create), so that the engine maps them as it maps real ones. Beside what a file holds now,
// the disk keeps what is on the platter for certain (as of the last sync) and what the kernel has written back since,
// block by block, at random times and in any order. Names likewise: changes of a directory since its last sync may be
// lost, the later ones first, as a journal loses them.
//
// When the power goes, each block of a file becomes one of the three versions, the size the synced or the current
// one, and each directory some prefix of its changes.
//
// Thread rule: one thread; the engine's growth thread must be off.

/// The files of a store, as they are or as they were found after a crash.
package struct DiskImage: Sendable {
    package var files: [String: [UInt8]] = [:]
    package var directories: Set<String> = []
    /// What segments held once that were removed, replaced, cut or lost: it may still lie in blocks given out anew.
    var stale: [[UInt8]] = []

    static let staleMax = 8

    package init() {}
}

package final class SimulatedDisk: FileSystem, @unchecked Sendable {
    // Safe to share: used by one thread, see above.

    final class Inode {
        let file: any StorageFile
        /// What is on the platter since the last sync.
        var durable: [UInt8]
        /// Blocks that the kernel has written back since then.
        var writtenBack: [Int: [UInt8]] = [:]
        /// What it held when the power went, once somebody has asked.
        var last: [UInt8]?
        init(file: any StorageFile, durable: [UInt8]) { (self.file, self.durable) = (file, durable) }
    }

    enum NameChange {
        case add(String, Inode)
        case remove(String)
        case rename(String, to: String, Inode)
        case makeDirectory(String)

        var path: String {
            switch self {
            case .add(let path, _), .remove(let path), .rename(let path, _, _), .makeDirectory(let path): path
            }
        }
    }

    private(set) var names: [String: Inode] = [:]
    private var durableNames: [String: Inode] = [:]
    private var changes: [NameChange] = []
    /// Directories that are there, and those whose names are on the platter. The root is not among them.
    private var directories: Set<String> = []
    private var durableDirectories: Set<String> = []
    private var stale: [[UInt8]]
    let blockBytes: Int
    let mutation: Mutation
    private var random: SplitMix
    /// Calls until the power goes.
    private var callsLeft = Int.max
    private(set) var calls = 0
    private(set) var isDown = false

    package init(_ image: DiskImage, blockBytes: Int, mutation: Mutation = .none, seed: UInt64) throws(StorageIOError) {
        self.blockBytes = blockBytes
        self.mutation = mutation
        random = SplitMix(state: seed)
        stale = image.stale
        for (path, bytes) in image.files {
            let inode = Inode(file: try SystemFileSystem.memoryFile(named: path), durable: bytes)
            try Self.fill(inode.file, bytes)
            names[path] = inode
        }
        directories = image.directories
        durableNames = names
        durableDirectories = directories
    }

    private static func fill(_ file: any StorageFile, _ bytes: [UInt8]) throws(StorageIOError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(StorageIOError) in try file.write(bytes, at: 0) }
        }
        try result.get()
    }

    static func directory(of path: String) -> String { path.split(separator: "/").dropLast().joined(separator: "/") }

    /// Lets the power go at the n-th call from now, before it has any effect.
    func losePower(after count: Int) { callsLeft = count }
    func losePowerNow() { isDown = true }

    /// Counts a call; once the power is gone every call fails.
    func pass(_ call: String, _ path: String) throws(StorageIOError) {
        calls += 1
        callsLeft -= 1
        if callsLeft < 0 { isDown = true }
        if isDown { throw StorageIOError(call: call, name: path, code: EIO) }
    }

    // MARK: The kernel

    /// Writes back some blocks that are not what the platter holds.
    func writeBackSomething() throws(StorageIOError) {
        for inode in names.values {
            let current = try content(of: inode)
            for block in 0..<((current.count + blockBytes - 1) / blockBytes) where random.next() % 4 == 0 {
                let range = block * blockBytes..<min((block + 1) * blockBytes, current.count)
                let bytes = Array(current[range])
                if !inode.durable[clamped: range].elementsEqual(bytes) { inode.writtenBack[block] = bytes }
            }
        }
    }

    func content(of inode: Inode) throws(StorageIOError) -> [UInt8] {
        if let last = inode.last { return last }
        var bytes = [UInt8](repeating: 0, count: try inode.file.size())
        let read = bytes.withUnsafeMutableBytes { bytes in
            Result { () throws(StorageIOError) in try inode.file.read(into: bytes, at: 0) }
        }
        _ = try read.get()
        if isDown { inode.last = bytes }
        return bytes
    }

    /// Notes what a segment's blocks hold before they are given back.
    fileprivate func bury(_ inode: Inode, _ path: String) throws(StorageIOError) {
        guard path.contains("segment") else { return }
        let bytes = try content(of: inode)
        if bytes.count > 4096 { stale.append(bytes) }
        if stale.count > DiskImage.staleMax { stale.removeFirst() }
    }

    fileprivate func sync(_ inode: Inode, _ path: String) throws(StorageIOError) {
        if mutation.dropsSync(of: path) { return }
        inode.durable = try content(of: inode)
        inode.writtenBack = [:]
    }

    // MARK: After the power has gone

    /// How much of what was not synced a crash keeps.
    package enum Keeping {
        /// As after kill -9: everything.
        case everything
        /// As little as the syncs allow.
        case nothing
        /// Any of the states that a power loss may leave.
        case something
    }

    /// What is found when the power is back. May be asked for more than once, with another answer each time.
    package func image(_ keeping: Keeping, _ random: inout SplitMix) throws(StorageIOError) -> DiskImage {
        var image = DiskImage()
        var kept = durableNames
        var directoriesKept = durableDirectories
        let changesKept: Int
        switch keeping {
        case .everything: changesKept = changes.count
        case .nothing: changesKept = 0
        case .something: changesKept = Int(random.next() % UInt64(changes.count + 1))
        }
        for change in changes.prefix(changesKept) {
            Self.apply(change, to: &kept)
            if case .makeDirectory(let path) = change { directoriesKept.insert(path) }
        }
        image.stale = stale
        for (path, inode) in names.sorted(by: { $0.key < $1.key }) where path.contains("segment") {
            image.stale.append(try content(of: inode))
        }
        image.stale = image.stale.suffix(DiskImage.staleMax)
        // What lies in a directory that is gone is gone, too.
        func isReached(_ path: String) -> Bool {
            var parent = Self.directory(of: path)
            while directoriesKept.contains(parent) { parent = Self.directory(of: parent) }
            return parent.isEmpty
        }
        image.directories = directoriesKept.filter(isReached)
        for (path, inode) in kept.sorted(by: { $0.key < $1.key }) where isReached(path) {
            image.files[path] = try survivor(of: inode, keeping, &random)
        }
        return image
    }

    private func survivor(
        of inode: Inode, _ keeping: Keeping, _ random: inout SplitMix
    ) throws(StorageIOError) -> [UInt8] {
        if keeping == .nothing { return inode.durable }
        let current = try content(of: inode)
        if keeping == .everything { return current }
        let keepsSize = current.count == inode.durable.count || random.next() % 4 != 0
        let size = keepsSize ? current.count : inode.durable.count
        var bytes = Array(inode.durable[clamped: 0..<size])
        // Blocks that were allocated and never written may hold what another file had there before.
        let isStale = random.next() % 4 == 0 || mutation.needsUniformRecords
        let isMoved = random.next() % 4 == 0 && !mutation.needsUniformRecords
        let donor = stale.isEmpty || isMoved ? nil : stale[Int(random.next() % UInt64(stale.count))]
        let style = random.next() % 4
        for block in 0..<((size + blockBytes - 1) / blockBytes) {
            let range = block * blockBytes..<min((block + 1) * blockBytes, size)
            let now = Array(current[clamped: range])
            if now.elementsEqual(bytes[range]) && !(isStale && range.lowerBound >= 4096) { continue }
            let written = inode.writtenBack[block]
            // Few lost, few kept, half of each, or a cut at one place.
            let isKept: Bool
            switch style {
            case 0: isKept = random.next() % 8 != 0
            case 1: isKept = random.next() % 8 == 0
            default: isKept = random.next() % 2 == 0
            }
            if isKept {
                bytes.replaceSubrange(range, with: now)
            } else if let written, random.next() % 2 == 0, written.count == range.count {
                bytes.replaceSubrange(range, with: written)
            } else if isStale && range.lowerBound >= max(4096, inode.durable.count) {
                // What an earlier segment had at this place, or the block before: records that were valid elsewhere.
                let moved = range.lowerBound - blockBytes..<range.upperBound - blockBytes
                bytes.replaceSubrange(range, with: donor?[clamped: range] ?? current[clamped: moved])
            }
        }
        return bytes
    }

    private static func apply(_ change: NameChange, to names: inout [String: Inode]) {
        switch change {
        case .add(let path, let inode): names[path] = inode
        case .remove(let path): names[path] = nil
        case .rename(let from, let path, let inode): (names[from], names[path]) = (nil, inode)
        case .makeDirectory: break
        }
    }

    // MARK: FileSystem

    package func open(_ path: String, _ mode: FileMode) throws(StorageIOError) -> any StorageFile {
        try pass("open", path)
        if let inode = names[path] {
            if mode == .replace {
                try bury(inode, path)
                try inode.file.truncate(to: 0)
            }
            return SimulatedFile(path, inode, self)
        }
        guard mode == .create || mode == .replace else { throw StorageIOError(call: "open", name: path, code: ENOENT) }
        guard directories.contains(Self.directory(of: path)) else {
            throw StorageIOError(call: "open", name: path, code: ENOENT)
        }
        let inode = Inode(file: try SystemFileSystem.memoryFile(named: path), durable: [])
        change(.add(path, inode))
        return SimulatedFile(path, inode, self)
    }

    private func change(_ change: NameChange) {
        changes.append(change)
        Self.apply(change, to: &names)
    }

    package func makeDirectory(_ path: String) throws(StorageIOError) {
        try pass("mkdir", path)
        let path = Self.directory(of: path + "/x")
        if directories.insert(path).inserted { changes.append(.makeDirectory(path)) }
    }

    package func list(_ path: String) throws(StorageIOError) -> [String] {
        try pass("list", path)
        let parts = path.split(separator: "/").count
        var found: Set<String> = []
        for name in names.keys where name.hasPrefix(path + "/") {
            found.insert(String(name.split(separator: "/")[parts]))
        }
        return found.sorted()
    }

    package func rename(_ from: String, to path: String) throws(StorageIOError) {
        try pass("rename", from)
        guard let inode = names[from] else { throw StorageIOError(call: "rename", name: from, code: ENOENT) }
        if let replaced = names[path] { try bury(replaced, path) }
        change(.rename(from, to: path, inode))
    }

    package func remove(_ path: String) throws(StorageIOError) {
        try pass("remove", path)
        guard let inode = names[path] else { throw StorageIOError(call: "unlink", name: path, code: ENOENT) }
        try bury(inode, path)
        change(.remove(path))
    }

    package func syncDirectory(_ path: String) throws(StorageIOError) {
        try pass("syncDirectory", path)
        let own = path == "." ? "" : path.split(separator: "/").joined(separator: "/")
        if mutation.dropsSync(ofDirectory: own) { return }
        var others: [NameChange] = []
        for change in changes {
            if Self.directory(of: change.path) == own {
                Self.apply(change, to: &durableNames)
                if case .makeDirectory(let path) = change { durableDirectories.insert(path) }
            } else {
                others.append(change)
            }
        }
        changes = others
    }
}

/// An open file of the disk.
final class SimulatedFile: StorageFile, @unchecked Sendable {
    // Safe to share: as its disk.
    let path: String
    private let inode: SimulatedDisk.Inode
    private let disk: SimulatedDisk

    init(_ path: String, _ inode: SimulatedDisk.Inode, _ disk: SimulatedDisk) {
        (self.path, self.inode, self.disk) = (path, inode, disk)
    }

    func size() throws(StorageIOError) -> Int {
        try disk.pass("fstat", path)
        return try inode.file.size()
    }

    func identity() throws(StorageIOError) -> FileIdentity { try inode.file.identity() }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageIOError) -> Int {
        try disk.pass("pread", path)
        return try inode.file.read(into: buffer, at: offset)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageIOError) {
        try disk.pass("pwrite", path)
        try inode.file.write(bytes, at: offset)
    }

    func allocate(from start: Int, to end: Int) throws(StorageIOError) {
        try disk.pass("fallocate", path)
        if try inode.file.size() < end { try inode.file.truncate(to: end) }
    }

    func truncate(to size: Int) throws(StorageIOError) {
        try disk.pass("ftruncate", path)
        try disk.bury(inode, path)
        try inode.file.truncate(to: size)
    }

    func syncData() throws(StorageIOError) {
        try disk.pass("fdatasync", path)
        try disk.sync(inode, path)
    }

    /// Nobody else can open a simulated store.
    func tryLock() throws(StorageIOError) -> Bool { true }

    func map(
        _ range: Range<Int>, into region: AddressRegion, at regionOffset: Int, access: MapAccess
    ) throws(StorageIOError) {
        try disk.pass("mmap", path)
        try inode.file.map(range, into: region, at: regionOffset, access: access == .writePopulated ? .write : access)
    }

    func close() {}
}

extension [UInt8] {
    /// The bytes of a range; zeros where there are none.
    subscript(clamped range: Range<Int>) -> [UInt8] {
        if range.lowerBound >= 0 && range.upperBound <= count { return Array(self[range]) }
        let zeros = [UInt8](repeating: 0, count: range.count)
        let inside = range.clamped(to: 0..<count)
        guard !inside.isEmpty else { return zeros }
        var bytes = zeros
        let first = inside.lowerBound - range.lowerBound
        bytes.replaceSubrange(first..<(first + inside.count), with: self[inside])
        return bytes
    }
}

/// SplitMix64 (Steele et al., OOPSLA 2014).
package struct SplitMix: RandomNumberGenerator {
    package var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
