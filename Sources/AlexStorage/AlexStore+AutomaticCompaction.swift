extension AlexStore {
    /// What automatic compaction has done since the store was opened; as if it were off when it is. O(1).
    public var automaticCompaction: AutomaticCompactionReport { compactor?.report ?? AutomaticCompactionReport() }

    /// The writer's turn in a compaction of the store's own: mostly nothing. The caller has the store for itself.
    ///
    /// - Parameter canSeal: Whether a new segment may begin.
    @usableFromInline @inline(never)
    func tendCompaction(canSeal: Bool = true) { compactor?.tend(self, canSeal: canSeal) }

    /// Brings a compaction of the store's own to its end if it is between the layouts, so that index, files and
    /// manifest agree.
    func settleCompaction() { compactor?.conclude(self, all: false) }

    /// The same, and takes back one that is not so far.
    func endCompaction() { compactor?.conclude(self, all: true) }
}
