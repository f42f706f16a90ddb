extension ResultCharts {
    /// What an index tells of its inside and what of that has a picture; the rest is in the tables.
    static let structureMetrics: [(name: String, words: String)] = [
        ("bytes_per_key", "bytes a key"), ("data_nodes", "data nodes"), ("inner_nodes", "inner nodes"),
        ("nodes", "nodes"), ("depth", "levels"), ("prediction_error_mean", "slots off the prediction, mean"),
        ("prediction_error_max", "slots off the prediction, at most"),
        ("segments_per_million_keys", "straight pieces for a million keys"),
    ]
    /// Of the families of rows so many are drawn: the index after the bulk load and after the first kind of insert.
    private static let structureFamilies = 2

    var structure: ChartFigure? {
        let metrics = Self.structureMetrics.filter { known in index.metrics.contains(known.name) }
        let charts = metrics.flatMap { metric in
            let families = Families(index.rows.filter { index.has($0, metric.name) })
            let ranking = Ranking(index, metric: metric.name)
            return families.single.map { row in
                bar(
                    row, metric.name, title: index.label(row), unit: metric.words, label: .number, ranking: ranking)
            }
                + families.families.prefix(Self.structureFamilies).map {
                    dots($0, metric.name, unit: metric.words, label: .number)
                }
        }
        return ChartFigure(
            name: "structure", title: "Structure of the index",
            caption: "What each index built from the keys: its size, its levels, and how far its models miss.",
            charts: charts.filter { !$0.isEmpty }, tables: tables(of: metrics.map(\.name), namesMetric: true))
    }
}
