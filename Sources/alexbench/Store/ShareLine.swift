import BenchmarkKit
import Glibc

/// The progress of one piece of work on stderr: `backup 34%`, redrawn in a terminal, elsewhere every few seconds.
final class ShareLine {
    private let what: String
    private let isQuiet: Bool
    private let isTerminal = Console.errorIsTerminal
    private var last: UInt64 = 0
    private var isDrawn = false

    private static let nanosecondsBetweenLines: UInt64 = 5_000_000_000
    private static let nanosecondsBetweenDrawings: UInt64 = 100_000_000

    init(_ what: String, isQuiet: Bool) { (self.what, self.isQuiet) = (what, isQuiet) }

    deinit { clear() }

    /// Shows the share that is done, 0 to 1. Returns false once the user has asked to stop.
    func show(_ share: Double) -> Bool {
        if Interruption.cancellation.isCancelled { return false }
        if isQuiet { return true }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let now = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        let pause = isTerminal ? Self.nanosecondsBetweenDrawings : Self.nanosecondsBetweenLines
        if last == 0 { last = now }
        if now - last < pause { return true }
        last = now
        let text = "\(what) \(Int(min(max(share, 0), 1) * 100))%"
        Console.message(isTerminal ? "\r\u{1B}[K\(text)" : "\(text)\n")
        isDrawn = isTerminal
        return true
    }

    /// Removes the line.
    func clear() {
        if isDrawn { Console.message("\r\u{1B}[K") }
        isDrawn = false
    }
}
