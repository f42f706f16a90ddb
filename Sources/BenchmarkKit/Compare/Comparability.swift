/// What makes two results measurements of different things.
enum Comparability {
    /// One sentence for each difference; none where the results can be compared.
    static func differences(_ base: RunResult, _ candidate: RunResult) -> [String] {
        let (first, second) = (SampleIndex(base), SampleIndex(candidate))
        let shared = measuredRows(first).intersection(measuredRows(second))
        guard !shared.isEmpty else {
            return [
                "workload: the base has the rows \(list(measuredRows(first))), "
                    + "the candidate \(list(measuredRows(second)))"
            ]
        }
        var differences: [String] = []
        func compare<Value: Hashable>(_ what: String, _ part: (SampleIndex.Row) -> Value, _ text: (Value) -> String) {
            let ones = Set(first.rows.filter { shared.contains($0.workload) }.map(part))
            let others = Set(second.rows.filter { shared.contains($0.workload) }.map(part))
            guard ones.isDisjoint(with: others) else { return }
            differences.append(
                "\(what): the base has \(list(Set(ones.map(text)))), the candidate \(list(Set(others.map(text))))")
        }
        compare("scale", \.scale, Figures.scale)
        compare("durability class", \.durability) { $0 }
        compare("value size", \.valueBytes) { "\($0) bytes" }
        compare("threads", \.threads) { "\($0)" }
        if differences.isEmpty { differences = streams(base, candidate) }
        if differences.isEmpty, Set(first.rows).isDisjoint(with: second.rows) {
            differences.append("rows: no row has the same scale, value size, threads and class in both")
        }
        if Set(first.backends).isDisjoint(with: second.backends) {
            differences.append(
                "backends: the base has \(list(Set(first.backends))), the candidate \(list(Set(second.backends)))")
        }
        return differences
    }

    /// Rows that a workload measures; loads and settling alone don't make two workloads alike.
    private static func measuredRows(_ index: SampleIndex) -> Set<String> {
        let all = Set(index.rows.map(\.workload))
        let measured = all.filter { !$0.hasPrefix("load") && $0 != Workload.settleRow }
        return measured.isEmpty ? all : measured
    }

    /// Equal seeds that gave unequal streams: the operations differ.
    private static func streams(_ base: RunResult, _ candidate: RunResult) -> [String] {
        for one in base.streams {
            let twin = candidate.streams.first {
                $0.workload == one.workload && $0.scale == one.scale && $0.repeat == one.repeat && $0.seed == one.seed
            }
            guard let twin, twin.streamHash != one.streamHash else { continue }
            return [
                "workload: \(one.workload) ran \(one.operations) operations with hash \(one.streamHash) in the base, "
                    + "\(twin.operations) with hash \(twin.streamHash) in the candidate"
            ]
        }
        return []
    }

    private static func list(_ names: Set<String>) -> String {
        names.isEmpty ? "none" : names.sorted().joined(separator: ", ")
    }
}
