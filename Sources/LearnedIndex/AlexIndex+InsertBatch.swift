// Many pairs at once, in any order. Steps:
//  1. copy them, and sort the copies by key with a stable radix sort; of equal keys the last stays;
//  2. walk the sorted pairs; those that belong to one data node are a run;
//  3. a run that is short beside its node is inserted pair by pair, while the lines of those ahead are asked for; a
//     longer one is merged with the node's entries, and the nodes that they need are built once, at their final size.
// An empty index takes the sorted pairs as a bulk load.

extension AlexIndex {
    /// Inserts or overwrites all pairs, which may come in any order; of pairs with one key the last counts.
    ///
    /// Sorts a copy of the pairs (32 bytes a pair while it runs), then builds each data node that gains many entries
    /// once: faster than single inserts from a few hundred pairs on. O(count), and O(entries) of the nodes touched.
    ///
    /// - Throws: `outOfMemory`; then the pairs with the lowest keys, up to some key, are in the index and the rest are
    ///   not; an index that was empty is empty.
    @inlinable
    public mutating func insertBatch(_ pairs: some Collection<Entry>) throws(IndexError) {
        let count = pairs.count
        if count == 0 { return }
        let sorter = PairSorter(capacity: count)
        defer { sorter.release() }
        isLoading = true
        defer { isLoading = false }
        var at = 0
        for (key, value) in pairs {
            // Safe: a collection yields as many elements as it counts; one that does not is cut off.
            if at == count { break }
            sorter.pairs[at] = Pair(key: key, value: value)
            at &+= 1
        }
        try handle.insertBatch(sorter, at)
    }
}

extension AlexIndex {
    /// Whether inserts are part of something long, so that one of them may wait until a huge page is cleared (2 MiB, at
    /// once instead of when the system has time, madvise(2) with MADV_HUGEPAGE). O(1). `insertBatch` sets it for
    /// itself.
    public var isLoading: Bool {
        get { handle.state.pointee.arena.isLoading }
        nonmutating set { handle.state.pointee.arena.isLoading = newValue }
    }
}

/// Memory for two copies of a batch.
@usableFromInline
struct PairSorter {
    @usableFromInline let pairs: UnsafeMutablePointer<Pair>
    private let other: UnsafeMutablePointer<Pair>

    @usableFromInline
    init(capacity: Int) {
        pairs = .allocate(capacity: capacity)
        other = .allocate(capacity: capacity)
    }

    @usableFromInline
    func release() {
        pairs.deallocate()
        other.deallocate()
    }

    /// Sorts the first `count` by key, of equal keys keeps the last; returns how many are left.
    func sortAndKeepLast(_ count: Int) -> Int {
        if !isAscending(count) {
            if count <= Tuning.insertionSortMax { insertionSort(count) } else { radixSort(count) }
        }
        var kept = 0
        for rank in 0..<count {
            if rank + 1 < count && pairs[rank + 1].key == pairs[rank].key { continue }
            pairs[kept] = pairs[rank]
            kept += 1
        }
        return kept
    }

    private func isAscending(_ count: Int) -> Bool {
        for rank in 1..<max(count, 1) where pairs[rank - 1].key > pairs[rank].key { return false }
        return true
    }

    private func insertionSort(_ count: Int) {
        for rank in 1..<max(count, 1) {
            let pair = pairs[rank]
            var at = rank
            while at > 0 && pairs[at - 1].key > pair.key {
                pairs[at] = pairs[at - 1]
                at -= 1
            }
            pairs[at] = pair
        }
    }

