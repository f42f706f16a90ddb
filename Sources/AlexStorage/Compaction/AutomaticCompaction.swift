/// When a store compacts by itself, what it takes and how fast: see <doc:Compaction>.
public struct AutomaticCompaction: Sendable, Hashable {
    /// A compaction begins when this share of the bytes of all records is garbage, 0 to 1.
    public var garbageShareMin = 0.5
    /// It takes segments of which at least this share is garbage, the worst first.
    public var segmentGarbageShareMin = 0.25
    /// None begins for less garbage than so many bytes: 64 MiB. Small stores are not worth a thread.
    public var garbageBytesMin = 64 << 20
    /// One compaction takes at most so many bytes of segments, but at least one segment: 1 GiB. Its outputs need as
    /// much room as the live records of these take.
    public var inputBytesMax = 1 << 30
    /// Copying goes no faster than so many bytes a second, 64 MiB, unless garbage is `urgentGarbageShare` of all.
    public var bytesPerSecond = 64 << 20
    /// From this share of garbage on, copying goes as fast as it can.
    public var urgentGarbageShare = 0.75
    /// Bytes of log between two looks at the garbage. Stores of the torture are small.
    package var lookBytes = CompactionPace.lookBytes
    /// Who does the work that is not the writer's.
    package var work = Work.onThread

    /// A thread, or, so that a seed gives the same trial each time, the writer: as soon as it is there, or at the next
    /// turn.
    package enum Work: Sendable { case onThread, atOnce, later }

    /// Begins at one half of garbage: rewriting one byte gives one back.
    public init() {}

    var policy: CompactionPolicy {
        var policy = CompactionPolicy(garbageShareMin: segmentGarbageShareMin)
        policy.inputBytesMax = inputBytesMax
        return policy
    }

    func check() throws(AlexStoreError) {
        for (name, share) in [
            ("garbageShareMin", garbageShareMin), ("segmentGarbageShareMin", segmentGarbageShareMin),
            ("urgentGarbageShare", urgentGarbageShare),
        ] where !(share > 0 && share <= 1) {
            throw .unsupported("automaticCompaction.\(name) \(share) is no share; use more than 0, up to 1")
        }
        for (name, number) in [("inputBytesMax", inputBytesMax), ("bytesPerSecond", bytesPerSecond)]
        where number < 1 {
            throw .unsupported("automaticCompaction.\(name) \(number) is too little; use 1 or more")
        }
        guard garbageBytesMin >= 0 else {
            throw .unsupported("automaticCompaction.garbageBytesMin \(garbageBytesMin) is negative; use 0 or more")
        }
    }
}

/// What a store's automatic compaction has done since it was opened.
public struct AutomaticCompactionReport: Sendable, Hashable {
    /// Whether one is under way.
    public internal(set) var isRunning = false
    /// Compactions that came to their end, and those that failed.
    public internal(set) var done = 0
    public internal(set) var failed = 0
    /// What the last one has done.
    public internal(set) var last: CompactionReport?
    /// Why the last that failed did. The next is tried when `garbageBytesMin` more bytes were written.
    public internal(set) var lastFailure: AlexStoreError?
}
