import LearnedIndex
import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why a checkpoint is not used.
struct CheckpointRefusal: Error {
    var reason: String
    /// Whether it is not what was written; otherwise it is merely of no use any more.
    var isDamage: Bool

    init(_ reason: String, isDamage: Bool = true) { (self.reason, self.isDamage) = (reason, isDamage) }
}

/// Checkpoints as files of the folder `checkpoint`. A file that has its name is whole: it is written under another one,
/// synced, then renamed.
enum CheckpointFile {
    static let folder = "checkpoint"
    private static let temporaryName = "next.image.new"
    private static let suffix = ".image"
    /// What is read, checked and written in one piece, while it is in the processor's cache: 1 MiB.
    private static let pieceBytes = 1 << 20
    /// What is synced in one piece: 16 MiB, whole pieces of the above.
    private static let syncedBytes = 16 << 20

    static func path(in directory: String) -> String { directory + "/" + folder }

    static func path(_ id: UInt64, in directory: String) -> String { path(in: directory) + "/" + name(id) }

    /// Names are in the order of their numbers.
    private static func name(_ id: UInt64) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + suffix
    }

    /// Writes a checkpoint and makes it durable. The image's bytes must not change meanwhile.
    static func write(
        _ checkpoint: Checkpoint, _ image: UnsafeRawBufferPointer, _ fileSystem: any FileSystem, in directory: String
    ) throws(StorageIOError) {
        let temporary = path(in: directory) + "/" + temporaryName
        try fileSystem.makeDirectory(path(in: directory))
        do throws(StorageIOError) {
            let file = try fileSystem.open(temporary, .replace)
            defer { file.close() }
            var whole = checkpoint
            whole.blockChecksums = try write(image, of: checkpoint, to: file)
            let front = whole.encoded()
            let written = front.withUnsafeBytes { bytes in
                Result { () throws(StorageIOError) in try file.write(bytes, at: 0) }
            }
            try written.get()
            try file.syncData()
        } catch {
            try? fileSystem.remove(temporary)
            throw error
        }
        try fileSystem.rename(temporary, to: path(checkpoint.id, in: directory))
        try fileSystem.syncDirectory(path(in: directory))
    }

    /// Writes the image behind where the front goes. Returns the checksums of its blocks.
    private static func write(
        _ image: UnsafeRawBufferPointer, of checkpoint: Checkpoint, to file: any StorageFile
    ) throws(StorageIOError) -> [UInt32] {
        var checksums: [UInt32] = []
        checksums.reserveCapacity(checkpoint.blocks)
        var at = 0
        while at < image.count {
            let piece = UnsafeRawBufferPointer(rebasing: image[at..<min(at + pieceBytes, image.count)])
            for block in blocks(of: piece) {
                checksums.append(Checksum.seeded(checkpoint.blockSeed(checksums.count), block))
            }
            try file.write(piece, at: checkpoint.frontBytes + at)
            at += piece.count
            // A file system may let others' syncs wait for all of it.
            if at % syncedBytes == 0 { try file.syncData() }
        }
        return checksums
    }

    private static func blocks(of piece: UnsafeRawBufferPointer) -> [UnsafeRawBufferPointer] {
        stride(from: 0, to: piece.count, by: Checkpoint.blockBytes).map {
            UnsafeRawBufferPointer(rebasing: piece[$0..<min($0 + Checkpoint.blockBytes, piece.count)])
        }
    }

    /// Removes every file of the folder but that of `kept`. What can't be removed stays: it does no harm.
    static func removeOthers(than kept: UInt64, _ fileSystem: any FileSystem, in directory: String) {
        guard let names = try? fileSystem.list(path(in: directory)) else { return }
        for name in names {
            let file = path(in: directory) + "/" + name
            if file != path(kept, in: directory) { try? fileSystem.remove(file) }
        }
    }

    /// Removes those up to the number `id` but for `kept`. What somebody may be writing just now has a greater one.
    static func remove(through id: UInt64, keeping kept: UInt64, _ fileSystem: any FileSystem, in directory: String) {
        guard let names = try? fileSystem.list(path(in: directory)) else { return }
        let last = name(id)
        for name in names where name.hasSuffix(suffix) && name <= last && name != Self.name(kept) {
            try? fileSystem.remove(path(in: directory) + "/" + name)
        }
    }
}

