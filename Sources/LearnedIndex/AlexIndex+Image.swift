import CIntrinsics

// An index as bytes: the arena up to its top, and the few words that stand outside of it. As nodes refer to each other
// by their distance from the arena's begin, the bytes mean the same wherever they lie.
//
// Taking an image back:
//  1. the bytes are brought into a fresh arena by the caller, who knows whether they are what was written;
//  2. the tree is walked from the root: every node, every slot (ImageCheck.swift);
//  3. the blocks are walked from the first to the top: every node must begin one;
//  4. blocks that no node claimed become free, and the free lists are made anew.
// All at once here, or node by node as lookups come by (LateImage.swift).
//
// Invariants:
//  1. no content of an image ends the process, now or at a later lookup or change: what steps 2 and 3 let pass has
//     every number in its bounds;
//  2. nothing that can be found out by walking is taken from the image: lengths of neighbours, free lists.
// Threads: the writer alone.

/// What an image of an index consists of beside the bytes of its arena.
public struct IndexImage: Sendable, Hashable {
    /// The form of the nodes. An image of another one is refused.
    static let layoutVersion: UInt32 = 1
    /// Bytes of the encoded form.
    public static let encodedBytes = 80

    var layoutVersion = IndexImage.layoutVersion
    var height = 0
    /// Entries.
    public internal(set) var count = 0
    /// Bytes of the arena.
    public internal(set) var arenaBytes = 0
    var center: Int64 = 0
    var slope: UInt32 = 0
    var intercept: UInt32 = 0
    var reference: UInt32 = 0
    var slotCount: UInt32 = 0
    var tailKey = Int64.max
    var headKey = Int64.min
    var tailReference: UInt32 = 0
    var headReference: UInt32 = 0

    /// Whether its nodes are those of this version of the index. Others are of no use here, and no damage.
    public var isOfThisForm: Bool { layoutVersion == Self.layoutVersion }

    /// The way to the root.
    var root: Child {
        Child(
            key: .min,
            model: LinearModel(
                center: center, slope: Float(bitPattern: slope), intercept: Float(bitPattern: intercept)),
            reference: reference, slotCount: slotCount)
    }

    /// Writes the encoded form, little-endian, to the first 80 of `bytes`, which must be as many. O(1).
    public func encode(into bytes: UnsafeMutableRawBufferPointer) {
        bytes.storeBytes(of: layoutVersion.littleEndian, toByteOffset: 0, as: UInt32.self)
        bytes.storeBytes(of: UInt32(height).littleEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: UInt64(count).littleEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: UInt64(arenaBytes).littleEndian, toByteOffset: 16, as: UInt64.self)
        bytes.storeBytes(of: center.littleEndian, toByteOffset: 24, as: Int64.self)
        bytes.storeBytes(of: slope.littleEndian, toByteOffset: 32, as: UInt32.self)
        bytes.storeBytes(of: intercept.littleEndian, toByteOffset: 36, as: UInt32.self)
        bytes.storeBytes(of: reference.littleEndian, toByteOffset: 40, as: UInt32.self)
        bytes.storeBytes(of: slotCount.littleEndian, toByteOffset: 44, as: UInt32.self)
        bytes.storeBytes(of: tailKey.littleEndian, toByteOffset: 48, as: Int64.self)
        bytes.storeBytes(of: headKey.littleEndian, toByteOffset: 56, as: Int64.self)
        bytes.storeBytes(of: tailReference.littleEndian, toByteOffset: 64, as: UInt32.self)
        bytes.storeBytes(of: headReference.littleEndian, toByteOffset: 68, as: UInt32.self)
        bytes.storeBytes(of: 0, toByteOffset: 72, as: UInt64.self)
    }

