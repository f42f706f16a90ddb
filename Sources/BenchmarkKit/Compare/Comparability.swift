/// What makes two results measurements of different things.
enum Comparability {
    /// One sentence for each difference; none where the results can be compared.
    static func differences(_ base: RunResult, _ candidate: RunResult) -> [String] {
        let machine = machines(base.environment, candidate.environment)
        guard machine.isEmpty else { return machine }
        let (first, second) = (SampleIndex(base), SampleIndex(candidate))
        let shared = measuredRows(first).intersection(measuredRows(second))
        guard !shared.isEmpty else {
            return [
                "workload: the base has the rows \(list(measuredRows(first))), "
                    + "the candidate \(list(measuredRows(second)))"
            ]
        }
        var differences = memoryLimits(base.environment, candidate.environment)
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
        let measured = all.filter { !Workload.isPreparation($0) }
        return measured.isEmpty ? all : measured
    }

    /// Times of two machines, file systems or kinds of build say nothing about the program.
    private static func machines(_ base: RunResult.Environment, _ candidate: RunResult.Environment) -> [String] {
        let parts = [
            ("machine's CPU", base.cpu, candidate.cpu),
            ("machine's cores", "\(base.cores)", "\(candidate.cores)"),
            (
                "machine's cache", Figures.memory(base.lastLevelCacheBytes),
                Figures.memory(candidate.lastLevelCacheBytes)
            ),
            ("file system", base.fileSystem, candidate.fileSystem),
            ("build", base.build, candidate.build),
        ]
        return parts.filter { $0.1 != $0.2 }.map {
            "\($0.0): the base has \($0.1), the candidate \($0.2); run both on one machine, best alternating: "
                + "alexbench compare --exec OLD NEW"
        }
    }

    /// A store that fits memory and one that does not are two things.
    private static func memoryLimits(
        _ base: RunResult.Environment, _ candidate: RunResult.Environment
    ) -> [String] {
        guard base.memoryLimitBytes != candidate.memoryLimitBytes else { return [] }
        func text(_ bytes: UInt64?) -> String { bytes.map(Figures.memory) ?? "none" }
        return [
            "memory limit: the base has \(text(base.memoryLimitBytes)), the candidate "
                + "\(text(candidate.memoryLimitBytes)); give both the same --memory-limit"
        ]
    }

    /// Whether the repeats that both have ran the same operations. True of results that say nothing of their streams.
    static func haveSameStreams(_ base: RunResult, _ candidate: RunResult) -> Bool {
        struct Place: Hashable {
            var workload: String
            var scale: UInt64
            var number: Int
        }
        var hashes: [Place: String] = [:]
        for one in base.streams {
            hashes[Place(workload: one.workload, scale: one.scale, number: one.repeat)] = one.streamHash
        }
        return candidate.streams.allSatisfy { one in
            let place = Place(workload: one.workload, scale: one.scale, number: one.repeat)
            return hashes[place].map { $0 == one.streamHash } ?? true
        }
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
