import CIntrinsics
import Glibc
import LearnedIndex
import StorageBackends

extension LearnedIndexUnderTest {
    /// A reader behind a pointer, since it can't be copied.
    private struct ReaderMap: LoopedMap {
        let reader: UnsafePointer<IndexReader>

        @inline(__always)
        func value(forKey key: Int64) -> UInt64? { reader.pointee.value(forKey: key) }

        @inline(__always)
        func forEach(from key: Int64, _ body: (Int64, UInt64) -> Bool) {
            reader.pointee.forEach(in: key...Int64.max, body)
        }
    }

    func lookUpByReader(_ keys: IndexKeys, beside other: IndexKeys) throws(BackendError) -> IndexReading {
        let reader = UnsafeMutablePointer<IndexReader>.allocate(capacity: 1)
        reader.initialize(to: index.pointee.reader())
        defer {
            reader.deinitialize(count: 1)
            reader.deallocate()
        }
        let writer = other.isEmpty ? nil : WriterBeside(index, other)
        try writer?.start()
        var reading = IndexReading()
        let begin = intrinsics_monotonic_nanoseconds()
        reading.tally = IndexLoops.lookUp(ReaderMap(reader: reader), keys)
        reading.nanoseconds = UInt64(intrinsics_monotonic_nanoseconds() - begin)
        if let writer { reading.writes = try writer.stop() }
        return reading
    }
}

/// A thread that removes and inserts keys, block by block, until it is told to stop.
private final class WriterBeside {
    private let index: UnsafeMutablePointer<AlexIndex>
    private let keys: IndexKeys
    /// 1 once the thread is to stop, and the operations that it has done.
    private let words = UnsafeMutablePointer<UInt64>.allocate(capacity: 2)
    private var thread = pthread_t()
    private var failure: IndexError?

    /// Keys that are away at once at most: few beside an index that is worth measuring.
    private static let blockKeys = 1024

    init(_ index: UnsafeMutablePointer<AlexIndex>, _ keys: IndexKeys) {
        self.index = index
        self.keys = keys
        words.initialize(repeating: 0, count: 2)
    }

    deinit { words.deallocate() }

    /// Returns when the thread has done its first operations.
    func start() throws(BackendError) {
        let code = pthread_create(
            &thread, nil,
            { context in
                // Safe: whoever started the thread holds the writer until it has ended.
                Unmanaged<WriterBeside>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().run()
                return nil
            }, Unmanaged.passUnretained(self).toOpaque())
        guard code == 0 else {
            throw BackendError(.invalid, "alex-index: the system gives no thread: \(String(cString: strerror(code)))")
        }
        while intrinsics_load_relaxed(words + 1) == 0 { intrinsics_yield() }
    }

    /// Returns how many operations were done when the reader ended, after the thread has put back what it took out.
    func stop() throws(BackendError) -> UInt64 {
        let done = intrinsics_load_relaxed(words + 1)
        intrinsics_store_relaxed(words, 1)
        pthread_join(thread, nil)
        if let failure { throw LearnedIndexUnderTest.refused(failure) }
        return done
    }

    private func run() {
        var at = 0
        while intrinsics_load_relaxed(words) == 0 && failure == nil {
            let block = keys[at..<min(at + Self.blockKeys, keys.count)]
            at = block.endIndex == keys.count ? 0 : block.endIndex
            for key in block {
                _ = index.pointee.removeValue(forKey: key)
                intrinsics_store_relaxed(words + 1, words[1] &+ 1)
            }
            do throws(IndexError) {
                for key in block {
                    try index.pointee.updateValue(IndexPayload.value(of: key), forKey: key)
                    intrinsics_store_relaxed(words + 1, words[1] &+ 1)
                }
            } catch {
                failure = error
                intrinsics_store_relaxed(words + 1, words[1] &+ 1)
            }
        }
    }
}
