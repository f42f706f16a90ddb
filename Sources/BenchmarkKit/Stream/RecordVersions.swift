/// What became of each record, kept only while a phase updates or removes: four bytes a record.
struct RecordVersions {
    private static let removed = UInt32.max
    private var versions: [UInt32]
    /// Records that are not removed.
    private(set) var live: UInt64

    /// - Parameter count: Records so far, all live at the version that `initial` says.
    init(count: UInt64, capacity: UInt64, initial: (UInt64) -> UInt32) {
        versions = []
        versions.reserveCapacity(Int(max(count, capacity)))
        for record in 0..<count { versions.append(initial(record)) }
        live = count
    }

    func isRemoved(_ record: UInt64) -> Bool { versions[Int(record)] == Self.removed }

    subscript(record: UInt64) -> UInt32 { versions[Int(record)] }

    mutating func append(version: UInt32) {
        versions.append(version)
        live += 1
    }

    /// The next version of a live record, which is then its own.
    mutating func advance(_ record: UInt64) -> UInt32 {
        versions[Int(record)] += 1
        return versions[Int(record)]
    }

    mutating func remove(_ record: UInt64) {
        versions[Int(record)] = Self.removed
        live -= 1
    }

    /// The first live record at or after this one, from the first again after the last. At least one must be live.
    func live(from record: UInt64) -> UInt64 {
        var candidate = Int(record)
        while versions[candidate] == Self.removed { candidate = candidate + 1 == versions.count ? 0 : candidate + 1 }
        return UInt64(candidate)
    }
}
