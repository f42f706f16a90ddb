/// One of several equal shares of the records: those whose number is `index` modulo `shards`.
struct StreamShard: Sendable, Hashable {
    let index: UInt64
    let shards: UInt64

    /// All records.
    static let whole = StreamShard(0, of: 1)

    /// - Parameter index: Below `shards`, which is at least 1.
    init(_ index: UInt64, of shards: UInt64) {
        precondition(index < shards, "shard \(index) of \(shards) is none")
        self.index = index
        self.shards = shards
    }

    /// How many of the records 0 ..< records are in the shard.
    func count(of records: UInt64) -> UInt64 {
        records > index ? (records - index - 1) / shards + 1 : 0
    }

    /// The workload's number of the shard's own record `place`.
    func number(_ place: UInt64) -> UInt64 { place &* shards &+ index }

    /// The shard's own place of a record, which must be in it.
    func place(_ number: UInt64) -> UInt64 { shards == 1 ? number : number / shards }

    func holds(_ number: UInt64) -> Bool { shards == 1 || number % shards == index }
}
