import CStorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How mapped pages will be read.
public enum MapAdvice: Int32, Sendable {
    /// As the system thinks best: a page that is not in memory is read with its neighbours (MADV_NORMAL).
    case ordinary = 0
    /// Here and there: a page that is not in memory is read alone (MADV_RANDOM). From Linux 6.3 on the system does not
    /// notice, either, which of such pages are used again.
    case scattered = 1
}

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

    /// Tells the system how the pages of `range` will be read: madvise(2). The range begins at a page. A refusal is not
    /// told: all that is lost is time.
    public func advise(_ range: Range<Int>, _ advice: MapAdvice) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes, "advice outside the region")
        if range.isEmpty { return }
        // Safe: the range lies in the region, as checked above; neither advice changes what is read.
        _ = storage_io_advise(base + range.lowerBound, range.count, advice.rawValue)
    }

    /// Has the system begin to read what is not in memory of mapped pages, and does not wait for it: madvise(2) with
    /// MADV_WILLNEED, at most some 128 KiB a call. A refusal is not told.
    ///
    /// - Parameter start: The begin of a page.
    public static func askFor(_ start: UnsafeRawPointer, bytes: Int) {
        // Safe: the advice changes nothing that is mapped; where nothing is, it is refused.
        _ = storage_io_advise(UnsafeMutableRawPointer(mutating: start), bytes, 2)
    }

    deinit { _ = storage_io_release(base, bytes) }
}
