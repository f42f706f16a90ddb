import StorageBackends

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// The file of a rung, and its map, as the phase documents have them: an insert
//  1. writes the record in three calls of write(2), unbuffered (`write`);
//  2. flushes a buffer that is not there (`flush`);
//  3. opens the file again, maps it, lets go of the map before it, and closes what it opened (`remap`): after every
//     write, or once the file has outgrown what is mapped, which then is a multiple of the growth size.
// Nothing is ever synced, and nobody reads the file after it was closed.
//
// Each step is a method of its own, because `alexbench explain` runs them one more at a time.
//
// Threads: one.

/// The file of records and its map. Closed and unmapped by `close`.
struct LadderFile: ~Copyable {
    let path: String
    /// The map grows in steps of so many bytes; 0 maps anew after every write.
    let growthBytes: Int
    /// Where the records end.
    private(set) var bytes = 0
    /// What is mapped: the file's first `mappedBytes`; `nil` until something was written.
    private(set) var map: UnsafeRawPointer?
    private(set) var mappedBytes = 0
    /// How often the file was mapped anew.
    private(set) var remaps: UInt64 = 0
    /// What a map made now would cover, or the last one covers: what the policy goes by.
    private var coveredBytes = 0
    private let descriptor: Int32
    /// Set by a write that failed: what it left in the file is no record, and what came behind it would lie wrong.
    private var hasFailed = false

    static let name = "alex-phase.data"

    /// Makes the file in a directory that is empty.
    ///
    /// - Throws: `.locked` while another has it open, `.unsupported` when an earlier store lies there, which nobody can
    ///   open again, `.incompatible` for anything else in the directory, `.io` with the system's message.
    init(directory: String, growthBytes: Int) throws(BackendError) {
        let path = directory + "/" + Self.name
        descriptor = try Self.create(path, in: directory)
        self.path = path
        self.growthBytes = growthBytes
    }

    private static func create(_ path: String, in directory: String) throws(BackendError) -> Int32 {
        try StoreDirectory.check(directory, marker: name, engine: "alex-phase")
        let isNew = access(path, F_OK) != 0
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw failure("open", path) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let isHeld = errno == EWOULDBLOCK
            let problem = failure("flock", path)
            _ = closeDescriptor(descriptor)
            throw isHeld
                ? BackendError(.locked, "'\(directory)' is open in another alex-phase: close that first") : problem
        }
        guard isNew else {
            _ = closeDescriptor(descriptor)
            throw BackendError(
                .unsupported,
                "'\(directory)' holds a store of alex-phase, which has no recovery: name an empty directory")
        }
        return descriptor
    }

    /// Writes one record behind the others. Returns what the index keeps for its key.
    mutating func write(
        _ key: Int64, _ value: UnsafeRawBufferPointer, _ layout: LadderLayout
    ) throws(BackendError) -> UInt64 {
        if hasFailed { throw BackendError(.io, "'\(path)': an earlier write failed, so that nothing more is written") }
        guard value.count <= Int(UInt32.max) - LadderLayout.keyBytes else {
            throw BackendError(.invalid, "a value of \(value.count) bytes is too long: at most 4 GiB less 9 bytes")
        }
        let start = bytes
        var key = key.littleEndian
        var length = layout.length(ofValue: value.count).littleEndian
        switch layout {
        case .lengthFirst:
            try writeAll(&length, LadderLayout.lengthBytes)
            try writeAll(&key, LadderLayout.keyBytes)
        case .keyFirst:
            try writeAll(&key, LadderLayout.keyBytes)
            try writeAll(&length, LadderLayout.lengthBytes)
        }
        if let base = value.baseAddress { try writeAll(base, value.count) }
        bytes += LadderLayout.headerBytes + value.count
        return layout.place(ofRecordAt: start)
    }

    private mutating func writeAll(_ start: UnsafeRawPointer, _ count: Int) throws(BackendError) {
        var done = 0
        while done < count {
            let written = writeSome(descriptor, start + done, count - done)
            if written < 0, errno == EINTR { continue }
            if written <= 0 {
                hasFailed = true
                throw Self.failure("write", path)
            }
            done += written
        }
    }

    /// Does nothing: the documents flush a file that has no buffer.
    @inline(never)
    func flush() {}

    /// Whether the rung's policy asks for a new map now.
    var isOutgrown: Bool { growthBytes == 0 || bytes > coveredBytes }

    /// Maps the whole file anew, grown to a multiple of the growth size where there is one.
    mutating func remap() throws(BackendError) {
        try withReader { (file, reader) throws(BackendError) in
            let fresh = try file.mapped(reader)
            file.unmap()
            file.remaps += 1
            if let fresh { (file.map, file.mappedBytes) = (fresh.start, fresh.count) }
        }
    }

    /// Grows the file as the policy says, opens it a second time, and closes that after `body`.
    mutating func withReader(
        _ body: (inout LadderFile, Int32) throws(BackendError) -> Void
    ) throws(BackendError) {
        coveredBytes = bytes
        if growthBytes > 0 {
            coveredBytes = (bytes + growthBytes - 1) / growthBytes * growthBytes
            if ftruncate(descriptor, coveredBytes) != 0 { throw Self.failure("ftruncate", path) }
        }
        let reader = open(path, O_RDONLY | O_CLOEXEC)
        if reader < 0 { throw Self.failure("open", path) }
        defer { _ = closeDescriptor(reader) }
        try body(&self, reader)
    }

    /// A new map of all that the file holds, `nil` of an empty one.
    func mapped(_ reader: Int32) throws(BackendError) -> (start: UnsafeRawPointer, count: Int)? {
        var status = stat()
        if fstat(reader, &status) != 0 { throw Self.failure("fstat", path) }
        let count = Int(status.st_size)
        if count == 0 { return nil }
        let start = mmap(nil, count, PROT_READ, MAP_SHARED, reader, 0)
        guard let start, start != MAP_FAILED else { throw Self.failure("mmap", path) }
        return (UnsafeRawPointer(start), count)
    }

    private mutating func unmap() {
        if let map { munmap(UnsafeMutableRawPointer(mutating: map), mappedBytes) }
        (map, mappedBytes) = (nil, 0)
    }

    mutating func close() {
        unmap()
        _ = closeDescriptor(descriptor)
    }

    private static func failure(_ call: String, _ path: String) -> BackendError {
        BackendError(.io, "\(call) of '\(path)' failed: \(String(cString: strerror(errno)))")
    }
}

// The calls whose names the file's own methods bear.
private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }
private func writeSome(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, start, count)
}
