import LearnedIndex

// A scan of a snapshot. Steps, from a key on:
//  1. enter an epoch; take some pairs from the index, then from each view of the chain, oldest first, as many keys far
//     as each could give: the step goes as far as the one that got least far; leave;
//  2. merge them: of a key's entries that of the oldest view counts, the index last;
//  3. ask for the records, then hand out those that were there.
// The records stay where they are as long as the snapshot lives, so that no epoch is held while the caller works.
//
// Invariants:
//  1. the key to go on from rises with every step (falls, descending);
//  2. of the keys up to where a step goes, `found` has every one that the index or a view had.

extension StoreSnapshot {
    /// Calls `body` with each pair whose key was in `range`, in the order of the keys, until it returns false or
    /// `limit` pairs were visited. Expected O(log log n + (pairs + keys changed in between) × snapshots opened since).
    ///
    /// It shows what the store held when the snapshot was opened, whatever is written meanwhile. `body` may take as
    /// long as it likes and may do anything, write to the store included. The bytes must not be kept beyond the
    /// snapshot.
    ///
    /// - Returns: How many pairs `body` was called with.
    /// - Throws: `damaged` at the first record that is not as written, after `body` had those before it;
    ///   `snapshotLost`; `closed`.
    @discardableResult
    public func scan(
        in range: ClosedRange<Int64> = .min ... .max, descending: Bool = false, limit: Int = .max,
        _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) throws(AlexStoreError) -> Int {
        try scan(in: range, descending: descending, limit: limit, amid: {}, body)
    }

    /// - Parameter amid: See `place(forKey:amid:)`.
    @inline(__always)
    func scan(
        in range: ClosedRange<Int64>, descending: Bool, limit: Int, amid: () -> Void,
        _ body: (Int64, UnsafeRawBufferPointer) -> Bool
    ) throws(AlexStoreError) -> Int {
        var step = SnapshotStep(last: descending ? range.lowerBound : range.upperBound, descending: descending)
        var next: Int64? = descending ? range.upperBound : range.lowerBound
        var visited = 0
        var ahead = records.ahead(descending ? .descending : .ascending)
        while let from = next, visited < limit {
            try take(&step, from, amid: amid)
            next = step.next
            for pair in step.found where pair.place != SnapshotView.absent {
                if ahead.isOn { ahead.ask(pair.place) }
                records.prefetch(pair.place)
            }
            for pair in step.found where pair.place != SnapshotView.absent {
                let value = try records.value(at: pair.place, key: pair.key)
                visited += 1
                if !body(pair.key, value) || visited == limit { return visited }
            }
        }
        return visited
    }

    /// Step 1 and 2.
    @inline(__always)
    private func take(_ step: inout SnapshotStep, _ from: Int64, amid: () -> Void) throws(AlexStoreError) {
        step.begin(from)
        let pin = index.enter()
        defer { index.leave(pin) }
        step.take(from: index, under: pin)
        if records.isClosed { throw .closed }
        var at: SnapshotView? = view
        while let view = at {
            let next = view.next
            amid()
            if let overlay = view.overlay { step.takeOlder(overlay) }
            if view.isLost { throw .snapshotLost }
            at = next
        }
        step.finish()
    }
}

/// One step of a snapshot's scan.
private struct SnapshotStep {
    /// The end of the range.
    let last: Int64
    let descending: Bool
    /// What was found, in the order of the scan; at the end of the step only what it covers.
    private(set) var found: [PairAhead] = []
    /// Where the next step begins, `nil` at the end.
    private(set) var next: Int64?

    private var from = Int64.min
    /// The last key that all sources so far have told everything up to.
    private var covered = Int64.min
    private var fromIndex: [PairAhead] = []
    private var fromView: [PairAhead] = []
    private var merged: [PairAhead] = []

    init(last: Int64, descending: Bool) {
        self.last = last
        self.descending = descending
    }

    mutating func begin(_ from: Int64) {
        self.from = from
        covered = last
        found.removeAll(keepingCapacity: true)
    }

    private func isBehind(_ key: Int64, _ other: Int64) -> Bool { descending ? key < other : key > other }

    mutating func take(from index: borrowing IndexReader, under pin: EpochPin) {
        let next = Self.read(index, pin, from, covered, descending, into: &fromIndex)
        narrow(to: next)
    }

    /// Takes from a view; what is there already, from older views, stands before it.
    mutating func takeOlder(_ overlay: UnsafeMutablePointer<SnapshotView.Overlay>) {
        let pin = overlay.pointee.reader.enter()
        let next = Self.read(overlay.pointee.reader, pin, from, covered, descending, into: &fromView)
        overlay.pointee.reader.leave(pin)
        narrow(to: next)
        merge(fromView)
    }

    /// Puts the index behind the views, and drops what is not covered by all.
    mutating func finish() {
        merge(fromIndex)
        while let pair = found.last, isBehind(pair.key, covered) { found.removeLast() }
        // Safe: `covered` is not the last key, so another one follows on it.
        next = covered == last ? nil : descending ? covered - 1 : covered + 1
    }

    /// Some pairs from one source; returns where it goes on.
    private static func read(
        _ reader: borrowing IndexReader, _ pin: EpochPin, _ from: Int64, _ last: Int64, _ descending: Bool,
        into pairs: inout [PairAhead]
    ) -> Int64? {
        pairs.removeAll(keepingCapacity: true)
        func add(_ key: Int64, _ place: UInt64) { pairs.append(PairAhead(key: key, place: place)) }
        return descending
            ? reader.stepDescending(from: from, through: last, limit: ScanWindow.pairs, under: pin, add)
            : reader.step(from: from, through: last, limit: ScanWindow.pairs, under: pin, add)
    }

    /// The step ends before `next`, which lies behind its first key.
    private mutating func narrow(to next: Int64?) {
        if let next { covered = descending ? next + 1 : next - 1 }
    }

    /// Merges pairs into `found`; of two with one key that which is there stays.
    private mutating func merge(_ pairs: [PairAhead]) {
        if found.isEmpty {
            found.append(contentsOf: pairs)
            return
        }
        merged.removeAll(keepingCapacity: true)
        var at = 0
        for pair in found {
            while at < pairs.count, isBehind(pair.key, pairs[at].key) {
                merged.append(pairs[at])
                at += 1
            }
            if at < pairs.count, pairs[at].key == pair.key { at += 1 }
            merged.append(pair)
        }
        merged.append(contentsOf: pairs[at...])
        swap(&found, &merged)
    }
}
