import BenchmarkKit
import Glibc
import Synchronization

/// Ctrl-C: the first stops the run after the slice it is in, so that stores are removed and results written; the second
/// ends the program at once.
enum Interruption {
    static let cancellation = CancellationFlag()
    private static let count = Atomic<Int>(0)

    /// From now on SIGINT and SIGTERM ask the run to stop.
    static func listen() {
        // Both are made here, because a signal handler may not run their lazy initialisers.
        _ = cancellation.isCancelled
        _ = count.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                if Interruption.count.add(1, ordering: .relaxed).oldValue > 0 { _exit(ExitCode.interrupted.rawValue) }
                Interruption.cancellation.cancel()
            }
        }
        // Whoever started the program may have blocked them, and a blocked signal is inherited.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}
