/// Numbers as people write them: `1000`, `10K`, `1.5M`, `4Ki`. K, M, G, T are decimal, Ki, Mi, Gi, Ti binary.
enum Quantity {
    private static let units: [(suffix: String, factor: UInt64)] = [
        ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40),
        ("K", 1_000), ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000),
    ]

    /// The number that `text` stands for, or what is wrong with it.
    static func parse(_ text: String) throws(ValueProblem) -> UInt64 {
        let remedy = "write a whole number, with K, M, G or Ki, Mi, Gi if you like: 1000, 10K, 1M, 4Ki"
        var digits = Substring(text)
        var factor: UInt64 = 1
        if let unit = units.first(where: { text.hasSuffix($0.suffix) }) {
            digits = text.dropLast(unit.suffix.count)
            factor = unit.factor
        }
        if digits.hasPrefix("-") { throw ValueProblem("is negative", remedy: remedy) }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        let isNumber = !parts[0].isEmpty && (parts[0] + fraction).utf8.allSatisfy { (48...57).contains($0) }
        guard isNumber, parts.count == 1 || !fraction.isEmpty else {
            throw ValueProblem("is not a number", remedy: remedy)
        }
        guard let whole = UInt64(parts[0] + fraction) else {
            throw ValueProblem("is too large", remedy: "the largest is 18446744073709551615")
        }
        let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
        if overflow { throw ValueProblem("is too large", remedy: "the largest is 18446744073709551615") }
        var divisor: UInt64 = 1
        for _ in fraction {
            let (next, overflow) = divisor.multipliedReportingOverflow(by: 10)
            if overflow { throw ValueProblem("has too many decimals", remedy: remedy) }
            divisor = next
        }
        guard product.isMultiple(of: divisor) else { throw ValueProblem("is not a whole number", remedy: remedy) }
        return product / divisor
    }

    /// The shortest exact way to write a number: `1M`, `1500`, `10K`.
    static func text(_ value: UInt64) -> String {
        for (suffix, factor) in [("G", UInt64(1_000_000_000)), ("M", 1_000_000), ("K", 1_000)]
        where value > 0 && value.isMultiple(of: factor) {
            return "\(value / factor)\(suffix)"
        }
        return "\(value)"
    }
}
