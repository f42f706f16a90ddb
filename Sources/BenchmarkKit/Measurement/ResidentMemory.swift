import Glibc

/// The process's resident bytes (statm of proc(5)), mapped file pages included: one `pread` a look.
struct ResidentMemory: ~Copyable {
    private let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    private let pageBytes = Int64(sysconf(Int32(_SC_PAGESIZE)))

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// 0 where the system does not tell.
    func bytes() -> Int64 {
        withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { buffer in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return 0 }
            let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
            guard fields.count > 1 else { return 0 }
            return fields[1].reduce(0) { $0 &* 10 &+ Int64($1 &- 48) } &* pageBytes
        }
    }
}
