import BenchmarkKit
import Glibc

/// The progress of a run on stderr: one line redrawn in a terminal, elsewhere a line every few seconds.
struct ProgressLine: ~Copyable {
    private let isTerminal = Console.errorIsTerminal
    private let secondsBetweenLines: UInt64 = 5
    private var lastNanoseconds: UInt64 = 0
    private var isDrawn = false

    mutating func show(_ progress: RunProgress) {
        if isTerminal {
            Console.message(
                "\r\u{1B}[K\(String(Self.text(progress).prefix((Console.columns(of: STDERR_FILENO) ?? 80) - 1)))")
            isDrawn = true
            return
        }
        let now = monotonicNanoseconds()
        if lastNanoseconds != 0, now - lastNanoseconds < secondsBetweenLines * 1_000_000_000 { return }
        lastNanoseconds = now
        Console.message("\(Self.text(progress))\n")
    }

    /// Removes the line, so that what follows starts at the margin.
    mutating func clear() {
        if isDrawn { Console.message("\r\u{1B}[K") }
        isDrawn = false
    }

    /// Phase, engine k of n, round i of m, per cent, rate, time left.
    static func text(_ progress: RunProgress) -> String {
        let percent = Int((progress.fraction * 100).rounded(.down))
        var parts = [
            "\(progress.row) \(progress.pass)",
            "\(progress.backend) (\(progress.engine) of \(progress.engines))",
            "repeat \(progress.repeat) of \(progress.repeats)", "\(percent)%",
            "\(rate(progress.operationsPerSecond)) ops/s",
        ]
        if let seconds = progress.secondsLeft { parts.append("\(duration(seconds)) left") }
        return parts.joined(separator: ", ")
    }

    static func rate(_ value: Double) -> String {
        guard value.isFinite, value >= 0 else { return "-" }
        let (scaled, unit) =
            value >= 1e9
            ? (value / 1e9, "G") : value >= 1e6 ? (value / 1e6, "M") : value >= 1e3 ? (value / 1e3, "K") : (value, "")
        let tenths = Int((scaled * 10).rounded())
        return scaled >= 100 || unit.isEmpty
            ? "\(Int(scaled.rounded()))\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
    }

    static func duration(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 1e9).rounded(.up))
        if whole < 60 { return "\(whole) s" }
        return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
    }

    private func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
