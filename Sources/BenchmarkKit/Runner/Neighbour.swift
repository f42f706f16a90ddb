import Foundation
import StorageBackends

/// A second store of an engine, with the same pairs as the first, for threads that write while others read the first.
///
/// What a reader beside such a writer loses, it loses to the machine: memory, caches and processors that both use, and
/// whatever threads the engine has besides. What it loses beyond that beside a writer of its own store is the engine's.
final class Neighbour {
    /// A handle for each thread of the run.
    let crew: Crew
    private let store: any StorageBackend
    private let directory: String

    /// What its folder is called behind the first store's name.
    static let suffix = ".other"
    /// Pairs of one batch while it is filled.
    private static let fillBatch = 10_000
    /// Bytes of values from which a batch is put, though it has fewer pairs.
    private static let fillBytes = 64 << 20

    /// - Parameters:
    ///   - options: The first store's, with an empty folder.
    ///   - first: The first store's own handle, which nobody uses meanwhile.
    init(
        _ descriptor: BackendDescriptor, _ options: BackendOptions, filledFrom first: any StorageBackend
    ) throws(BackendError) {
        store = try descriptor.open(options)
        directory = options.directory
        do throws(BackendError) {
            try Filling(store, options.keys).fill(from: first)
            try store.settle()
            // As many handles as the first store has, so that both have them of one kind.
            crew = try Crew(store, threads: options.threads)
        } catch {
            try? store.close()
            throw error
        }
    }

    /// Closes it and removes what is in its folder.
    func close() throws(BackendError) {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try crew.close()
        try store.close()
    }

    /// Copies pairs in batches.
    private final class Filling {
        private let store: any StorageBackend
        private let keys: KeyMapping
        private var buffer = SliceBuffer()
        private var count = 0
        private var failure: BackendError?

        init(_ store: any StorageBackend, _ keys: KeyMapping) {
            self.store = store
            self.keys = keys
        }

        func fill(from first: any StorageBackend) throws(BackendError) {
            try first.forEachPair { add($0, $1) }
            put()
            if let failure { throw failure }
        }

        private func add(_ key: Int64, _ value: UnsafeRawBufferPointer) {
            let place = buffer.reserve(value.count)
            buffer.bytes(at: place, count: value.count).copyMemory(from: value)
            buffer.append(
                StorageBackends.Operation(
                    .insert, key: key, record: 0, version: 0, length: UInt32(value.count), valueOffset: UInt32(place)))
            count += 1
            if count == Neighbour.fillBatch || place + value.count >= Neighbour.fillBytes { put() }
        }

        private func put() {
            guard count > 0, failure == nil else { return }
            do throws(BackendError) {
                try store.putBatch(PutBatch(buffer.slice(pattern: ValuePattern(isText: false), keys: keys)))
            } catch {
                failure = error
            }
            buffer.removeAll()
            count = 0
        }
    }
}
