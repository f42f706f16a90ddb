/// Who is best in each row of a section, and who can't be told from the best.
///
/// Steps: in each row take the engine with the best median, floors and engines of another observed class left out;
/// compare every other with it, pair by pair; adjust all p-values of the section together; an engine whose adjusted p
/// is not below the level ties.
struct Ranking {
    private var bestByRow: [SampleIndex.Row: Set<String>] = [:]

    init(_ index: SampleIndex, metric: String) {
        let direction = Metric.direction(of: metric)
        guard direction != .exact else { return }
        var compared: [(row: SampleIndex.Row, backend: String, ratio: RatioEstimate)] = []
        for row in index.rows {
            let entries = index.backends.filter(index.isRanked).compactMap { name in
                index.median(row, metric, name).map { (name: name, median: $0) }
            }
            guard entries.count > 1,
                let best = entries.min(by: { direction == .higher ? $0.median > $1.median : $0.median < $1.median }),
                index.values(row, metric, best.name).count > 1
            else { continue }
            bestByRow[row] = [best.name]
            for entry in entries where entry.name != best.name {
                // Without shared repeats or with a zero there is no ratio and nothing to rank.
                guard let ratio = index.ratio(row, metric, entry.name, to: best.name) else { continue }
                compared.append((row, entry.name, ratio))
            }
        }
        let adjusted = Statistics.adjusted(compared.map(\.ratio.probability))
        for (one, probability) in zip(compared, adjusted) where !one.ratio.isTold(adjusted: probability) {
            bestByRow[one.row]?.insert(one.backend)
        }
    }

    func isBest(_ backend: String, in row: SampleIndex.Row) -> Bool { bestByRow[row]?.contains(backend) ?? false }
}
