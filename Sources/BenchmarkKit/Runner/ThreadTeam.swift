import Glibc
import StorageBackends

/// Threads that begin a piece of work together and wait for each other at its end.
///
/// The calling thread is number 0; the others live as long as the team (pthread_create(3)) and wait at a barrier
/// (pthread_barrier_wait(3)) between two pieces, which also makes what one wrote visible to all.
final class ThreadTeam {
    let count: Int
    private let shared: Shared
    private var members: [pthread_t] = []

    /// What the threads have in common. Safe to share: `body` and `isOver` change only while all others wait at the
    /// barrier.
    private final class Shared: @unchecked Sendable {
        let barrier = UnsafeMutablePointer<pthread_barrier_t>.allocate(capacity: 1)
        var body: ((Int) -> Void)?
        var isOver = false

        init(count: Int) {
            barrier.initialize(to: pthread_barrier_t())
            pthread_barrier_init(barrier, nil, UInt32(count))
        }

        deinit {
            pthread_barrier_destroy(barrier)
            barrier.deallocate()
        }

        func wait() { pthread_barrier_wait(barrier) }

        func work(as index: Int) {
            while true {
                wait()
                if isOver { return }
                body?(index)
                wait()
            }
        }
    }

    /// What a new thread is told.
    private final class Member {
        let shared: Shared
        let index: Int
        init(_ shared: Shared, _ index: Int) {
            self.shared = shared
            self.index = index
        }
    }

    /// - Throws: `RunError` if the system refuses a thread.
    init(_ count: Int) throws(RunError) {
        self.count = count
        // Threads that can't all be there would wait for ever: the first pass of the barrier comes when all are.
        shared = Shared(count: count)
        for index in 1..<max(count, 1) {
            var thread = pthread_t()
            let member = Unmanaged.passRetained(Member(shared, index))
            let code = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let member = Unmanaged<Member>.fromOpaque(argument).takeRetainedValue()
                    member.shared.work(as: member.index)
                    return nil
                }, member.toOpaque())
            guard code == 0 else {
                member.release()
                // Those that run wait for ever at a barrier that stays: the program ends with this error.
                throw RunError(
                    .environment,
                    "thread \(index + 1) of \(count) can't be started: \(String(cString: strerror(code))); "
                        + "ask for fewer with --threads")
            }
            members.append(thread)
        }
    }

    deinit {
        guard members.count == count - 1 else { return }
        shared.isOver = true
        if count > 1 { shared.wait() }
        for thread in members { pthread_join(thread, nil) }
    }

    /// Calls `body` once on each thread, with its number, all at the same time. Returns when all have ended.
    func run(_ body: (Int) -> Void) {
        guard count > 1 else { return body(0) }
        withoutActuallyEscaping(body) { body in
            shared.body = body
            shared.wait()
            body(0)
            shared.wait()
            shared.body = nil
        }
    }
}

/// One engine's handles for all threads: a session each, or the one handle behind a lock.
final class Crew {
    let sessions: [any StorageBackend]
    /// Held around each operation where the engine has no sessions.
    let lock: OperationLock?

    init(_ backend: any StorageBackend, threads: Int) throws(BackendError) {
        guard threads > 1 else {
            sessions = [backend]
            lock = nil
            isShared = true
            return
        }
        guard let first = try backend.makeSession() else {
            sessions = Array(repeating: backend, count: threads)
            lock = OperationLock()
            isShared = true
            return
        }
        var sessions = [first]
        do throws(BackendError) {
            while sessions.count < threads, let next = try backend.makeSession() { sessions.append(next) }
        } catch {
            for session in sessions { try? session.close() }
            throw error
        }
        guard sessions.count == threads else {
            throw BackendError(.unsupported, "it hands out \(sessions.count) sessions for \(threads) threads")
        }
        self.sessions = sessions
        lock = nil
        isShared = false
    }

    /// Whether the handles are the store's own.
    private let isShared: Bool

    func close() throws(BackendError) {
        guard !isShared else { return }
        for session in sessions { try session.close() }
    }

    /// What the result says of it.
    var receipt: String {
        lock == nil ? "threads: a handle each" : "threads: one lock around each operation, for want of further handles"
    }
}
