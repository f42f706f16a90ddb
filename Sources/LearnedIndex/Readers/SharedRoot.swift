import CIntrinsics

// What readers beside the writer begin with: the way to the root, kept twice, and a number whose last bit says which of
// the two counts. The writer writes the other one, then advances the number. A reader takes the one that counts and
// looks whether the number is still the same; it has to look again only if a new root came to be meanwhile, and a
// writer that is stopped half way keeps nobody waiting.
//
// Invariants:
//  1. the copy that the number's last bit names is whole;
//  2. the other one is written only while the number stands still.
// Threads: one publishes, any number read; `stuck` is set by readers and cleared by
// the writer; `owners` is counted by all.

/// A root as readers take it: as its parent would hold it, and how deep it stands above the data nodes.
@usableFromInline
struct RootPlace: BitwiseCopyable {
    @usableFromInline var child: Child
    @usableFromInline var height: Int

    @inlinable @inline(__always)
    init(child: Child, height: Int) {
        self.child = child
        self.height = height
    }
}

/// Two lines of memory that writer and readers of one index share.
@usableFromInline
struct SharedRoot {
    // Line 0, words: the number; copy 0: (reference, slots, height), centre, (slope, intercept); copy 1 likewise.
    // Line 1, words: a stuck reader's node, owners.
    @usableFromInline let lines: UnsafeMutableRawPointer

    static func make() throws(IndexError) -> SharedRoot {
        guard let lines = intrinsics_lines_allocate(128) else { throw .outOfMemory(bytes: 128) }
        let shared = SharedRoot(lines: lines)
        intrinsics_store_relaxed(shared.owners, 1)
        return shared
    }

    func release() { intrinsics_lines_release(lines) }

    /// A node that a reader failed to read so often that the writer should replace it, or 0.
    @inlinable @inline(__always)
    var stuck: UnsafeMutableRawPointer { lines + 64 }

    /// The index and its readers: the last one out frees all.
    var owners: UnsafeMutableRawPointer { lines + 72 }

    @inlinable @inline(__always)
    static func copyOffset(_ number: UInt64) -> Int { 8 &+ Int(truncatingIfNeeded: number & 1) &* 24 }

    func publish(_ root: RootPlace) {
        let number = intrinsics_load_relaxed(lines)
        let copy = lines + SharedRoot.copyOffset(number &+ 1)
        // Safe: a node has at most 8196 slots, and no index is as deep as 40.
        let place = UInt64(root.child.reference) | UInt64(root.child.slotCount) << 32 | UInt64(root.height) << 48
        // Who read an older number finds it changed if he sees one of these.
        intrinsics_fence_full()
        intrinsics_store_relaxed(copy, place)
        intrinsics_store_relaxed(copy + 8, UInt64(bitPattern: root.child.model.center))
        intrinsics_store_relaxed(copy + 16, root.child.model.line)
        intrinsics_store_release(lines, number &+ 1)
    }

    @inlinable @inline(__always)
    func load() -> RootPlace {
        while true {
            let number = intrinsics_load_acquire(lines)
            let copy = lines + SharedRoot.copyOffset(number)
            let place = intrinsics_load_relaxed(copy)
            let center = intrinsics_load_relaxed(copy + 8)
            let line = intrinsics_load_relaxed(copy + 16)
            intrinsics_fence_acquire()
            if intrinsics_load_relaxed(lines) == number {
                let model = LinearModel(center: Int64(bitPattern: center), line: line)
                let child = Child(
                    key: .min, model: model, reference: UInt32(truncatingIfNeeded: place),
                    slotCount: UInt32(truncatingIfNeeded: place &>> 32 & 0xFFFF))
                return RootPlace(child: child, height: Int(truncatingIfNeeded: place &>> 48))
            }
        }
    }
}
