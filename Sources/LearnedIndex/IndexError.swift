/// Why an index could not take keys.
public enum IndexError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The index needs an address range of `bytes`, and the system or `Configuration.bytesMax` does not allow that.
    case outOfMemory(bytes: Int)
    /// In a bulk load, the key at `position` is not above the one before it.
    case notAscending(position: Int, previous: Int64, key: Int64)

    public var description: String {
        switch self {
        case .outOfMemory(let bytes):
            "out of memory: the index needs an address range of \(bytes) bytes; raise the limit on the process's "
                + "memory (ulimit -v) or Configuration.bytesMax, or keep fewer keys"
        case .notAscending(let position, let previous, let key):
            "bulk load needs strictly ascending keys: pair \(position) has key \(key) after \(previous); "
                + "sort the pairs and drop duplicates, or insert them as a batch"
        }
    }
}
