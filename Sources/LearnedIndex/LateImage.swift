import CIntrinsics

// An index that is there before its nodes are. Opening it reads the root and little else; each other node is brought in
// and checked when a lookup first comes by, or when something needs all of them. So opening takes the same time at any
// size, and no answer is ever made of bytes that were not checked.
//
// A node that is not there yet has a *shadow*: the same place, moved up by the length of the image, where the memory is
// zero and never written. Its parent leads to the shadow, and to the node itself once that is there. The zeros are read
// as a node, too: every key but 0 is found to be absent, as a data node with the key 0 alone would have it, and an
// inner node leads to place 0 of the arena, which is in no block, is zero as well, and ends the same way. So a lookup
// needs no look at what is there: a key that it finds is found, and only a miss asks whether the index is late.
//
//  1. `begin`: the words of the image, the root, and the way to key 0 are brought in;
//  2. a lookup that misses calls `serve`: what is missing on the key's way is brought in, and besides a stretch of 64
//     KiB of nodes in the order of the keys, so that lookups alone come to an end of it; then it looks again;
//  3. everything else (writes, scans, readers beside the writer, images) calls `complete` first: all that is missing is
//     brought in, the image is checked as a whole, and the index is like any other from then on;
//  4. when bytes are not what was written, or are no index, the source makes another index with the same entries, which
//     takes the place of this one in the midst of whatever was asked.
//
// Invariants:
//  1. a node is brought in after its parent, and checked before any way leads to it: what its keys and values are
//     between, what its children's places can be;
//  2. until `complete` nothing is changed but the children's places in inner nodes, and nothing is allocated;
//  3. the way to key 0 leads over no shadow.
// Threads: one, lookups included.

/// Where a late index gets the bytes of its image from, and what stands in for them.
public protocol ImageSource: AnyObject {
    /// How many bytes come at once; the last block is shorter.
    var blockBytes: Int { get }
    /// Brings a block of the image into the memory that it is given, all of it; false if its bytes can't be had or are
    /// not those that were written.
    func fill(_ memory: UnsafeMutableRawBufferPointer, block: Int) -> Bool
    /// Whether the image can be right with so many entries below each end of the bounds: asked once, after everything
    /// has been brought in.
    func accepts(liveCounts: [UInt32]) -> Bool
    /// An index with the same entries that is made otherwise, or nil if there is no way: then the index is empty from
    /// then on, and it is the source that must keep it from being used.
    ///
    /// - Parameter reason: Why the image can't be used.
    func replacement(reason: String) -> AlexIndex?
}

/// What is still to be brought in of an image, and what was.
final class LateImage {
    private let handle: IndexHandle
    private let image: IndexImage
    private let source: any ImageSource
    private var check: ImageCheck
    /// A bit for each block that is there.
    private var blocks: [UInt64]
    private var bytesFilled = 0
    /// How far the shadows are away, in units.
    private let shadow: Int
    /// From where on nodes may be missing, in the order of the keys; nil when none is.
    private var nextKey: Int64? = .min
    private var served = 0

    /// Nodes of so many bytes are brought in besides those that a lookup needs: 64 KiB.
    private static let stretchBytes = 64 << 10
    /// No more data nodes are looked at for it.
    private static let stretchNodesMax = 64
    /// The first lookups find small pages: a huge one takes long to clear for who just wants one key.
    private static let servedInSmallPages = 8

    init(_ handle: IndexHandle, _ image: IndexImage, _ bounds: ImageValueBounds?, _ source: any ImageSource) {
        self.handle = handle
        self.image = image
        self.source = source
        check = ImageCheck(handle: handle, bounds: bounds)
        let count = (image.arenaBytes + source.blockBytes - 1) / source.blockBytes
        blocks = [UInt64](repeating: 0, count: count / 64 + 1)
        shadow = image.arenaBytes / Arena.unitBytes
    }

    /// Address space behind the image that shadows lie in.
    static func shadowBytes(_ image: IndexImage, _ configuration: AlexIndex.Configuration) -> Int {
        let node = max(
            Node<Pair>.bytes(capacity: configuration.dataSlotsMax + 4),
            Node<Child>.bytes(capacity: configuration.innerSlotsMax))
        return image.arenaBytes + node + 4096
    }

    // MARK: - Steps

    /// Step 1.
    func begin() throws(InvariantViolation) {
        handle.enter(image)
        try take(image.root, height: image.height, below: nil)
        _ = try bring(0)
    }

    /// Step 2, for one key.
    func serve(_ key: Int64) throws(InvariantViolation) {
        _ = try bring(key)
        served += 1
        if served == Self.servedInSmallPages { handle.state.pointee.arena.expectFilling() }
        let enough = bytesFilled + Self.stretchBytes
        var visits = 0
        while let key = nextKey, bytesFilled < enough, visits < Self.stretchNodesMax {
            nextKey = try bring(key)
            visits += 1
        }
        if nextKey == nil { try complete() }
    }

    /// Step 3.
    func complete() throws(InvariantViolation) {
        handle.state.pointee.arena.expectFilling()
        while let key = nextKey { nextKey = try bring(key) }
        // Free blocks are in no node.
        try fill(0..<image.arenaBytes)
        try check.whole(image)
        try require(source.accepts(liveCounts: check.live), "the image has other entries than it was made of")
        handle.adopt(image, check)
        handle.state.pointee.arena.discardBehindTop(bytes: Self.shadowBytes(image, handle.state.pointee.configuration))
        handle.dropLateImage()
    }

    /// Step 4.
    func replace(_ reason: String) {
        handle.dropLateImage()
        guard let other = source.replacement(reason: reason) else { return handle.removeAll() }
        // Nobody else has a part of either: a late index has no readers, and the other one is new.
        swap(&handle.state.pointee, &other.handle.state.pointee)
    }

