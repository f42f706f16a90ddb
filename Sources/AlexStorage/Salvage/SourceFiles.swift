import StorageIO

/// The segments of a store that is salvaged, few of them open at a time.
final class SourceFiles {
    private let fileSystem: any FileSystem
    /// The one that was opened first comes first.
    private var open: [(id: UInt64, isLog: Bool, file: any StorageFile)] = []

    /// So many stay open, as keys that follow each other lie in any of them: 64.
    private static let openMax = 64

    init(_ fileSystem: any FileSystem) { self.fileSystem = fileSystem }

    /// The open file of a segment. It is not closed by who asks for it, nor kept beyond the next call.
    func file(_ path: String, id: UInt64, isLog: Bool) throws(StorageIOError) -> any StorageFile {
        for known in open where known.id == id && known.isLog == isLog { return known.file }
        let file = try fileSystem.open(path, .read)
        if open.count == Self.openMax { open.removeFirst().file.close() }
        open.append((id, isLog, file))
        return file
    }

    func close() {
        for known in open { known.file.close() }
        open = []
    }
}