    /// Least significant byte first; bytes that all keys share are left out.
    ///
    /// Its memory is allocated by name, not by `withUnsafeTemporaryAllocation`: Swift 6.3.1 ends that closure, when
    /// optimised, with a jump to memmove(3) that leaves an address in the register of errors, and the caller then acts
    /// as if one had been thrown.
    private func radixSort(_ count: Int) {
        let places = UnsafeMutablePointer<Int>.allocate(capacity: 8 * 256)
        defer { places.deallocate() }
        places.initialize(repeating: 0, count: 8 * 256)
        for rank in 0..<count {
            var word = PairSorter.word(pairs[rank])
            for byte in 0..<8 {
                // Safe: a byte is below 256, its number below 8.
                places[byte &* 256 &+ Int(word & 255)] &+= 1
                word &>>= 8
            }
        }
        var source = pairs
        var target = other
        for byte in 0..<8 {
            let places = places + byte * 256
            let shift = UInt64(8 * byte)
            if places[Int(PairSorter.word(source[0]) &>> shift & 255)] == count { continue }
            var sum = 0
            for digit in 0..<256 {
                let here = places[digit]
                places[digit] = sum
                sum += here
            }
            for rank in 0..<count {
                let digit = Int(PairSorter.word(source[rank]) &>> shift & 255)
                target[places[digit]] = source[rank]
                places[digit] &+= 1
            }
            swap(&source, &target)
        }
        if source != pairs { pairs.update(from: source, count: count) }
    }

    /// Unsigned order of these is signed order of the keys.
    @inline(__always)
    private static func word(_ pair: Pair) -> UInt64 { UInt64(bitPattern: pair.key) ^ 1 &<< 63 }
}

extension IndexHandle {
    @usableFromInline
    func insertBatch(_ sorter: PairSorter, _ given: Int) throws(IndexError) {
        complete()
        let count = sorter.sortAndKeepLast(given)
        let pairs = sorter.pairs
        if state.pointee.count == 0 && count > Tuning.insertionSortMax {
            populate(entries: count)
            var loader = BulkLoader(self, count: count)
            do throws(IndexError) {
                for rank in 0..<count { try loader.add(pairs[rank].key, pairs[rank].value) }
                return try loader.finish()
            } catch {
                // Nodes without a parent are in the arena.
                if state.pointee.isShared { loader.abandon() } else { removeAll() }
                throw error
            }
        }
        var at = 0
        while at < count { at += try insertRun(pairs + at, count - at) }
    }

    /// Inserts the pairs that belong to the first one's data node, or as many as fit the scratch; returns how many.
    private func insertRun(_ pairs: UnsafeMutablePointer<Pair>, _ limit: Int) throws(IndexError) -> Int {
        let place = locate(pairs[0].key)
        let entries = dataNode(place.child).count
        // Twice the built size: the scratch must hold them beside a node's entries.
        let most = min(limit, state.pointee.configuration.dataKeysBuilt * 2)
        var run = 1
        if let behind = place.separatorBehind {
            while run < most && pairs[run].key < behind { run += 1 }
        } else {
            run = most
        }
        if run * CostModel.mergeShare < entries || run < 4 {
            for rank in 0..<run {
                if rank &+ Tuning.pairsAhead < limit { prefetch(forKey: pairs[rank &+ Tuning.pairsAhead].key) }
                _ = try updateValue(pairs[rank].value, forKey: pairs[rank].key)
            }
        } else {
            try merge(pairs, run)
            closeGap()
            noteAllocated()
        }
        return run
    }

    /// Builds the data node of `run` pairs, which all belong to it, anew with them.
    private func merge(_ pairs: UnsafeMutablePointer<Pair>, _ run: Int) throws(IndexError) {
        if hasStuckReaders { helpStuckReader() }
        defer { settle() }
        try ensureRoomForChange()
        let child = descend(to: pairs[0].key, height: 0)
        let merged = state.pointee.merged
        let old = state.pointee.pairs
        let held = dataNode(child).collect(into: old)
        var (from, count) = (0, 0)
        for rank in 0..<run {
            let pair = pairs[rank]
            while from < held && old[from].key < pair.key {
                merged[count] = old[from]
                (from, count) = (from + 1, count + 1)
            }
            if from < held && old[from].key == pair.key { from += 1 }
            merged[count] = pair
            count += 1
        }
        while from < held {
            merged[count] = old[from]
            (from, count) = (from + 1, count + 1)
        }
        release(child)
        var pieces = Pieces(handle: self, first: child.key)
        pieces.addFitted(merged, count)
        state.pointee.count += count - held
        replaceMerged(child, by: pieces.built)
    }
}
