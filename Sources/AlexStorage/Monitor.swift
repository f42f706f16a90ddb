#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A lock with conditions to wait for: pthread_mutex_t and pthread_cond_t at a fixed place.
final class Monitor: @unchecked Sendable {
    // Safe to share: both are made for it, and the pointers never change.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let conditions: UnsafeMutableBufferPointer<pthread_cond_t>

    /// - Parameter conditions: How many there are to wait for, numbered from 0.
    init(conditions: Int = 1) {
        self.conditions = .allocate(capacity: conditions)
        pthread_mutex_init(mutex, nil)
        for number in 0..<conditions { pthread_cond_init(condition(number), nil) }
    }

    deinit {
        pthread_mutex_destroy(mutex)
        for number in conditions.indices { pthread_cond_destroy(condition(number)) }
        mutex.deallocate()
        conditions.deallocate()
    }

    private func condition(_ number: Int) -> UnsafeMutablePointer<pthread_cond_t> {
        precondition(conditions.indices.contains(number), "no such condition")
        // Safe: the number is one of those allocated, and no buffer of one or more has no base.
        return conditions.baseAddress! + number
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
    /// Gives up the lock until woken, then has it again.
    func wait(for number: Int = 0) { pthread_cond_wait(condition(number), mutex) }
    func wakeOne(_ number: Int) { pthread_cond_signal(condition(number)) }
    func wakeAll(_ number: Int = 0) { pthread_cond_broadcast(condition(number)) }
}