    // MARK: - Nodes

    /// Brings in what is missing on the way to `key`. Returns the separator behind its data node.
    private func bring(_ key: Int64) throws(InvariantViolation) -> Int64? {
        var child = handle.state.pointee.root
        var behind: Int64?
        for height in (0..<handle.state.pointee.height).reversed() {
            let node = handle.innerNode(child)
            let near = child.model.predictPosition(of: key, capacity: node.capacity)
            let slot = max(node.start, node.upperBound(of: key, near: near) - 1)
            let next = node.next(after: slot)
            if next < node.end { behind = node.slots[next].key }
            child = node.slots[slot]
            guard Int(child.reference) >= shadow else { continue }
            child.reference -= UInt32(shadow)
            try take(child, height: height, below: behind)
            node.overwriteRun(at: slot, with: child)
        }
        return behind
    }

    /// Brings in a node whose parent is there.
    private func take(_ child: Child, height: Int, below: Int64?) throws(InvariantViolation) {
        try fill(try check.claim(child, height: height))
        try check.node(child, height: height, below: below)
        if height == 0 { return }
        let node = handle.innerNode(child)
        // Safe: the check has seen to it that places are below the image's end, so that twice that is no overflow.
        for slot in node.start..<node.end { node.slots[slot].reference += UInt32(shadow) }
    }

    /// Brings in the blocks that `range` of the image lies in.
    private func fill(_ range: Range<Int>) throws(InvariantViolation) {
        let blockBytes = source.blockBytes
        for block in (range.lowerBound / blockBytes)...((range.upperBound - 1) / blockBytes) {
            let bit: UInt64 = 1 << UInt64(block % 64)
            if blocks[block / 64] & bit != 0 { continue }
            let begin = block * blockBytes
            let count = min(blockBytes, image.arenaBytes - begin)
            // Safe: the arena is as long as the image, and no node in this block was there yet.
            let memory = UnsafeMutableRawBufferPointer(start: handle.state.pointee.base + begin, count: count)
            try require(source.fill(memory, block: block), "block \(block) of the image is not what was written")
            // What shadows of inner nodes lead to stays zero.
            if block == 0 { memory.baseAddress?.initializeMemory(as: UInt8.self, repeating: 0, count: Self.zeroBytes) }
            blocks[block / 64] |= bit
            bytesFilled += count
        }
    }

    /// Before the first block.
    private static let zeroBytes = Arena.unitBytes * Arena.granuleUnits
}

extension AlexIndex {
    /// An index made of an image whose bytes are brought in as they are needed, or at once. O(1), or O(bytes).
    ///
    /// What it answers was checked before; where the image is found to be wrong later, the source's replacement takes
    /// its place. Until it is complete, all its users must be on one thread at a time, readers included.
    ///
    /// - Parameter bounds: What values the entries may have; any without it.
    /// - Throws: `InvariantViolation` when what is looked at now is no index that this program could have made, or
    ///   there is no memory. The source is asked for no replacement then.
    public init(
        image: IndexImage, configuration: Configuration = Configuration(), bounds: ImageValueBounds? = nil,
        atOnce: Bool = false, source: any ImageSource
    ) throws(InvariantViolation) {
        let configuration = configuration.bounded
        try image.check(configuration)
        let handle: IndexHandle
        do throws(IndexError) { handle = try IndexHandle.make(configuration) } catch {
            throw InvariantViolation(description: "\(error)")
        }
        do throws(InvariantViolation) { try handle.takeLate(image, bounds, source, atOnce: atOnce) } catch {
            handle.destroy()
            throw error
        }
        self.init(adopting: handle)
    }

    /// Whether parts of the index are still to be brought in. O(1).
    public var isLate: Bool { handle.state.pointee.isLate }
}

extension IndexHandle {
    fileprivate func takeLate(
        _ image: IndexImage, _ bounds: ImageValueBounds?, _ source: any ImageSource, atOnce: Bool
    ) throws(InvariantViolation) {
        let shadowBytes = LateImage.shadowBytes(image, state.pointee.configuration)
        state.pointee.arena.removeAll()
        do throws(IndexError) {
            try state.pointee.arena.raiseTop(bytes: image.arenaBytes, bytesBehind: shadowBytes)
        } catch {
            throw InvariantViolation(description: "no room for the image: \(error)")
        }
        state.pointee.base = state.pointee.arena.base
        let late = LateImage(self, image, bounds, source)
        try late.begin()
        state.pointee.late = late
        state.pointee.isLate = true
        // Any word but 0: the next change looks why.
        intrinsics_store_relaxed(state.pointee.shared.stuck, 1)
        if atOnce || image.height == 0 { try late.complete() }
    }

    /// The value of a key that was not found among what is there.
    @usableFromInline @inline(never)
    func lateValue(forKey key: Int64) -> UInt64? {
        if let late = state.pointee.late {
            do throws(InvariantViolation) { try late.serve(key) } catch { late.replace("\(error)") }
        }
        return find(key)
    }

    /// Brings in all that is missing. O(1) for an index that is whole, else O(bytes), and O(entries) to check them.
    public func complete() {
        guard let late = state.pointee.late else { return }
        do throws(InvariantViolation) { try late.complete() } catch { late.replace("\(error)") }
    }

    /// What is missing stays so, or is there.
    func dropLateImage() {
        if !state.pointee.isLate { return }
        state.pointee.isLate = false
        state.pointee.late = nil
        intrinsics_store_relaxed(state.pointee.shared.stuck, 0)
    }
}

extension AlexIndex {
    /// Brings in all that a late index still misses, so that it is like any other. O(1) when nothing is missing.
    @inlinable
    public func complete() { if handle.state.pointee.isLate { handle.complete() } }
}
