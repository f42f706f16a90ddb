/// How the store's own compaction is spread over the writes: all numbers of it.
enum CompactionPace {
    /// Bytes of log between two looks at the counts of garbage: 1 MiB. A look costs some microseconds.
    static let lookBytes = 1 << 20
    /// Bytes of log between two turns of the writer while the thread is at work: 64 KiB.
    static let turnBytes = 64 << 10
    /// The same while records get their new places, 4 KiB: some 33 records of 124 bytes. A turn moves as many bytes as
    /// were written since the last, some microseconds of work: so the move ends when as much was written as it has to
    /// move.
    static let turnBytesOfMove = 4 << 10
    /// What a turn moves at least, for class power, where a turn comes with each commit: 4 KiB.
    static let movedBytesMin = 4 << 10
    /// The longest sleep of the copying thread, so that a close does not wait for it: 5 ms.
    static let sleepMicrosecondsMax = 5_000

    /// How long whoever copies sleeps next, having copied `bytes` in the time `elapsed`: what is left until they are
    /// due at `bytesPerSecond`, at most the longest sleep. `nil` when nothing is left.
    static func pause(bytes: Int, bytesPerSecond: Int, elapsed: Duration) -> UInt32? {
        let (seconds, attoseconds) = elapsed.components
        let passed = Double(seconds) * 1e6 + Double(attoseconds) / 1e12
        let left = Double(bytes) / Double(bytesPerSecond) * 1e6 - passed
        return left < 1 ? nil : UInt32(min(left, Double(sleepMicrosecondsMax)))
    }
}