/// A checkpoint file whose front has been read and found whole.
struct CheckpointReader: Sendable {
    let checkpoint: Checkpoint
    let file: any StorageFile

    /// The checkpoint that the manifest names, if it is one of this store and layout.
    static func open(
        _ manifest: Manifest, _ fileSystem: any FileSystem, in directory: String
    ) throws(CheckpointRefusal) -> CheckpointReader {
        let file: any StorageFile
        do throws(StorageIOError) {
            file = try fileSystem.open(CheckpointFile.path(manifest.checkpoint, in: directory), .read)
        } catch {
            throw CheckpointRefusal(error.code == ENOENT ? "it is missing" : error.description)
        }
        do throws(CheckpointRefusal) {
            let checkpoint = try readFront(file)
            guard checkpoint.store == manifest.store else { throw CheckpointRefusal("it is of another store") }
            guard checkpoint.id == manifest.checkpoint else { throw CheckpointRefusal("it has another number") }
            guard checkpoint.layoutGeneration == manifest.layoutGeneration else {
                throw CheckpointRefusal("the log's files are others since it was made", isDamage: false)
            }
            guard checkpoint.image.isOfThisForm else {
                throw CheckpointRefusal("its index has nodes of another form", isDamage: false)
            }
            return CheckpointReader(checkpoint: checkpoint, file: file)
        } catch {
            file.close()
            throw error
        }
    }

    private static func readFront(_ file: any StorageFile) throws(CheckpointRefusal) -> Checkpoint {
        do {
            let size = try file.size()
            let page = try bytes(of: file, count: min(4096, size))
            let frontBytes = try page.withUnsafeBytes { try Checkpoint.frontBytes(ofPage: $0) }
            guard frontBytes <= size else { throw CheckpointRefusal("it is cut off") }
            let front = try bytes(of: file, count: frontBytes)
            let checkpoint = try front.withUnsafeBytes { try Checkpoint.decoded($0) }
            guard size == frontBytes + checkpoint.image.arenaBytes else {
                throw CheckpointRefusal("it is not as long as it says")
            }
            return checkpoint
        } catch let error as CheckpointRefusal {
            throw error
        } catch let fault as FormatFault {
            switch fault {
            case .damaged(let reason), .torn(let reason), .incompatible(let reason): throw CheckpointRefusal(reason)
            }
        } catch {
            throw CheckpointRefusal("\(error)")
        }
    }

    private static func bytes(of file: any StorageFile, count: Int) throws(StorageIOError) -> [UInt8] {
        var array = [UInt8](repeating: 0, count: count)
        let read = array.withUnsafeMutableBytes { bytes in
            Result { () throws(StorageIOError) in try file.read(into: bytes, at: 0) }
        }
        return Array(array.prefix(try read.get()))
    }

    /// The index of the image, whole: every block's checksum compared, every node and entry checked. O(bytes).
    func load() throws(CheckpointRefusal) -> AlexIndex {
        var failure: StorageIOError?
        do throws(InvariantViolation) {
            return try AlexIndex(image: checkpoint.image, bounds: checkpoint.valueBounds) { memory in
                do throws(StorageIOError) {
                    for block in 0..<checkpoint.blocks {
                        let begin = block * Checkpoint.blockBytes
                        let end = min(begin + Checkpoint.blockBytes, memory.count)
                        let part = UnsafeMutableRawBufferPointer(rebasing: memory[begin..<end])
                        guard try read(block, into: part) else { return false }
                    }
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        } catch {
            throw CheckpointRefusal(failure?.description ?? error.description)
        }
    }

    /// Reads a block of the image, all of it. False when it is not what was written.
    func read(_ block: Int, into memory: UnsafeMutableRawBufferPointer) throws(StorageIOError) -> Bool {
        let at = checkpoint.frontBytes + block * Checkpoint.blockBytes
        guard try file.read(into: memory, at: at) == memory.count else { return false }
        let checksum = Checksum.seeded(checkpoint.blockSeed(block), UnsafeRawBufferPointer(memory))
        return checksum == checkpoint.blockChecksums[block]
    }

    func close() { file.close() }
}
