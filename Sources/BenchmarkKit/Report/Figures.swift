import Foundation

/// Numbers as tables show them: three digits that matter.
enum Figures {
    /// `1.42M`, `532K`, `97.3`.
    static func short(_ value: Double) -> String {
        let steps: [(limit: Double, suffix: String)] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "K")]
        for step in steps where abs(value) >= step.limit * 0.9995 { return digits(value / step.limit) + step.suffix }
        return digits(value)
    }

    /// Nanoseconds up to 99 999 in full, above with a unit: `0.84`, `97.3`, `1864`, `1.24 ms`.
    static func nanoseconds(_ value: Double) -> String {
        if value < 99_999.5 { return value < 99.95 ? digits(value) : fixed(value, 0) }
        let steps: [(limit: Double, unit: String)] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")]
        for step in steps where value >= step.limit * 0.9995 { return digits(value / step.limit) + " " + step.unit }
        return digits(value)
    }

    /// The same, always with a unit: `97.3 ns`, `1.24 ms`.
    static func time(_ nanoseconds: Double) -> String {
        let text = self.nanoseconds(nanoseconds)
        return text.last?.isLetter == true ? text : text + " ns"
    }

    /// `128 MB`, decimal.
    static func bytes(_ value: Double) -> String {
        let text = short(value)
        guard let last = text.last, last.isLetter else { return text + " B" }
        return text.dropLast() + " " + String(last) + "B"
    }

    /// A power of two as `32 MiB`; anything else decimal.
    static func memory(_ value: UInt64) -> String {
        for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] where value >= 1 << UInt64(shift) {
            return digits(Double(value) / Double(1 << UInt64(shift))) + " " + unit
        }
        return "\(value) B"
    }

    /// A count of records as `--scale` takes it: `1M`, `250K`, `1500`.
    static func scale(_ value: UInt64) -> String {
        for (unit, suffix) in [(UInt64(1_000_000_000), "G"), (1_000_000, "M"), (1_000, "K")]
        where value >= unit && value % unit == 0 { return "\(value / unit)\(suffix)" }
        return "\(value)"
    }

    /// The share as percent: `±3 %`, `±0.4 %`.
    static func percent(_ share: Double) -> String {
        let percent = share * 100
        if percent > 0, percent < 0.05 { return "<0.1 %" }
        return fixed(percent, percent < 0.95 ? 1 : 0) + " %"
    }

    /// A ratio: `1.83`, `12.4`, `112`.
    static func ratio(_ value: Double) -> String { fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0) }

    /// The figure in the unit of its metric.
    static func figure(_ value: Double, metric: String) -> String {
        if Metric.isTime(metric) { return nanoseconds(value) }
        if metric.hasSuffix("_bytes") { return bytes(value) }
        if Metric.direction(of: metric) == .exact { return CSVReport.number(value) }
        return short(value)
    }

    private static func digits(_ value: Double) -> String {
        let size = abs(value)
        return fixed(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0)
    }

    static func fixed(_ value: Double, _ places: Int) -> String {
        String(format: "%.\(places)f", value)
    }
}
