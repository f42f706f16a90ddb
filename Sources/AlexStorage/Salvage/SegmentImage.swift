import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A segment's file, read into memory: nothing that happens to the file afterwards, and no block that the disk refuses,
/// can end the process.
final class SegmentImage {
    let start: UnsafeMutableRawPointer
    let count: Int
    /// Blocks of 4 KiB that could not be read. They hold zeros here.
    private(set) var unreadableBlocks = 0
    /// Bytes at the file's end that were left out: more than any segment has.
    let bytesLeftOut: Int

    /// A longer segment can't be: 1 GiB of one commit, a header, and what rounding adds.
    static let bytesMax = LogFormat.commitBytesMax + (1 << 20)
    private static let blockBytes = 4096
    private static let pieceBytes = 1 << 20

    /// - Throws: `io` when the file can't be opened or measured, or there is no memory for it.
    init(_ file: any StorageFile) throws(AlexStoreError) {
        let size = try throwingStoreError { () throws(StorageIOError) in try file.size() }
        count = min(max(size, 0), Self.bytesMax)
        bytesLeftOut = max(size - Self.bytesMax, 0)
        // Room for whole blocks, so that a failed block can be filled whole.
        guard let start = calloc((count + Self.blockBytes) / Self.blockBytes, Self.blockBytes) else {
            throw .io(StorageIOError(call: "calloc", name: file.path, code: ENOMEM))
        }
        self.start = start
        var at = 0
        while at < count {
            let bytes = min(Self.pieceBytes, count - at)
            if !Self.read(file, start, at, bytes) { unreadableBlocks += readBlocks(file, at, bytes) }
            at += bytes
        }
    }

    deinit { free(start) }

    /// Reads a piece; false when the system can't.
    private static func read(
        _ file: any StorageFile, _ start: UnsafeMutableRawPointer, _ at: Int, _ bytes: Int
    ) -> Bool {
        // Safe: the callers keep `at + bytes` at or below the count, for which memory was taken.
        let piece = UnsafeMutableRawBufferPointer(start: start + at, count: bytes)
        return (try? file.read(into: piece, at: at)) == bytes
    }

    /// Reads a piece block by block; what can't be read becomes zeros. Returns how many blocks that was.
    private func readBlocks(_ file: any StorageFile, _ from: Int, _ bytes: Int) -> Int {
        var failed = 0
        for at in stride(from: from, to: from + bytes, by: Self.blockBytes) {
            let length = min(Self.blockBytes, count - at)
            if Self.read(file, start, at, length) { continue }
            // Safe: as in `read`.
            UnsafeMutableRawBufferPointer(start: start + at, count: length)
                .initializeMemory(as: UInt8.self, repeating: 0)
            failed += 1
        }
        return failed
    }
}
