public import StorageBackends

// A rung's operation in parts. Each part is measured by two runs: one that does everything up to it, and one that does
// everything before it. No clock stands inside an operation.
//
// A step is a backend whose operation ends early: `step-2-map-read` looks a key up, reads the record's place in the map
// and is done. Every step keeps a store of its own, filled by the same load, so that no step finds in the processor's
// cache what another one has just read. A step keeps nothing that can be checked, so it does not declare `stores`, and
// the loop must not compare the values that it hands out.

/// The operations that can be taken apart.
public enum ExplainedOperation: String, Sendable, CaseIterable {
    case query, insert
}

/// The steps that `alexbench explain` runs beside a backend.
public enum LadderSteps {
    /// The steps of a backend's operation, the first the loop alone; `nil` for a backend that can't be taken apart.
    public static func descriptors(of backend: String, _ operation: ExplainedOperation) -> [BackendDescriptor]? {
        let rung = LadderRung.allCases.first { "alex-phase-\($0.rawValue)" == backend }
        switch operation {
        case .query:
            if let rung { return QueryDepth.allCases.filter { $0.belongs(to: rung) }.map { query($0, of: rung) } }
            // What has the same index can be split into that and the rest.
            guard ["alex", "rocksdb-alex"].contains(backend) else { return nil }
            return [query(.loop, of: .zeroCopy), query(.indexLookup, of: .zeroCopy)]
        case .insert:
            return rung.map { rung in InsertDepth.allCases.map { insert($0, of: rung) } }
        }
    }

    private static func query(_ depth: QueryDepth, of rung: LadderRung) -> BackendDescriptor {
        descriptor(depth.name, depth.summary) { options throws(BackendError) in
            if rung == .keyFirst {
                return try KeyFirstQueryStep(options, growthBytes: rung.growthBytes, depth: depth)
            }
            return try LengthFirstQueryStep(options, growthBytes: rung.growthBytes, depth: depth)
        }
    }

    private static func insert(_ depth: InsertDepth, of rung: LadderRung) -> BackendDescriptor {
        let layout: LadderLayout = rung == .keyFirst ? .keyFirst : .lengthFirst
        return descriptor(depth.name, depth.summary) { options throws(BackendError) in
            try InsertStep(options, growthBytes: rung.growthBytes, layout: layout, depth: depth)
        }
    }

    private static func descriptor(
        _ name: String, _ summary: String,
        _ open: @escaping @Sendable (BackendOptions) throws(BackendError) -> any StorageBackend
    ) -> BackendDescriptor {
        BackendDescriptor(
            name: name, summary: summary, capabilities: [.unorderedInsert],
            nativeSettings: [.memory: "keeps nothing", .process: "keeps nothing"], configuration: [summary],
            libraryVersion: { "a step of phases 1 to 3" }, open: open)
    }
}
