// What a store may hold after a kill.
//
// The history is the sequence of commits that the store was asked for; position p is the state after the first p of
// them. For each record the positions at which it had the value that was found are intervals; the store holds a prefix
// of the history where one position lies in an interval of every record. Where none does, there are holes, and they are
// told commit by commit: a commit is missing when one of its records shows an older state and nothing later.
//
// A record that is absent may have been so at several times: it is then taken as it is best for the engine.

/// The commits of one store, and what each record went through.
struct CrashHistory {
    let script: CrashScript
    /// The stamps of the commits, in their order. Those of the load come first.
    private(set) var stamps: [UInt32] = []
    /// Changes after the load, by record. Absence has the stamp 0.
    private var touches: [UInt64: [Touch]] = [:]

    struct Touch: Hashable {
        /// From 1.
        var position: Int
        var stamp: UInt32
    }

    init(_ script: CrashScript) { self.script = script }

    var count: Int { stamps.count }
    var isLoaded: Bool { count >= Int(script.loadCommits) }

    /// Notes the next commit. Stamps only ascend.
    mutating func append(_ stamp: UInt32) {
        precondition(stamp > stamps.last ?? 0, "a commit's stamp is used twice")
        stamps.append(stamp)
        if stamp <= script.loadCommits { return }
        let commit = script.commit(stamp)
        for record in commit.puts { touches[record, default: []].append(Touch(position: count, stamp: stamp)) }
        if let removed = commit.removed { touches[removed, default: []].append(Touch(position: count, stamp: 0)) }
    }

    /// Forgets all commits but the first `kept`: the store has lost them, and goes on without.
    mutating func truncate(to kept: Int) {
        stamps.removeLast(max(count - kept, 0))
        touches = touches.compactMapValues { changes in
            let left = changes.filter { $0.position <= kept }
            return left.isEmpty ? nil : left
        }
    }

    /// All states of a record: absent at first, then as the load and each later commit left it.
    private func timeline(of record: UInt64) -> [Touch] {
        var timeline = [Touch(position: 0, stamp: 0)]
        if let load = script.loadStamp(of: record), Int(load) <= count {
            timeline.append(Touch(position: Int(load), stamp: load))
        }
        return timeline + touches[record, default: []]
    }

    /// Judges what was found after a kill.
    /// - Parameters:
    ///   - found: The stamps of the values that were found, by record.
    ///   - acknowledged: How many commits had been acknowledged, or seen by an earlier reader. One more may be there.
    func judge(_ found: CrashFindings, acknowledged: Int) -> CrashVerdict {
        var judge = Judge(acknowledged: acknowledged, count: count)
        for record in 0..<script.recordsEver {
            judge.see(found.stamps[record] ?? 0, in: timeline(of: record))
        }
        var verdict = CrashVerdict(acknowledged: acknowledged)
        verdict.wrongValues = judge.wrongValues + found.wrongValues
        verdict.phantoms = found.phantoms
        verdict.prefix = judge.prefix
        if let prefix = judge.prefix {
            verdict.acknowledgedLost = max(acknowledged - prefix, 0)
        } else {
            judge.findHoles(timelines: { timeline(of: $0) }, found: found, script: script)
            verdict.acknowledgedLost = judge.missing[0..<min(acknowledged, count)].count { $0 }
            verdict.holes = zip(judge.missing, judge.there).prefix(judge.newest).count { $0 && !$1 }
            verdict.partialBatches = zip(judge.missing, judge.there).count { $0 && $1 }
        }
        return verdict
    }

    /// The positions at which all records had the values that were found.
    private struct Judge {
        let acknowledged: Int
        /// How many more records have their value at a position than at the one before.
        private var gains: [Int]
        private(set) var judged = 0
        private(set) var wrongValues = 0
        /// The newest commit of which anything is surely there.
        private(set) var newest = 0
        /// By position less one: a record shows that the commit is not there, or that it is.
        private(set) var missing: [Bool]
        private(set) var there: [Bool]

        init(acknowledged: Int, count: Int) {
            self.acknowledged = acknowledged
            gains = [Int](repeating: 0, count: count + 2)
            missing = [Bool](repeating: false, count: count)
            there = missing
        }

        /// Takes in what one record shows.
        mutating func see(_ stamp: UInt32, in timeline: [Touch]) {
            var earliest: Int?
            for (place, touch) in timeline.enumerated() where touch.stamp == stamp {
                earliest = earliest ?? touch.position
                gains[touch.position] += 1
                gains[place + 1 < timeline.count ? timeline[place + 1].position : gains.count - 1] -= 1
            }
            guard let earliest else {
                // A value of no commit that this record was in, or of one that was lost before.
                wrongValues += 1
                return
            }
            judged += 1
            newest = max(newest, earliest)
        }

        /// The newest position that fits all records; `nil` where there is none.
        var prefix: Int? {
            var (fitting, newest): (Int, Int?) = (0, nil)
            for position in 0..<(gains.count - 1) {
                fitting += gains[position]
                if fitting == judged { newest = position }
            }
            return newest
        }

        /// Marks the commits that are missing, and those that are there.
        mutating func findHoles(
            timelines: (UInt64) -> [Touch], found: CrashFindings, script: CrashScript
        ) {
            for record in 0..<script.recordsEver {
                let timeline = timelines(record)
                let stamp = found.stamps[record] ?? 0
                guard let latest = timeline.last(where: { $0.stamp == stamp })?.position else { continue }
                if stamp != 0 { there[latest - 1] = true }
                for touch in timeline where touch.position > latest { missing[touch.position - 1] = true }
            }
        }
    }
}

/// What a reader found in a store after a kill.
struct CrashFindings: Hashable {
    /// The stamps of right values, by record.
    var stamps: [UInt64: UInt32] = [:]
    /// Values that are none of their record's, and keys that came twice.
    var wrongValues = 0
    /// Keys that no commit ever wrote.
    var phantoms = 0
}

/// What became of the commits of one store in one kill.
struct CrashVerdict: Hashable {
    var acknowledged: Int
    /// How many commits of the history the store holds, all of them the first; `nil` where it holds no such state.
    var prefix: Int?
    /// Commits that were acknowledged and are not there.
    var acknowledgedLost = 0
    /// Commits of which nothing is there although a later one is.
    var holes = 0
    /// Batches of which one part is there and another is not.
    var partialBatches = 0
    var wrongValues = 0
    var phantoms = 0
    /// Why the store could not be opened or read; `nil` when it could.
    var refusal: String?

    /// Whether all that is left is what was once written, and a prefix of it.
    var isWhole: Bool {
        prefix != nil && holes == 0 && partialBatches == 0 && wrongValues == 0 && phantoms == 0 && refusal == nil
    }
}