    /// Reads the encoded form from the first 80 of `bytes`, which must be as many. Any will do: whether they make sense
    /// is found out when the image is taken. O(1).
    public init(decoding bytes: UnsafeRawBufferPointer) {
        func word(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        func long(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        layoutVersion = word(0)
        height = Int(word(4))
        count = Int(clamping: long(8))
        arenaBytes = Int(clamping: long(16))
        center = Int64(bitPattern: long(24))
        (slope, intercept, reference, slotCount) = (word(32), word(36), word(40), word(44))
        (tailKey, headKey) = (Int64(bitPattern: long(48)), Int64(bitPattern: long(56)))
        (tailReference, headReference) = (word(64), word(68))
    }

    init(_ state: borrowing IndexState) {
        height = state.height
        count = state.count
        arenaBytes = state.arena.touchedBytes
        center = state.root.model.center
        (slope, intercept) = (state.root.model.slope.bitPattern, state.root.model.intercept.bitPattern)
        (reference, slotCount) = (state.root.reference, state.root.slotCount)
        // An edge that has reached the outermost key is as good as closed.
        if state.edges.tailKey != .max { (tailKey, tailReference) = (state.edges.tailKey, state.edges.tailReference) }
        if state.edges.headKey != .min { (headKey, headReference) = (state.edges.headKey, state.edges.headReference) }
    }

    /// Throws unless the words could be those of an image at all.
    func check(_ configuration: AlexIndex.Configuration) throws(InvariantViolation) {
        try require(
            layoutVersion == IndexImage.layoutVersion,
            "the image's nodes have form \(layoutVersion), not \(Self.layoutVersion)")
        try require(height < IndexState.heightMax, "the image says it is \(height) nodes high")
        let unit = Arena.unitBytes * Arena.granuleUnits
        try require(
            arenaBytes % unit == 0 && arenaBytes >= 2 * unit && arenaBytes <= configuration.bytesMax,
            "the image says it has \(arenaBytes) bytes")
        try require(count >= 0 && count <= arenaBytes / 16, "the image says it has \(count) entries")
    }
}

/// Which values the entries of an image may have: `value` is legal if it is a multiple of 8 and lies below
/// `ends[value >> shift]`.
public struct ImageValueBounds: Sendable {
    let shift: UInt64
    let ends: [UInt64]

    /// - Parameter shift: How many bits to the right the number of a value's end stands, 0 to 63.
    public init(shift: Int, ends: [UInt64]) {
        precondition(shift >= 0 && shift < 64, "a shift of \(shift)")
        self.shift = UInt64(shift)
        self.ends = ends
    }

    @inline(__always)
    static func isLegal(_ value: UInt64, _ shift: UInt64, _ ends: UnsafeBufferPointer<UInt64>) -> Bool {
        let number = value &>> shift
        return number < UInt64(ends.count) && value < ends[Int(truncatingIfNeeded: number)] && value & 7 == 0
    }

    /// Whether a single value is legal.
    public func allows(_ value: UInt64) -> Bool {
        ends.withUnsafeBufferPointer { ImageValueBounds.isLegal(value, shift, $0) }
    }
}

extension AlexIndex {
    /// Calls `body` with an image of the index: its words, and its bytes where they lie. They must not be kept beyond
    /// the call, nor the index be changed in it. O(1); an index that is late is completed first.
    public func withImage<Result>(_ body: (IndexImage, UnsafeRawBufferPointer) -> Result) -> Result {
        handle.complete()
        let image = IndexImage(handle.state.pointee)
        // Safe: the arena is readable up to its top, and one writer at a time is the rule of this type.
        return body(image, UnsafeRawBufferPointer(start: handle.state.pointee.base, count: image.arenaBytes))
    }

    /// An index made of an image. O(bytes), and O(entries) to check it.
    ///
    /// - Parameters:
    ///   - bounds: What values the entries may have; any without it.
    ///   - fill: Brings the image's bytes into the memory that it is given, all of it; false if they can't be had or
    ///     are not those that were written.
    /// - Throws: `InvariantViolation` when the image is no index that this program could have made, or has no memory.
    public init(
        image: IndexImage, configuration: Configuration = Configuration(), bounds: ImageValueBounds? = nil,
        fill: (UnsafeMutableRawBufferPointer) -> Bool
    ) throws(InvariantViolation) {
        let configuration = configuration.bounded
        try image.check(configuration)
        let handle: IndexHandle
        do throws(IndexError) { handle = try IndexHandle.make(configuration) } catch {
            throw InvariantViolation(description: "\(error)")
        }
        do throws(InvariantViolation) { try handle.take(image, bounds, fill) } catch {
            handle.destroy()
            throw error
        }
        self.init(adopting: handle)
    }
}

extension IndexHandle {
    /// Steps 1 to 4, into the arena of an index that holds nothing yet and has no readers.
    fileprivate func take(
        _ image: IndexImage, _ bounds: ImageValueBounds?, _ fill: (UnsafeMutableRawBufferPointer) -> Bool
    ) throws(InvariantViolation) {
        state.pointee.arena.removeAll()
        do throws(IndexError) { try state.pointee.arena.raiseTop(bytes: image.arenaBytes) } catch {
            throw InvariantViolation(description: "\(error)")
        }
        state.pointee.base = state.pointee.arena.base
        state.pointee.arena.expectFilling()
        let memory = UnsafeMutableRawBufferPointer(start: state.pointee.base, count: image.arenaBytes)
        try require(fill(memory), "the image's bytes are not those that were written")
        enter(image)
        var check = ImageCheck(handle: self, bounds: bounds)
        try check.tree(image.root, height: image.height, below: nil)
        try check.whole(image)
        adopt(image, check)
    }

    /// The words of an image.
    func enter(_ image: IndexImage) {
        state.pointee.root = image.root
        state.pointee.height = image.height
        state.pointee.count = image.count
    }

    /// Step 4, and the open edges, which the check has looked at.
    func adopt(_ image: IndexImage, _ check: ImageCheck) {
        state.pointee.edges.tailKey = image.tailKey
        state.pointee.edges.headKey = image.headKey
        state.pointee.edges.tailReference = image.tailReference
        state.pointee.edges.headReference = image.headReference
        state.pointee.arena.adoptBlocks { check.isClaimed($0) }
    }
}
