public import CIntrinsics
import Glibc

/// How a thread runs its share of a slice.
@frozen
public enum OperationLoop {
    /// Each operation as soon as the last has ended, writes or reads in batches of so many.
    case throughput(batch: Int)
    /// Each key computed from the value that was read last.
    case dependent
    /// A clock around each operation; the nanoseconds go into the buffer.
    case timed(UnsafeMutableBufferPointer<UInt64>)
    /// Each operation at its time.
    case paced(Pacing)
}

/// When the operations of a slice are due, and where their response times go: the open loop.
@frozen
public struct Pacing {
    /// The clock's time at which each operation is due, ascending; as many as operations.
    public let due: UnsafeBufferPointer<UInt64>
    /// Nanoseconds from when it was due to its end, one an operation.
    public let responses: UnsafeMutableBufferPointer<UInt64>

    @inlinable
    public init(due: UnsafeBufferPointer<UInt64>, responses: UnsafeMutableBufferPointer<UInt64>) {
        self.due = due
        self.responses = responses
    }
}

/// A clock that can be waited on. Tests put one of their own in its place.
public protocol PacingClock {
    /// Nanoseconds since a fixed time.
    func now() -> UInt64
    /// Returns at that time or soon after; at once when it is past.
    func wait(until time: UInt64)
}

/// CLOCK_MONOTONIC. A wait sleeps while more than `spinNanoseconds` are left, then spins, so that it ends on time.
@frozen
public struct SystemPacingClock: PacingClock {
    /// A sleeping thread of a busy machine of two cores wakes up to 100 µs late.
    @usableFromInline static var spinNanoseconds: UInt64 { 150_000 }

    @inlinable
    public init() {}

    @inlinable
    public func now() -> UInt64 { UInt64(bitPattern: intrinsics_monotonic_nanoseconds()) }

    @inlinable
    public func wait(until time: UInt64) {
        while true {
            // A due time may lie before the clock's beginning: the distance tells, not the order.
            let rest = Int64(bitPattern: time &- now())
            if rest <= 0 { return }
            if UInt64(rest) > Self.spinNanoseconds { Self.sleep(UInt64(rest) &- Self.spinNanoseconds) }
        }
    }

    @usableFromInline @inline(never)
    static func sleep(_ nanoseconds: UInt64) {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        nanosleep(&time, nil)
    }
}

/// One lock around each operation, for engines that take one thread at a time (pthread_mutex_lock(3)).
public final class OperationLock: @unchecked Sendable {
    // Safe to share: the mutex is the only content.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    public init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    public func lock() { pthread_mutex_lock(mutex) }
    public func unlock() { pthread_mutex_unlock(mutex) }
}
