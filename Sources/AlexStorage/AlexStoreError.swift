public import LearnedIndex
public import StorageIO

/// Why a store could not do what was asked. An absent key is no error: it is `nil` or `false`.
public enum AlexStoreError: Error, Sendable, Hashable {
    /// A call to the system failed. Reads go on; a write that failed has changed nothing.
    case io(StorageIOError)
    /// Another process, or this one, has the store open.
    case locked(directory: String)
    /// The directory holds something else, a newer format or one of another machine. Nothing was changed.
    case incompatible(file: String, reason: String)
    /// What was written can't be read back as it was: damage by something other than a crash.
    case damaged(file: String, offset: Int, reason: String)
    /// An option that can't be, or can't be yet.
    case unsupported(String)
    /// The value is longer than the format's 64 MiB.
    case valueTooLong(bytes: Int, limit: Int)
    /// The batch takes more than the format's 1 GiB of log.
    case batchTooLong(limit: Int)
    /// The address space that was reserved at open is used up: reopen with a larger `addressSpaceBytes`.
    case addressSpaceExhausted(bytes: Int)
    /// A sync failed earlier. What was written since the last durable mark may be lost: close and reopen.
    case poisoned
    /// A write was tried inside the body of a scan, or a compaction inside that of a read.
    case scanInProgress
    /// There was no memory to keep what a key had been, so that this snapshot shows nothing certain any more. Writes
    /// go on; open another one.
    case snapshotLost
    /// A transaction is under way: what was tried beside it must wait for its end, or be done through it.
    case transactionInProgress
    /// The transaction has ended: its body has returned, or it was rolled back.
    case transactionEnded
    /// The transaction would keep more in memory than it was begun with leave for.
    case transactionTooLong(limit: Int)
    /// Another thread has changed, in each attempt, what the transaction had read: this key for one.
    case conflict(key: Int64)
    /// The index has no memory for more keys.
    case index(IndexError)
    /// The store is closed.
    case closed
    /// The caller asked to stop.
    case cancelled
}

extension AlexStoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .io(let error): error.description
        case .locked(let directory):
            "the store in \(directory) is open already, here or in another process; close it there first"
        case .incompatible(let file, let reason): "\(file) can't be used: \(reason); nothing was changed"
        case .damaged(let file, let offset, let reason):
            "\(file) is damaged at byte \(offset): \(reason); restore it from a copy"
        case .unsupported(let what): what
        case .valueTooLong(let bytes, let limit):
            "a value of \(bytes) bytes is too long; the limit is \(limit) bytes"
        case .batchTooLong(let limit): "the batch takes more than \(limit) bytes of log; split it"
        case .addressSpaceExhausted(let bytes):
            "the log has outgrown the \(bytes) bytes of address space; reopen with a larger addressSpaceBytes"
        case .poisoned: "an earlier sync failed, so writes are refused; close the store and open it again"
        case .scanInProgress: "the store can't be written to inside the body of a scan, nor compacted inside a read's"
        case .snapshotLost: "there was no memory to keep what the snapshot shows; close it and open another one"
        case .transactionInProgress:
            "a transaction of the store is under way; use it, or wait until its body has returned"
        case .transactionEnded: "the transaction has ended; begin another"
        case .transactionTooLong(let limit):
            "the transaction takes more than \(limit) bytes of memory; split it, or begin it with a larger bytesMax"
        case .conflict(let key):
            "other threads changed what the transaction had read (key \(key)) at every attempt; try again later"
        case .index(let error): error.description
        case .closed: "the store is closed"
        case .cancelled: "stopped as asked"
        }
    }
}

/// Runs a call of the seam and turns its error into the store's.
func throwingStoreError<Value>(
    _ body: () throws(StorageIOError) -> Value
) throws(AlexStoreError) -> Value {
    do { return try body() } catch { throw .io(error) }
}
