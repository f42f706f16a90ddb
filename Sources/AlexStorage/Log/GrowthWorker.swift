import StorageIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A thread that does one piece of work at a time while the writer goes on.
///
/// Thread rule: `submit`, `wait` and `stop` are called from the store's thread; the work runs on the worker's. All
/// state is behind one mutex.
final class GrowthWorker: @unchecked Sendable {
    // Safe to share: `work`, `isStopping` and `isBusy` are touched only with `mutex` held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var work: (@Sendable () -> Void)?
    private var isBusy = false
    private var isStopping = false
    private var thread = pthread_t()
    private let yields: Bool

    /// Starts the thread; `nil` when the system has none to give.
    ///
    /// - Parameter yields: Whether it gets less of a processor than others that want it (nice value 10).
    init?(yields: Bool = false) {
        self.yields = yields
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
        let started = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                // Safe: `init` passed an object and a reference to it, taken over here.
                Unmanaged<GrowthWorker>.fromOpaque(argument).takeRetainedValue().serve()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        if started != 0 {
            Unmanaged.passUnretained(self).release()
            return nil
        }
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(changed)
        mutex.deallocate()
        changed.deallocate()
    }

    /// Has `work` run. The last work must have been waited for.
    func submit(_ work: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        precondition(!isBusy, "the last work was not waited for")
        self.work = work
        isBusy = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    /// Whether work is running or about to.
    var isWorking: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return isBusy
    }

    /// Returns once no work is running.
    func wait() {
        pthread_mutex_lock(mutex)
        while isBusy { pthread_cond_wait(changed, mutex) }
        pthread_mutex_unlock(mutex)
    }

    /// Ends the thread after the work that is running.
    func stop() {
        pthread_mutex_lock(mutex)
        if isStopping {
            pthread_mutex_unlock(mutex)
            return
        }
        isStopping = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
        pthread_join(thread, nil)
    }

    private func serve() {
        if yields { SystemThread.comeBehindOthers() }
        pthread_mutex_lock(mutex)
        while true {
            while work == nil && !isStopping { pthread_cond_wait(changed, mutex) }
            guard let next = work else { break }
            work = nil
            pthread_mutex_unlock(mutex)
            next()
            pthread_mutex_lock(mutex)
            isBusy = false
            pthread_cond_broadcast(changed)
        }
        pthread_mutex_unlock(mutex)
    }
}
