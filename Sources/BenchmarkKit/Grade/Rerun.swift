/// A result beside the same run made again: does each claim still hold?
///
/// A claim is a verdict that was told: one engine faster than another in one row. It holds when the new run tells the
/// same two apart in the same direction, all claims corrected together. Rows where nothing was told make no claim.
public struct Rerun: Sendable {
    /// One claim of the first result.
    public struct Claim: Sendable, Hashable {
        /// The sentence of the first result.
        public let text: String
        public let holds: Bool
        /// What the new run says of it.
        public let finding: String
    }

    /// Why the two runs say nothing about each other: another machine, other engines, another stream. Empty where
    /// they do.
    public let differences: [String]
    public let claims: [Claim]

    public init(first: RunResult, second: RunResult) {
        differences = Self.differences(first, second)
        claims = differences.isEmpty ? Self.claims(first, second) : []
    }

    /// 0: every claim holds. 2: one does not. 6: not comparable.
    public var exitCode: Int32 { !differences.isEmpty ? 6 : claims.allSatisfy(\.holds) ? 0 : 2 }

    /// For the user: a line for each claim, then the sum.
    public var lines: [String] {
        guard differences.isEmpty else {
            return ["Not comparable:"] + differences.map { "  \($0)" }
        }
        let held = claims.filter(\.holds).count
        return claims.map { "\($0.holds ? "holds " : "FAILS ")  \($0.text)\n          now: \($0.finding)" }
            + [claims.isEmpty ? "The first result makes no claim." : "\(held) of \(claims.count) claims hold."]
    }

    private static func claims(_ first: RunResult, _ second: RunResult) -> [Claim] {
        let index = SampleIndex(second)
        let told = Verdict.all(of: first, SampleIndex(first)).filter { $0.kind != .undecided }
        let found = told.map { verdict in
            index.ratio(verdict.row, verdict.metric, verdict.subject, to: verdict.rival).map {
                verdict.metric == Metric.operationsPerSecond ? $0 : $0.inverse
            }
        }
        let measured = found.compactMap { $0 }
        let adjusted = Statistics.adjusted(measured.map(\.probability))
        var probabilities = adjusted.makeIterator()
        return zip(told, found).map { verdict, speed in
            guard let speed, let probability = probabilities.next() else {
                return Claim(text: verdict.sentence, holds: false, finding: "not measured")
            }
            let isUnranked = index.unranked.contains(verdict.rival) || index.unranked.contains(Roster.subject)
            let isTold = speed.isTold(adjusted: probability)
            let holds = isTold && !isUnranked && (speed.ratio > 1) == (verdict.kind == .won)
            var finding = "ratio of speeds \(Figures.ratio(speed.ratio))"
            if speed.halfWidth.isFinite { finding += " ± \(Figures.ratio(speed.halfWidth))" }
            if !isTold { finding += ", can't be told apart" }
            if isUnranked { finding += ", in different observed classes" }
            return Claim(text: verdict.sentence, holds: holds, finding: finding)
        }
    }

    /// What has to be the same for a claim to be tried again. The commit may differ: that is what is tried.
    private static func differences(_ first: RunResult, _ second: RunResult) -> [String] {
        var differences: [String] = []
        func compare(_ what: String, _ one: String, _ other: String) {
            if one != other { differences.append("\(what): \(one) then, \(other) now") }
        }
        let (then, now) = (first.environment, second.environment)
        compare("processor", then.cpu, now.cpu)
        compare("cores", "\(then.cores)", "\(now.cores)")
        compare("memory", Figures.memory(then.memoryBytes), Figures.memory(now.memoryBytes))
        compare("file system", then.fileSystem, now.fileSystem)
        compare("build", then.build, now.build)
        for backend in first.backends where backend.name != Roster.subject {
            let twin = second.backends.first { $0.name == backend.name }
            compare(backend.name, backend.library, twin?.library ?? "not there")
        }
        return differences + (differences.isEmpty ? Comparability.differences(first, second) : [])
    }
}
