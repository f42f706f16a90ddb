import Foundation

/// How long values are, in bytes, or scans, in pairs.
public enum Lengths: Sendable, Hashable {
    /// All of one length.
    case fixed(UInt32)
    /// Each length of the range as likely as any other.
    case uniform(ClosedRange<UInt32>)
    /// The k-th shortest length of the range with weight 1 / k^theta: YCSB's zipfian field and scan lengths.
    case zipfian(ClosedRange<UInt32>, theta: Double)
    /// Each length as often as a file counts it.
    case histogram(LengthHistogram)

    /// The forms that `init(_:)` takes, for messages and help.
    public static let forms = "a number, uniform:MIN-MAX, zipfian:MIN-MAX or zipfian:MIN-MAX:THETA (0 < THETA <= 10)"

    /// Reads `100`, `uniform:16-1024`, `zipfian:16-1024` or `zipfian:16-1024:0.99`; `nil` for anything else.
    public init?(_ text: String) {
        if let number = UInt32(text), text.utf8.allSatisfy({ (48...57).contains($0) }) {
            self = .fixed(number)
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2, let range = Self.range(parts[1]) else { return nil }
        switch (parts[0], parts.count) {
        case ("uniform", 2): self = .uniform(range)
        case ("zipfian", 2): self = .zipfian(range, theta: Distribution.usualTheta)
        case ("zipfian", 3):
            guard let theta = Double(parts[2]), theta > 0, theta <= 10 else { return nil }
            self = .zipfian(range, theta: theta)
        default: return nil
        }
    }

    private static func range(_ text: Substring) -> ClosedRange<UInt32>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt32($0) }
        guard ends.count == 2, let low = ends[0], let high = ends[1], low <= high else { return nil }
        return low...high
    }

    /// The form that `init(_:)` reads, or `file:PATH`.
    public var text: String {
        switch self {
        case .fixed(let length): "\(length)"
        case .uniform(let range): "uniform:\(range.lowerBound)-\(range.upperBound)"
        case .zipfian(let range, let theta): "zipfian:\(range.lowerBound)-\(range.upperBound):\(theta)"
        case .histogram(let histogram): "file:\(histogram.path)"
        }
    }

    /// The longest.
    public var largest: UInt32 {
        switch self {
        case .fixed(let length): length
        case .uniform(let range), .zipfian(let range, _): range.upperBound
        case .histogram(let histogram): histogram.lengths.last ?? 0
        }
    }

    /// The shortest.
    public var smallest: UInt32 {
        switch self {
        case .fixed(let length): length
        case .uniform(let range), .zipfian(let range, _): range.lowerBound
        case .histogram(let histogram): histogram.lengths.first ?? 0
        }
    }

    /// The mean of many draws.
    public var mean: Double {
        switch self {
        case .fixed(let length): Double(length)
        case .uniform(let range): (Double(range.lowerBound) + Double(range.upperBound)) / 2
        case .zipfian(let range, let theta): Self.zipfianMean(range, theta)
        case .histogram(let histogram): histogram.mean
        }
    }

    /// Thousand terms summed, the rest as the integral between the midpoints.
    private static func zipfianMean(_ range: ClosedRange<UInt32>, _ theta: Double) -> Double {
        let count = Double(range.upperBound - range.lowerBound) + 1
        let summed = min(count, 1000)
        var weights = 0.0
        var places = 0.0
        for k in 1...Int(summed) {
            weights += pow(Double(k), -theta)
            places += pow(Double(k), 1 - theta)
        }
        func integral(_ exponent: Double) -> Double {
            let (low, high) = (summed + 0.5, count + 0.5)
            return abs(exponent + 1) < 1e-9
                ? log(high / low) : (pow(high, exponent + 1) - pow(low, exponent + 1)) / (exponent + 1)
        }
        if count > summed {
            weights += integral(-theta)
            places += integral(1 - theta)
        }
        return Double(range.lowerBound) - 1 + places / weights
    }
}

/// Lengths and how often each occurs.
public struct LengthHistogram: Sendable, Hashable {
    /// The file as the user named it.
    public let path: String
    /// Ascending, none twice.
    public let lengths: [UInt32]
    /// Occurrences of each length and all shorter ones.
    public let cumulative: [UInt64]

    /// Reads lines `length,count`; empty lines and those that begin with `#` say nothing. Lengths may come in any order
    /// and more than once.
    public init(path: String, text: String, limit: UInt64) throws(RunError) {
        var counts: [UInt32: UInt64] = [:]
        var total: UInt64 = 0
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map {
                UInt64($0.trimmingCharacters(in: .whitespaces))
            }
            guard fields.count == 2, let length = fields[0], let count = fields[1], length <= limit, count <= 1 << 40
            else {
                throw RunError(
                    .invalid,
                    "\(path): line \(index + 1) is \"\(line)\": write a length from 0 to \(limit), a comma and a count "
                        + "up to \(UInt64(1) << 40), such as 100,250")
            }
            counts[UInt32(length), default: 0] += count
            total += count
            guard total <= 1 << 60 else {
                throw RunError(.invalid, "\(path): its counts sum to more than 2^60: divide them all")
            }
        }
        counts = counts.filter { $0.value > 0 }
        guard !counts.isEmpty else {
            throw RunError(.invalid, "\(path): it holds no length: write one a line as length,count, such as 100,250")
        }
        self.path = path
        lengths = counts.keys.sorted()
        var sum: UInt64 = 0
        cumulative = lengths.map { length in
            sum += counts[length] ?? 0
            return sum
        }
    }

    /// Reads the file, whose lengths are at most `Workload.valueBytesLimit`.
    public init(contentsOf path: String) throws(RunError) {
        let data = try WorkloadFiles.contents(of: path, what: "file of lengths")
        try self.init(path: path, text: String(decoding: data, as: UTF8.self), limit: Workload.valueBytesLimit)
    }

    var mean: Double {
        var before: UInt64 = 0
        var sum = 0.0
        for (length, upTo) in zip(lengths, cumulative) {
            sum += Double(length) * Double(upTo - before)
            before = upTo
        }
        return sum / Double(max(before, 1))
    }

    /// The length at a point below the sum of all counts. O(log lengths).
    func length(at point: UInt64) -> UInt32 {
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] <= point { low = middle + 1 } else { high = middle }
        }
        return lengths[low]
    }
}
