extension ResultCharts {
    /// What an index looks like inside, where a result tells: one chart for each measure and row.
    static let structureMetrics: [(name: String, words: String)] = [
        ("bytes_per_key", "bytes a key"), ("nodes", "nodes"), ("inner_nodes", "inner nodes"),
        ("leaf_nodes", "leaves"), ("depth", "levels"), ("max_depth", "levels at most"), ("mean_depth", "levels, mean"),
        ("mean_prediction_error", "slots off the prediction, mean"),
        ("max_prediction_error", "slots off the prediction, at most"), ("fill", "share of slots in use"),
        ("index_bytes", "bytes of the index"), ("model_bytes", "bytes of models"),
    ]

    var structure: ChartFigure? {
        let metrics = Self.structureMetrics.filter { known in index.metrics.contains(known.name) }
        let charts = metrics.flatMap { metric in
            index.rows.filter { index.has($0, metric.name) }.map { row in
                bar(
                    row, metric.name, title: index.label(row), unit: metric.words,
                    label: metric.name.hasSuffix("_bytes") ? .bytes : .number,
                    ranking: Ranking(index, metric: metric.name))
            }
        }
        return ChartFigure(
            name: "structure", title: "Structure of the index",
            caption: "What each index built from the keys: its size, its levels, and how far its models miss.",
            charts: charts.filter { !$0.isEmpty }, tables: tables(of: metrics.map(\.name), namesMetric: true))
    }
}
