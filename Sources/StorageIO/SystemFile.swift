import CStorageIO
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file of the machine's own file system.
final class SystemFile: StorageFile {
    let path: String
    /// -1 once closed.
    private let descriptor: Atomic<Int32>
    /// The process that has taken the lock; 0 for none.
    private let locker = Atomic<Int32>(0)

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = Atomic(descriptor)
    }

    deinit { close() }

    private var number: Int32 { descriptor.load(ordering: .relaxed) }

    func size() throws(StorageIOError) -> Int {
        let size = storage_io_size(number)
        if size < 0 { throw failure("fstat", size) }
        return Int(size)
    }

    func identity() throws(StorageIOError) -> FileIdentity {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        try check("fstat", path, storage_io_identity(number, &device, &inode))
        return FileIdentity(device: device, inode: inode)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageIOError) -> Int {
        let number = number
        return try transfer("pread", path, count: buffer.count, endIsError: false) { done in
            // Safe: `transfer` keeps `done` below the buffer's count.
            storage_io_pread(number, buffer.baseAddress! + done, buffer.count - done, Int64(offset + done))
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageIOError) {
        let number = number
        _ = try transfer("pwrite", path, count: bytes.count, endIsError: true) { done in
            // Safe: `transfer` keeps `done` below the buffer's count.
            storage_io_pwrite(number, bytes.baseAddress! + done, bytes.count - done, Int64(offset + done))
        }
    }

    func allocate(from start: Int, to end: Int) throws(StorageIOError) {
        var result: Int32
        repeat { result = storage_io_allocate(number, Int64(start), Int64(end - start)) } while result == -EINTR
        try check("fallocate", path, result)
    }

    func truncate(to size: Int) throws(StorageIOError) {
        try check("ftruncate", path, storage_io_truncate(number, Int64(size)))
    }

    func syncData() throws(StorageIOError) {
        try check("fdatasync", path, storage_io_sync_data(number))
    }

    func tryLock() throws(StorageIOError) -> Bool {
        let result = storage_io_try_lock(number)
        try check("fcntl(F_OFD_SETLK)", path, result)
        if result == 0 { locker.store(getpid(), ordering: .relaxed) }
        return result == 0
    }

    func map(
        _ range: Range<Int>, into region: AddressRegion, at regionOffset: Int, access: MapAccess
    ) throws(StorageIOError) {
        precondition(regionOffset >= 0 && range.count <= region.bytes - regionOffset, "map outside the region")
        // Safe: the region holds `range.count` bytes from `regionOffset` on.
        let address = region.base + regionOffset
        let isWritable: Int32 = access == .read ? 0 : 1
        func map() throws(StorageIOError) {
            try check(
                "mmap", path, storage_io_map_fixed(address, range.count, number, Int64(range.lowerBound), isWritable))
        }
        try map()
        guard access == .writePopulated else { return }
        if takesHugePages(range, at: regionOffset), storage_io_advise_huge(address, range.count) == 0 {
            try populate(address, range.count)
            // The pages stay as they are. The advice goes with the old map: where memory is short, and a page must be
            // read from the disk again, nobody should read 2 MiB for it.
            try map()
        }
        try populate(address, range.count)
    }

    /// Whether pages of the range can be huge: a file system that has such pages in its cache (ext4 from Linux 6.16 on,
    /// XFS) fills the range with one fault for 2 MiB, and a read at random takes one step less through page tables.
    private func takesHugePages(_ range: Range<Int>, at regionOffset: Int) -> Bool {
        let page = Int(STORAGE_IO_HUGE_PAGE_BYTES)
        return range.count >= page && range.lowerBound % page == 0 && regionOffset % page == 0
    }

    private func populate(_ address: UnsafeMutableRawPointer, _ count: Int) throws(StorageIOError) {
        let populated = storage_io_populate(address, count)
        // EINVAL: a kernel before 5.14, which populates at first touch instead.
        if populated < 0 && populated != -EINVAL {
            throw StorageIOError(call: "madvise(MADV_POPULATE_WRITE)", name: path, code: -populated)
        }
    }

    func close() {
        let number = descriptor.exchange(-1, ordering: .relaxed)
        guard number >= 0 else { return }
        // A child between fork and exec holds the same description: the lock must not wait for it to go. Nor may that
        // child take it away.
        if locker.load(ordering: .relaxed) == getpid() { storage_io_unlock(number) }
        _ = storage_io_close(number)
    }

    private func failure(_ call: String, _ result: Int64) -> StorageIOError {
        StorageIOError(call: call, name: path, code: Int32(-result))
    }
}

/// Repeats `call` until `count` bytes have gone through: short transfers go on, EINTR repeats, and a transfer of no
/// bytes is the end of the file, which is an error where `endIsError`.
func transfer(
    _ name: String, _ path: String, count: Int, endIsError: Bool, _ call: (_ done: Int) -> Int64
) throws(StorageIOError) -> Int {
    var done = 0
    while done < count {
        let moved = call(done)
        if moved == -Int64(EINTR) { continue }
        if moved < 0 { throw StorageIOError(call: name, name: path, code: Int32(-moved)) }
        if moved == 0 {
            if endIsError { throw StorageIOError(call: name, name: path, code: EIO) }
            break
        }
        done += Int(moved)
    }
    return done
}
