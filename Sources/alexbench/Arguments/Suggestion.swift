/// "Did you mean": the nearest of the words that would have been right.
enum Suggestion {
    /// The candidate with the smallest edit distance to `word`, if it is near enough to be a slip of the fingers.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let prefixed = candidates.filter { word.count >= 3 && $0.hasPrefix(word) }
        if prefixed.count == 1 { return prefixed[0] }
        let limit = max(1, min(3, word.count / 3))
        return
            candidates
            .map { (candidate: $0, distance: distance(word.lowercased(), $0.lowercased())) }
            .filter { $0.distance <= limit }
            .min { $0.distance < $1.distance }?
            .candidate
    }

    /// `did you mean X?`, or the whole list where nothing is near.
    static func remedy(for word: String, among candidates: [String], noun: String) -> String {
        if let nearest = nearest(to: word, among: candidates) { return "did you mean \(nearest)?" }
        return "\(noun): \(candidates.joined(separator: ", "))"
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other
    /// (optimal string alignment). O(n m).
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.utf8)
        let b = Array(right.utf8)
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var best = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
