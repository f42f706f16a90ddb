import Foundation

/// One axis of a chart: where a value lies on it, and which values it names.
struct ChartAxis: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case linear
        case logarithmic
        /// Shares of operations by their nines: 0.9, 0.99 and 0.999 are equally far apart.
        case nines
    }

    struct Tick: Sendable, Hashable {
        var value: Double
        var label: String
    }

    let kind: Kind
    let lower: Double
    let upper: Double
    let ticks: [Tick]

    /// Where the value lies: 0 is the lower end, 1 the upper. Values beyond an end lie on it.
    func share(_ value: Double) -> Double {
        let (from, to, at) = (Self.place(lower, kind), Self.place(upper, kind), Self.place(value, kind))
        guard to > from, at.isFinite else { return at > to ? 1 : 0 }
        return min(1, max(0, (at - from) / (to - from)))
    }

    private static func place(_ value: Double, _ kind: Kind) -> Double {
        switch kind {
        case .linear: value
        case .logarithmic: log10(value)
        case .nines: -log10(1 - value)
        }
    }

    /// From zero to `upper`, with at most `count` round steps.
    static func linear(upTo upper: Double, count: Int = 4, label: (Double) -> String = Figures.tick) -> ChartAxis {
        let end = upper > 0 && upper.isFinite ? upper : 1
        let rough = end / Double(count)
        let decade = pow(10, log10(rough).rounded(.down))
        let step = decade * ([1, 2, 5].first { $0 * decade >= rough * 0.999 } ?? 10)
        let ticks = (0...Int((end / step * 1.000001).rounded(.down))).map { number in
            Tick(value: Double(number) * step, label: label(Double(number) * step))
        }
        return ChartAxis(kind: .linear, lower: 0, upper: end, ticks: ticks)
    }

    /// Over all the values, which are positive, out to the round numbers around them: powers of ten, and 2 and 5
    /// where fewer than three powers are in sight.
    static func logarithmic(
        over values: [Double], most: Int = 6, label: (Double) -> String = Figures.tick
    ) -> ChartAxis {
        let known = values.filter { $0 > 0 && $0.isFinite }
        let (least, greatest) = (known.min() ?? 1, known.max() ?? 10)
        let decades = Int(log10(least).rounded(.down)) - 1...Int(log10(greatest).rounded(.up)) + 1
        let rounds = decades.flatMap { decade in [1, 2, 5].map { $0 * pow(10, Double(decade)) } }
        let lower = rounds.last { $0 <= least * 1.000001 } ?? least
        let upper = rounds.first { $0 >= greatest * 0.999999 && $0 > lower * 1.5 } ?? greatest
        var marks = decades.map { pow(10, Double($0)) }.filter { $0 >= lower * 0.999 && $0 <= upper * 1.001 }
        var every = max(1, (marks.count + most - 1) / most)
        if marks.count < 3 {
            marks = rounds.filter { $0 >= lower * 0.999 && $0 <= upper * 1.001 }
            every = 1
        }
        let ticks = marks.enumerated().filter { $0.offset % every == 0 }.map {
            Tick(value: $0.element, label: label($0.element))
        }
        return ChartAxis(kind: .logarithmic, lower: lower, upper: upper, ticks: ticks)
    }

    /// A logarithmic axis that names exactly these values.
    static func logarithmic(at values: [(value: Double, label: String)]) -> ChartAxis {
        let sorted = values.sorted { $0.value < $1.value }
        return ChartAxis(
            kind: .logarithmic, lower: sorted.first?.value ?? 1, upper: sorted.last?.value ?? 10,
            ticks: sorted.map { Tick(value: $0.value, label: $0.label) })
    }

    /// Shares below 1 by their nines, from the median to the last.
    static func nines(_ ticks: [Tick]) -> ChartAxis {
        ChartAxis(kind: .nines, lower: 0.5, upper: max(ticks.last?.value ?? 0, 0.9), ticks: ticks)
    }
}

extension Figures {
    /// A tick: `2M`, `500`, `0.1`: as few digits as the number needs.
    static func tick(_ value: Double) -> String {
        for (limit, suffix) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "K")] where abs(value) >= limit * 0.9995 {
            return plain(value / limit) + suffix
        }
        return plain(value)
    }

    /// A tick of time: `500 ns`, `1 µs`, `20 ms`.
    static func timeTick(_ nanoseconds: Double) -> String {
        for (limit, unit) in [(1e9, "s"), (1e6, "ms"), (1e3, "µs")] where nanoseconds >= limit * 0.9995 {
            return plain(nanoseconds / limit) + " " + unit
        }
        return plain(nanoseconds) + " ns"
    }

    /// A figure that stands alone: times with their unit, the rest as tables have it.
    static func withUnit(_ value: Double, metric: String) -> String {
        guard Metric.isTime(metric) else { return figure(value, metric: metric) }
        for (limit, unit) in [(1e9, "s"), (1e6, "ms"), (1e3, "µs")] where value >= limit * 0.9995 {
            return short(value / limit) + " " + unit
        }
        return short(value) + " ns"
    }

    /// At most three significant digits and no needless zero.
    static func plain(_ value: Double) -> String {
        if value == 0 || !value.isFinite { return value == 0 ? "0" : "\(value)" }
        return String(format: "%.3g", value)
    }
}
