import StorageBackends

/// The durability class that each engine was seen to have, beside the one that it was asked for.
///
/// At least one sync a commit is class power. Less than one is not, whatever was configured. Whether an engine without
/// syncs would survive `kill -9` can't be seen in its calls, so between memory and process the configuration stands.
public struct ObservedClasses: Sendable, Hashable {
    /// By backend; an engine that was not observed is absent.
    public let classes: [String: DurabilityClass]
    /// The class of the run, where all of it has one.
    public let configured: DurabilityClass?

    public init(_ result: RunResult) {
        let asked = Set(result.samples.map(\.durability))
        configured = asked.count == 1 ? asked.first.flatMap(DurabilityClass.init(rawValue:)) : nil
        var classes: [String: DurabilityClass] = [:]
        for observation in result.observations where observation.metric == ObservedMetric.syncsPerCommit {
            guard let configured else { continue }
            classes[observation.backend] = Self.seen(syncsPerCommit: observation.value, configured: configured)
        }
        self.classes = classes
    }

    static func seen(syncsPerCommit: Double, configured: DurabilityClass) -> DurabilityClass {
        if syncsPerCommit >= 1 { return .power }
        return configured == .power ? .process : configured
    }

    /// The engines whose observed class is another than the run's: they are not ranked.
    public var mismatched: Set<String> {
        Set(classes.filter { $0.value != configured }.map(\.key))
    }

    /// What a run warns of where an engine is not what it was asked to be.
    static func warning(
        _ backend: String, syncsPerCommit: Double, configured: DurabilityClass
    ) -> RunResult.Warning? {
        let seen = seen(syncsPerCommit: syncsPerCommit, configured: configured)
        guard seen != configured else { return nil }
        return RunResult.Warning(
            text: "\(backend) was observed in class \(seen.rawValue), not \(configured.rawValue) "
                + "(\(Figures.short(syncsPerCommit)) syncs a commit), and is not ranked",
            remedy: "run it in the class that it has, or correct its settings")
    }
}
