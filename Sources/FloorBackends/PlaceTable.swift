// An open-addressing hash table from keys to places: a power of two of slots of 16 bytes, linear probing, half full at
// most. A removal moves later entries of the run back, so that there are no tombstones and a miss ends at the first
// empty slot. A place of 0 marks an empty slot: no record lies there, because a segment begins with its header.

/// See above. Whoever owns it frees it.
@usableFromInline
struct PlaceTable {
    @usableFromInline
    struct Slot {
        @usableFromInline var key: Int64
        @usableFromInline var place: UInt64

        @inlinable
        init(key: Int64, place: UInt64) {
            self.key = key
            self.place = place
        }
    }

    @usableFromInline var slots: UnsafeMutablePointer<Slot>
    @usableFromInline var capacity: Int
    @usableFromInline var count = 0
    /// 64 minus the logarithm of the capacity.
    @usableFromInline var shift: UInt64

    init(expected: Int) {
        var capacity = 16
        var shift: UInt64 = 60
        while capacity < expected * 2 && shift > 16 {
            capacity *= 2
            shift -= 1
        }
        self.capacity = capacity
        self.shift = shift
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(key: 0, place: 0), count: capacity)
    }

    func free() { slots.deallocate() }

    /// The slot where the search for a key begins: Fibonacci hashing (Knuth, volume 3, 6.4).
    @inlinable @inline(__always)
    func home(of key: Int64) -> Int {
        Int(truncatingIfNeeded: (UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15) &>> shift)
    }

    /// The slot that holds the key, or the empty one where it would go.
    @inlinable @inline(__always)
    func slot(of key: Int64) -> Int {
        var at = home(of: key)
        // Safe: `at` stays below the capacity by the mask, and half of the slots are empty, so the loop ends.
        while slots[at].place != 0 && slots[at].key != key { at = (at &+ 1) & (capacity &- 1) }
        return at
    }

    /// The place of a key; 0 for an absent one.
    @inlinable
    func place(of key: Int64) -> UInt64 { slots[slot(of: key)].place }

    @inlinable
    mutating func set(_ key: Int64, to place: UInt64) {
        let at = slot(of: key)
        if slots[at].place == 0 {
            count &+= 1
            if count &* 2 > capacity { return growAndSet(key, place) }
        }
        slots[at] = Slot(key: key, place: place)
    }

    @usableFromInline @inline(never)
    mutating func growAndSet(_ key: Int64, _ place: UInt64) {
        var larger = PlaceTable(expected: capacity)
        for index in 0..<capacity where slots[index].place != 0 {
            larger.slots[larger.slot(of: slots[index].key)] = slots[index]
        }
        larger.count = count
        larger.slots[larger.slot(of: key)] = Slot(key: key, place: place)
        free()
        self = larger
    }

    @usableFromInline
    mutating func remove(_ key: Int64) {
        var hole = slot(of: key)
        if slots[hole].place == 0 { return }
        count &-= 1
        let mask = capacity &- 1
        var at = hole
        while true {
            at = (at &+ 1) & mask
            if slots[at].place == 0 { break }
            // An entry may move back to the hole when its home is not behind the hole.
            let distance = (at &- home(of: slots[at].key)) & mask
            if distance >= (at &- hole) & mask {
                slots[hole] = slots[at]
                hole = at
            }
        }
        slots[hole].place = 0
    }
}
