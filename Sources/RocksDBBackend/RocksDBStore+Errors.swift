#if RocksDB
    import CRocksDB
    import StorageBackends

    extension RocksDBStore {
        /// Throws what the engine left in the error slot, if anything.
        @inline(__always)
        func check(_ action: StaticString) throws(BackendError) {
            if errorSlot.pointee != nil { throw Self.takeError(errorSlot, while: "\(action)") }
        }

        /// The engine's message as an error; the slot is empty again afterwards.
        static func takeError(
            _ slot: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, while action: String
        ) -> BackendError {
            guard let text = slot.pointee else { return BackendError(.io, "RocksDB failed while \(action)") }
            defer {
                rocksdb_free(text)
                slot.pointee = nil
            }
            return error(String(cString: text), while: action)
        }

        static func error(_ message: String, while action: String) -> BackendError {
            BackendError(kind(of: message), "RocksDB, \(action): \(message)")
        }

        /// The engine's statuses reach C as text only, each with a fixed beginning.
        private static func kind(of message: String) -> BackendError.Kind {
            if message.contains("lock hold by current process") || message.contains("While lock file") {
                return .locked
            }
            if message.hasPrefix("Corruption") { return .damaged }
            if message.hasPrefix("Not implemented") { return .unsupported }
            if message.hasPrefix("Invalid argument") { return .invalid }
            return .io
        }
    }
#endif
