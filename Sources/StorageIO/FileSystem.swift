/// The seam through which every file access of the engine goes, so that a test can put faults behind it.
///
/// Methods may be called from the store's thread and from its growth thread at the same time.
public protocol FileSystem: AnyObject, Sendable {
    /// Opens a file. A missing file is an error with `ENOENT` unless `mode` creates it.
    func open(_ path: String, _ mode: FileMode) throws(StorageIOError) -> any StorageFile
    /// Makes a directory; no error when it is there already.
    func makeDirectory(_ path: String) throws(StorageIOError)
    /// The names in a directory, sorted, without `.` and `..`.
    func list(_ path: String) throws(StorageIOError) -> [String]
    /// Puts a file under another name of the same directory, over whatever bears it.
    func rename(_ from: String, to path: String) throws(StorageIOError)
    /// Removes a file's name.
    func remove(_ path: String) throws(StorageIOError)
    /// Makes the names of a directory durable: fsync(2) on it.
    func syncDirectory(_ path: String) throws(StorageIOError)
}

/// How a file is opened.
public enum FileMode: Int32, Sendable {
    case read = 0
    case readWrite = 1
    /// Read and write; created when it is absent.
    case create = 2
    /// Read and write; created, and emptied if it was there.
    case replace = 3
}

/// What makes two paths the same file, whatever their names.
public struct FileIdentity: Sendable, Hashable {
    public let device: UInt64
    public let inode: UInt64

    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}

/// An open file. It is closed with `close`; what `close` can't say any more is no error.
public protocol StorageFile: AnyObject, Sendable {
    /// The path it was opened by, for messages.
    var path: String { get }
    /// Size in bytes.
    func size() throws(StorageIOError) -> Int
    func identity() throws(StorageIOError) -> FileIdentity
    /// Fills the buffer from `offset` on. Returns fewer bytes only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageIOError) -> Int
    /// Writes the whole buffer at `offset`, or throws.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageIOError)
    /// Makes the file at least `end` bytes long with blocks behind `start ..< end`: fallocate(2).
    func allocate(from start: Int, to end: Int) throws(StorageIOError)
    func truncate(to size: Int) throws(StorageIOError)
    /// Makes content and size durable: fdatasync(2). Never to be repeated after a failure.
    func syncData() throws(StorageIOError)
    /// Takes an exclusive lock for as long as the file is open. Returns false when another holds it.
    func tryLock() throws(StorageIOError) -> Bool
    /// Maps `range` of the file into the region so that byte `range.lowerBound` lies at `regionOffset`.
    func map(
        _ range: Range<Int>, into region: AddressRegion, at regionOffset: Int, access: MapAccess
    ) throws(StorageIOError)
    func close()
}

/// What a map is for.
public enum MapAccess: Sendable {
    case read
    /// Writable; nothing is touched ahead.
    case write
    /// Writable, with every page there and ready to be stored to (MADV_POPULATE_WRITE).
    case writePopulated
}
