/// The flags of `alexbench store`.
extension Flags {
    static let storeFormat = Flag<StoreFormat>.choice(
        "format", StoreFormat.allCases.map { ($0.rawValue, $0) }, fallback: .text,
        defaultText: "text; of a dump csv", "how it is written; a dump in JSON has one pair a line")
    static let encoding = Flag<ValueEncoding>.choice(
        "encoding", ValueEncoding.allCases.map { ($0.rawValue, $0) }, fallback: .hex, defaultText: "hex",
        "how a dump writes values")
    static let from = key("from", "the first key of a dump")
    static let to = key("to", "the last key of a dump")
    static let limit = Flag<UInt64?>.quantity(
        "limit", in: 1...UInt64(Int64.max), fallback: nil, defaultText: "all", "pairs of a dump at most")

    /// Flags without a meaning for the other actions.
    static let dumpOnly: [any AnyFlag] = [encoding, from, to, limit]

    private static func key(_ name: String, _ summary: String) -> Flag<Int64?> {
        Flag<Int64?>(label: FlagLabel(name: name, valueName: "KEY", summary: summary), fallback: nil) {
            (text: String) throws(ValueProblem) -> Int64? in
            guard let key = Int64(text) else {
                throw ValueProblem("is no key", remedy: "write a whole number from \(Int64.min) to \(Int64.max)")
            }
            return key
        }
    }
}
