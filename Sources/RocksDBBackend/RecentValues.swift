/// The values read last, at most so many: the phase documents' LRU in front of RocksDB.
///
/// A table from keys to places, and the places in a ring: from `head` the older link leads to the newest, the newer one
/// to the oldest.
/// O(1) each call, on average. Used from one thread.
struct RecentValues {
    private struct Place {
        var key: Int64
        var value: [UInt8]
        var newer: Int
        var older: Int
    }

    let capacity: Int
    private var places: [Place]
    private var table: [Int64: Int] = [:]

    /// The place that stands for both ends.
    private static let head = 0

    init(capacity: Int) {
        self.capacity = capacity
        places = [Place(key: 0, value: [], newer: Self.head, older: Self.head)]
        places.reserveCapacity(capacity + 1)
        table.reserveCapacity(capacity)
    }

    var count: Int { table.count }

    /// The value of a key, which becomes the newest.
    mutating func value(forKey key: Int64) -> [UInt8]? {
        guard let place = table[key] else { return nil }
        unlink(place)
        linkNewest(place)
        return places[place].value
    }

    /// Keeps a value as the newest; the oldest goes when there is no room.
    mutating func keep(_ value: [UInt8], forKey key: Int64) {
        let place: Int
        if let held = table[key] {
            place = held
            unlink(place)
        } else if table.count < capacity {
            place = places.count
            places.append(Place(key: key, value: [], newer: Self.head, older: Self.head))
        } else {
            place = places[Self.head].newer
            unlink(place)
            table[places[place].key] = nil
        }
        places[place].key = key
        places[place].value = value
        table[key] = place
        linkNewest(place)
    }

    /// Replaces the value of a key that is kept; another one is left out.
    mutating func replace(_ value: UnsafeRawBufferPointer, forKey key: Int64) {
        guard let place = table[key] else { return }
        places[place].value = Array(value)
    }

    /// Forgets everything, as after a batch or a removal.
    mutating func removeAll() { self = RecentValues(capacity: capacity) }

    private mutating func unlink(_ place: Int) {
        let (newer, older) = (places[place].newer, places[place].older)
        places[newer].older = older
        places[older].newer = newer
    }

    private mutating func linkNewest(_ place: Int) {
        let newest = places[Self.head].older
        places[place].older = newest
        places[place].newer = Self.head
        places[newest].newer = place
        places[Self.head].older = place
    }
}
