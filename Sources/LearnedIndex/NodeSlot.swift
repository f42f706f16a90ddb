import CIntrinsics

/// What a node's gapped array holds: something with a key.
@usableFromInline
protocol NodeSlot: BitwiseCopyable {
    var key: Int64 { get }
    /// What stands in slots outside the used range, so that a search that does not know the range still ends right.
    static func padding(key: Int64) -> Self
    /// How far a search looks outward from the predicted slot before it halves the whole node instead.
    static var outwardSlots: Int { get }
    /// Where `model` puts each of `count` entries, within 0 ..< capacity.
    static func predict(
        _ slots: UnsafePointer<Self>, _ count: Int, by model: LinearModel, capacity: Int,
        into places: UnsafeMutablePointer<UInt16>)
}

/// An entry of a data node.
@usableFromInline
struct Pair: NodeSlot {
    @usableFromInline var key: Int64
    @usableFromInline var value: UInt64

    @inlinable
    init(key: Int64, value: UInt64) {
        self.key = key
        self.value = value
    }

    @inlinable static var outwardSlots: Int { .max }

    @usableFromInline
    static func padding(key: Int64) -> Pair { Pair(key: key, value: 0) }

    @usableFromInline
    static func predict(
        _ slots: UnsafePointer<Pair>, _ count: Int, by model: LinearModel, capacity: Int,
        into places: UnsafeMutablePointer<UInt16>
    ) {
        intrinsics_predict_pairs(
            slots, count, model.center, model.slope, model.intercept, Int32(truncatingIfNeeded: capacity &- 1), places)
    }
}

/// An entry of an inner node, 32 bytes: all that a lookup needs to reach its slot in the child, so that the child's
/// header is not read.
@usableFromInline
struct Child: NodeSlot {
    /// The separator: the child holds no key below it.
    @usableFromInline var key: Int64
    @usableFromInline var model: LinearModel
    /// Place of the child's header in the arena, in units of 64 bytes.
    @usableFromInline var reference: UInt32
    @usableFromInline var slotCount: UInt32

    @inlinable @inline(__always)
    init(key: Int64, model: LinearModel, reference: UInt32, slotCount: UInt32) {
        self.key = key
        self.model = model
        self.reference = reference
        self.slotCount = slotCount
    }

    @inlinable @inline(__always)
    var capacity: Int { Int(slotCount) }

    @inlinable static var outwardSlots: Int { Tuning.outwardSlots }

    @usableFromInline
    static func padding(key: Int64) -> Child {
        Child(key: key, model: LinearModel(), reference: 0, slotCount: 0)
    }

    @usableFromInline
    static func predict(
        _ slots: UnsafePointer<Child>, _ count: Int, by model: LinearModel, capacity: Int,
        into places: UnsafeMutablePointer<UInt16>
    ) {
        for rank in 0..<count {
            places[rank] = UInt16(truncatingIfNeeded: model.placePosition(of: slots[rank].key, capacity: capacity))
        }
    }
}

/// The first 64 bytes of every block of the arena.
@usableFromInline
struct NodeHeader: BitwiseCopyable {
    enum Kind {
        static let free: UInt32 = 0
        static let data: UInt32 = 1
        static let inner: UInt32 = 2
    }

    // Of the block, kept by the arena. Units of 64 bytes.
    var units: UInt32 = 0
    var unitsBefore: UInt32 = 0
    /// Of a node: odd while the writer changes what readers beside it may see. Of a free block: its neighbours' places
    /// in the list, for which see below.
    var version: UInt64 = 0
    var kind = Kind.free

    // Of the node.
    @usableFromInline var capacity: UInt32 = 0
    /// Used slots are start ..< end; before them stands the lowest key, behind them the highest, as padding.
    @usableFromInline var start: UInt32 = 0
    @usableFromInline var end: UInt32 = 0
    var count: UInt32 = 0
    /// The node is rebuilt before it holds more than this.
    var countMax: UInt32 = 0
    /// Since the last build: entries inserted, of them close to the upper and to the lower end, and slots moved.
    var inserted: UInt32 = 0
    var appended: UInt32 = 0
    var prepended: UInt32 = 0
    var shifted: UInt32 = 0
    /// Where the last entry was taken out, and where the last one was put in.
    var removedAt: UInt16 = 0
    var finger: UInt16 = 0
    /// `spotted`, and in the highest bit `isHard`.
    private var spottedAndHard: UInt32 = 0

    /// Where `version` stands, and the word of `start` and `end`.
    @usableFromInline static var versionOffset: Int { 8 }
    @usableFromInline static var boundsOffset: Int { 24 }

    /// Of the entries inserted since the last build, those that went close to the one before.
    @inline(__always)
    var spotted: UInt32 {
        get { spottedAndHard & 0x7FFF_FFFF }
        set { spottedAndHard = spottedAndHard & 0x8000_0000 | newValue & 0x7FFF_FFFF }
    }

    /// Whether no line fitted the entries that the node was built with.
    @inline(__always)
    var isHard: Bool {
        get { spottedAndHard &>> 31 == 1 }
        set { spottedAndHard = spotted | (newValue ? 0x8000_0000 : 0) }
    }

    var freeNext: UInt32 {
        get { UInt32(truncatingIfNeeded: version) }
        set { version = version & ~0xFFFF_FFFF | UInt64(newValue) }
    }

    var freePrevious: UInt32 {
        get { UInt32(truncatingIfNeeded: version &>> 32) }
        set { version = version & 0xFFFF_FFFF | UInt64(newValue) &<< 32 }
    }
}
