/// The colours of charts: an engine has the same in every chart of every result.
///
/// Families keep one hue, and the tuned member is the darker one on light paper. The hues are blue, orange, green and
/// pink as in Okabe and Ito, "Color Universal Design" (2008), which dichromats tell apart; floors are grey. Each colour
/// has a contrast of at least 3 : 1 to its paper (WCAG 2.1, 1.4.11). No chart relies on colour alone.
struct ChartPalette: Sendable {
    static let known = [
        "alex", "rocksdb", "rocksdb-tuned", "sqlite", "sqlite-tuned", "lmdb", "lmdb-tuned", "limit", "hash-log",
    ]
    /// Behind those of `known` the colours of whoever else comes.
    static let light = [
        "#0060a8", "#c27400", "#a84300", "#27936f", "#005f43", "#c45f9b", "#8a2f6a", "#6f6f6f", "#757575",
        "#6a4fc0", "#4f7300", "#8a4a3c", "#007d8c", "#b0243a",
    ]
    static let dark = [
        "#62b6f5", "#f3b95f", "#ef8346", "#68d6b0", "#35b48a", "#eea9d2", "#d579b6", "#a6a6a6", "#9c9c9c",
        "#b4a0f0", "#a9cc4e", "#d0a093", "#4fcbdc", "#f08a98",
    ]

    private let others: [String: Int]

    /// - Parameter names: All that will be drawn. The unknown get colours by a hash of their name, the next free one
    ///   where two would share one.
    init(_ names: [String]) {
        var others: [String: Int] = [:]
        let count = Self.light.count - Self.known.count
        for name in Set(names).subtracting(Self.known + ["alex-index"]).sorted() {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            var slot = Int(hash % UInt64(count))
            for _ in 0..<count where others.values.contains(Self.known.count + slot) { slot = (slot + 1) % count }
            others[name] = Self.known.count + slot
        }
        self.others = others
    }

    /// The place of the engine's colour in `light` and `dark`.
    func colour(of name: String) -> Int {
        // The index alone is the engine's own.
        if name == "alex-index" { return 0 }
        return Self.known.firstIndex(of: name) ?? others[name] ?? Self.known.count
    }
}
