#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A call to the system that failed: which one, on what, and the reason the kernel gave.
public struct StorageIOError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The call, by its name in the manual: `fallocate`.
    public let call: String
    /// The path or file name that the call was made on.
    public let name: String
    /// The kernel's reason: a value of errno(3), such as `ENOSPC`.
    public let code: Int32

    public init(call: String, name: String, code: Int32) {
        self.call = call
        self.name = name
        self.code = code
    }

    public var description: String {
        "\(call) on \(name) failed: \(Self.reason(code))"
    }

    /// The kernel's words for an error number, with a remedy where one is known.
    static func reason(_ code: Int32) -> String {
        let words = errorText(code)
        switch code {
        case ENOSPC, EDQUOT: return "\(words); free some space, then repeat"
        case EACCES, EPERM, EROFS: return "\(words); choose a directory that can be written"
        case EMFILE, ENFILE: return "\(words); raise the limit of open files (ulimit -n)"
        case EFBIG: return "\(words); raise the limit of the file size (ulimit -f)"
        default: return words
        }
    }
}
