public import AlexStorage
public import StorageBackends

/// AlexStorage as an engine under test.
///
/// Class `memory`: stores into a map, durable at close. Class `process`: the same, because what is stored in a shared
/// map outlives the process. Class `power`: a pwrite and an fdatasync for each commit, seen by reads
/// only afterwards. Every read compares the record's checksum. Several threads get a session each: `AlexSession`.
public final class AlexAdapter: StorageBackend {
    @usableFromInline let store: AlexStore
    private let durability: DurabilityClass
    private let compactsWhenSettled: Bool

    /// Opens the store in `options.directory`, with the engine's options as `configure` leaves them.
    ///
    /// - Parameter compactsWhenSettled: Whether `settle` writes the whole log anew in the order of the keys.
    public init(
        _ options: BackendOptions, compactsWhenSettled: Bool = false,
        configure: (inout AlexStoreOptions) -> Void = { _ in }
    ) throws(BackendError) {
        var storeOptions = AlexStoreOptions()
        switch options.durability {
        case .memory: storeOptions.durability = .memory
        case .process: storeOptions.durability = .process
        case .power: storeOptions.durability = .power
        }
        durability = options.durability
        self.compactsWhenSettled = compactsWhenSettled
        configure(&storeOptions)
        do throws(AlexStoreError) {
            store = try AlexStore(directory: options.directory, options: storeOptions)
        } catch {
            throw BackendError(error)
        }
    }

    @inlinable
    public func put(_ key: Int64, _ value: UnsafeRawBufferPointer) throws(BackendError) {
        do throws(AlexStoreError) { try store.put(value, forKey: key) } catch { throw BackendError(error) }
    }

    @inlinable
    public func putBatch(_ batch: PutBatch) throws(BackendError) {
        do throws(AlexStoreError) {
            try store.putBatch(
                count: batch.count, key: { batch.key(at: $0) }, value: { batch.value(at: $0) })
        } catch {
            throw BackendError(error)
        }
    }

    @inlinable
    public func get<Result>(
        _ key: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(BackendError) -> Result? {
        do throws(AlexStoreError) { return try store.withValue(forKey: key, body) } catch { throw BackendError(error) }
    }

    @inlinable
    public func getBatch(
        _ keys: UnsafeBufferPointer<Int64>, _ body: (Int, UnsafeRawBufferPointer?) -> Void
    ) throws(BackendError) {
        do throws(AlexStoreError) { try store.forEachValue(forKeys: keys, body) } catch { throw BackendError(error) }
    }

    @inlinable
    public func remove(_ key: Int64) throws(BackendError) -> Bool {
        do throws(AlexStoreError) { return try store.remove(key) } catch { throw BackendError(error) }
    }

    @inlinable
    public func scan(
        from first: Int64, limit: Int, _ body: (Int64, UnsafeRawBufferPointer) -> Void
    ) throws(BackendError) -> Int {
        do throws(AlexStoreError) {
            return try store.scan(in: first ... .max, limit: limit) { key, value in
                body(key, value)
                return true
            }
        } catch {
            throw BackendError(error)
        }
    }

    public func settle() throws(BackendError) {
        do throws(AlexStoreError) {
            if compactsWhenSettled { _ = try store.compact(.everything) }
            try store.finishOwnWork()
        } catch {
            throw BackendError(error)
        }
    }

    public func readBackSettings() throws(BackendError) -> [(setting: String, value: String)] {
        do throws(AlexStoreError) {
            let statistics = try store.statistics()
            return [
                ("durability", durability.rawValue), ("checksum_on_read", "on"),
                ("segments", "\(statistics.segments)"), ("log_bytes", "\(statistics.logBytes)"),
            ]
        } catch {
            throw BackendError(error)
        }
    }

    public func close() throws(BackendError) {
        do throws(AlexStoreError) { try store.close() } catch { throw BackendError(error) }
    }
}

extension BackendError {
    /// The engine's error as the runner knows it.
    @usableFromInline
    init(_ error: AlexStoreError) {
        let kind: Kind =
            switch error {
            case .io, .poisoned: .io
            case .locked: .locked
            case .incompatible: .incompatible
            case .damaged: .damaged
            case .unsupported, .addressSpaceExhausted, .index: .unsupported
            case .valueTooLong, .batchTooLong, .scanInProgress, .snapshotLost, .closed, .cancelled,
                .transactionInProgress, .transactionEnded, .transactionTooLong, .conflict:
                .invalid
            }
        self.init(kind, error.description)
    }
}
