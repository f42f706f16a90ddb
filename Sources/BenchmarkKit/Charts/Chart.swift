/// One small chart, described: what to draw, without a word of how. `ChartDrawing` makes SVG of it.
struct Chart: Sendable, Hashable {
    /// What is shown, on one line: the row's name.
    var title: String
    /// The unit and the kind of axis: `operations a second`.
    var unit: String
    /// The picture in words, for those who don't see it.
    var summary: String
    var content: Content
    /// Lines below: what is missing and why.
    var notes: [String] = []

    enum Content: Sendable, Hashable {
        case bars([Bar], label: Label)
        case curves(Curves)
        case dots(Dots)
    }

    /// How an axis writes its numbers.
    enum Label: Sendable, Hashable {
        case number
        case time
        case bytes

        func text(_ value: Double) -> String {
            switch self {
            case .number: Figures.tick(value)
            case .time: value == 0 ? "0" : Figures.timeTick(value)
            case .bytes: value == 0 ? "0" : Figures.bytes(value).replacing(".00", with: "").replacing(".0 ", with: " ")
            }
        }
    }

    /// A bar from zero with the interval of its value.
    struct Bar: Sendable, Hashable {
        var name: String
        var colour: Int
        var isFloor = false
        /// `nil` is n/a, and no bar.
        var value: Double?
        var lower: Double = 0
        var upper: Double = 0
        /// What stands at the end of the line: `3.16M ±25 %`, `n/a`.
        var text: String
        var isBest = false
    }

    struct Curves: Sendable, Hashable {
        var across: ChartAxis
        var up: ChartAxis
        var curves: [Curve]
        var marks: [Mark] = []
    }

    struct Curve: Sendable, Hashable {
        var name: String
        var colour: Int
        /// Floors, and engines as they come out of the box, are dashed.
        var isDashed = false
        var points: [Point]
    }

    struct Point: Sendable, Hashable {
        var x: Double
        var y: Double
        /// The interval of `y`, drawn as a whisker.
        var lower: Double?
        var upper: Double?
        /// What a reader sees who points at it.
        var text: String?
    }

    /// A line across the plot at a value of the lower axis: where the data outgrows the cache.
    struct Mark: Sendable, Hashable {
        var x: Double
        var name: String
    }

    /// Many rows in one chart: a line for each, on it a dot for each engine.
    struct Dots: Sendable, Hashable {
        var axis: ChartAxis
        /// Who has which colour, for the legend.
        var engines: [Engine]
        var lines: [Line]

        struct Engine: Sendable, Hashable {
            var name: String
            var colour: Int
            var isFloor: Bool
        }

        struct Line: Sendable, Hashable {
            var name: String
            /// In the order of the engines; `nil` where one has no figure.
            var points: [Point?]
        }
    }

    /// Whether there is anything to draw.
    var isEmpty: Bool {
        switch content {
        case .bars(let bars, _): !bars.contains { ($0.value ?? 0) > 0 }
        case .curves(let curves): !curves.curves.contains { !$0.points.isEmpty }
        case .dots(let dots): !dots.lines.contains { $0.points.contains { $0 != nil } }
        }
    }
}

/// Charts of one kind beside each other, with the figures they show.
struct ChartFigure: Sendable, Hashable {
    /// For file names: `throughput`.
    var name: String
    var title: String
    /// How to read it.
    var caption: String
    var charts: [Chart]
    var tables: [ReportDocument.Table]
}
