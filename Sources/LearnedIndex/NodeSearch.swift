import CIntrinsics

// Search in one node's slots. Steps:
//  1. look at the predicted slot and the one behind it: where a line fits, that is all;
//  2. else look outward on the side where the key must be, 1, 2, 4 … slots further;
//  3. halve what is left. In an inner node, once 2 has gone as far as `Tuning.outwardSlots`: halve the whole node.
// An inner node is halved whole since that costs no more steps by then, and since its middles are the same for all
// keys: where many lookups miss in one wide gap of the keys, the line sends each to another slot, but all of them end
// at the same child, by the same branches over the same lines. A data node's far slots are seldom in the cache: there
// the search stays close to where it began.
// With branches on purpose. The processor guesses where a search goes on and asks for those lines, and for the next
// lookup's, before the first has come from memory; forms without branches, which wait for each line, were no faster on
// most key sets and much slower on some (the article "The learned index" has the figures).
// `Configuration.vectorSearch` takes larger steps for lookups: outward 8, 16, 32 … slots further; and it stops halving
// at eight slots, and has a vector comparison count those at or below the key. Single inserts into a small index take
// it, too: its lines are in the cache, and two branches that are guessed wrong cost more than eight slots looked at.
extension NodeSlot {
    /// The last of all slots, padding included, whose key is at or below `key`, or -1. `near` is within 0 ..< capacity.
    @inlinable @inline(__always)
    static func lastSlot(
        atOrBelow key: Int64, _ slots: UnsafeMutablePointer<Self>, _ capacity: Int, _ near: Int
    ) -> Int {
        if isLast(near, atOrBelow: key, slots, capacity) { return near }
        return searchOutward(atOrBelow: key, slots, capacity, near)
    }

    /// Step 1: whether `near` itself is that slot.
    @inlinable @inline(__always)
    static func isLast(
        _ near: Int, atOrBelow key: Int64, _ slots: UnsafeMutablePointer<Self>, _ capacity: Int
    ) -> Bool {
        // Safe: the slot behind is looked at where there is one.
        slots[near].key <= key && (near &+ 1 == capacity || slots[near &+ 1].key > key)
    }

    /// The same: steps 2 and 3.
    @inlinable
    static func searchOutward(
        atOrBelow key: Int64, _ slots: UnsafeMutablePointer<Self>, _ capacity: Int, _ near: Int
    ) -> Int {
        var low = 0
        var high = capacity
        var step = 1
        if slots[near].key <= key {
            low = near &+ 1
            while near &+ step < high {
                if step > outwardSlots { return halve(atOrBelow: key, slots, 0, capacity) }
                if slots[near &+ step].key > key {
                    high = near &+ step
                    break
                }
                low = near &+ step &+ 1
                step &<<= 1
            }
        } else {
            high = near
            while near &- step >= low {
                if step > outwardSlots { return halve(atOrBelow: key, slots, 0, capacity) }
                if slots[near &- step].key <= key {
                    low = near &- step &+ 1
                    break
                }
                high = near &- step
                step &<<= 1
            }
        }
        return halve(atOrBelow: key, slots, low, high)
    }

    /// Step 3: all slots before `low` are at or below the key, all from `high` on above it.
    @inlinable @inline(__always)
    static func halve(
        atOrBelow key: Int64, _ slots: UnsafeMutablePointer<Self>, _ low: Int, _ high: Int
    ) -> Int {
        var (low, high) = (low, high)
        while low < high {
            let middle = (low &+ high) &>> 1
            if slots[middle].key <= key { low = middle &+ 1 } else { high = middle }
        }
        return low &- 1
    }
}

extension Node where Slot == Pair {
    /// The same as `upperBound`, by vectors.
    @inline(__always)
    func upperBoundByVector(of key: Int64, near: Int) -> Int {
        let (slots, capacity) = (slots, capacity)
        let isNear = Pair.isLast(near, atOrBelow: key, slots, capacity)
        let at = isNear ? near : Pair.searchByVector(atOrBelow: key, slots, capacity, near)
        return min(max(at &+ 1, start), end)
    }
}

extension Pair {
    /// The same as `searchOutward`, outward in steps from `Tuning.vectorSlots` on, and that many slots ranked at once.
    ///
    /// What is left is at most as many; those before it that the vector holds as well are at or below the key, those
    /// behind it above, so that the count is the place.
    @usableFromInline @inline(never)
    static func searchByVector(
        atOrBelow key: Int64, _ slots: UnsafeMutablePointer<Pair>, _ capacity: Int, _ near: Int
    ) -> Int {
        let width = Tuning.vectorSlots
        if capacity < width { return searchOutward(atOrBelow: key, slots, capacity, near) }
        var low = 0
        var high = capacity
        var step = width
        if slots[near].key <= key {
            low = near &+ 1
            while low &+ step <= capacity {
                // Safe: at most the last slot.
                if slots[low &+ step &- 1].key > key {
                    high = low &+ step &- 1
                    break
                }
                low &+= step
                step &<<= 1
            }
        } else {
            high = near
            while high &- step >= 0 {
                // Safe: at least the first slot.
                if slots[high &- step].key <= key {
                    low = high &- step &+ 1
                    break
                }
                high &-= step
                step &<<= 1
            }
        }
        while high &- low > width {
            let middle = (low &+ high) &>> 1
            if slots[middle].key <= key { low = middle &+ 1 } else { high = middle }
        }
        let first = min(low, capacity &- width)
        // Safe: `first` and the slots behind it are within the capacity, which is at least the width.
        return first &+ intrinsics_rank_pairs(slots + first, width, key) &- 1
    }
}
