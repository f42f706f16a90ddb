import CStorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A large stretch of address space, reserved once and never moved, into which files are mapped at fixed places.
///
/// It costs no memory until something is mapped. A growing log so never moves under a reader, and a place in it is one
/// number. Released at `deinit`, with everything that is mapped in it.
public final class AddressRegion: @unchecked Sendable {
    // Safe to share: both properties are constant; what lies behind `base` is governed by its user.

    /// The first byte.
    public let base: UnsafeMutableRawPointer
    /// Its length in bytes.
    public let bytes: Int

    /// The least that is worth having.
    public static let leastBytes = 4 << 30

    /// Reserves `bytes`; when the system refuses, half of it, and so on down to 4 GiB (mmap(2) with PROT_NONE).
    ///
    /// - Throws: `ENOMEM` when even that is refused (raise `ulimit -v`).
    public init(bytes requested: Int) throws(StorageIOError) {
        var bytes = max(requested, Self.leastBytes)
        while true {
            if let base = storage_io_reserve(bytes) {
                self.base = base
                self.bytes = bytes
                return
            }
            if bytes == Self.leastBytes {
                throw StorageIOError(call: "mmap", name: "\(bytes) bytes of address space", code: ENOMEM)
            }
            bytes = max(bytes / 2, Self.leastBytes)
        }
    }

    /// Takes away what is mapped in `range` and leaves bare address space.
    public func unmap(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes, "unmap outside the region")
        if range.isEmpty { return }
        // Safe: the range lies in the region, as checked above.
        _ = storage_io_unmap_fixed(base + range.lowerBound, range.count)
    }

    deinit { _ = storage_io_release(base, bytes) }
}
