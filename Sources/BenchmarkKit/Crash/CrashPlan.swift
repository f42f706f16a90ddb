import StorageBackends

/// What `alexbench crash` runs.
public struct CrashPlan: Sendable {
    public var backends: [BackendDescriptor]
    public var classes: [DurabilityClass]
    /// Kills of each engine in each class.
    public var kills = 10
    /// Records that are loaded before the first kill of a store.
    public var records: UInt64 = 10_000
    public var valueBytes = 100
    public var seed: UInt64 = 1
    /// `nil` for a fresh folder under the system's temporary folder.
    public var directory: String?
    public var keepsStores = false
    /// The command line that repeats the run.
    public var command: String

    public init(backends: [BackendDescriptor], classes: [DurabilityClass], command: String) {
        self.backends = backends
        self.classes = classes
        self.command = command
    }
}

/// The numbers of the crash runs.
enum CrashTuning {
    /// Kills of one store before a fresh one: enough for crashes of recovered stores, few enough that opening does not
    /// come to time the history instead of the records.
    static let killsPerStore = 5
    /// A writer is killed after a number of commits drawn from 1 to this …
    static let commitsBeforeKillMax: UInt64 = 1000
    /// … or after so long behind its first, where syncs are slow …
    static let nanosecondsBeforeKillMax: UInt64 = 2_000_000_000
    /// … and some time more, so that kills fall anywhere inside a commit.
    static let delayMicrosecondsMax: UInt64 = 2000
    /// Commits of one writer at most.
    static let commitsMax: UInt32 = 1 << 20
}

/// The names of what a kill comes to, as results have them.
public enum CrashMetric {
    public static let workload = "crash"
    public static let open = "open_ns"
    public static let firstRead = "first_read_ns"
    public static let acknowledged = "acknowledged_commits"
    public static let acknowledgedLost = "acknowledged_lost"
    public static let partialBatches = "partial_batches"
    public static let holes = "holes"
    public static let wrongValues = "wrong_values"
    public static let phantoms = "phantoms"
    public static let refused = "not_reopened"

    /// Counts that are zero where a class keeps its promise, in the order of the table.
    static let faults = [acknowledgedLost, partialBatches, holes, wrongValues, phantoms, refused]

    /// Those that are wrong in every class: a class may lose, never invent.
    static let faultsAnywhere = [wrongValues, phantoms]

    /// Whether a class promises that this stays zero.
    static func isPromised(_ metric: String, _ durability: String) -> Bool {
        durability == DurabilityClass.memory.rawValue ? faultsAnywhere.contains(metric) : faults.contains(metric)
    }

    static func label(_ metric: String) -> String {
        switch metric {
        case acknowledged: "commits acknowledged"
        case acknowledgedLost: "acknowledged, lost"
        case partialBatches: "batches in part"
        case holes: "holes in the history"
        case wrongValues: "wrong values"
        case phantoms: "keys never written"
        case refused: "not reopened"
        case open: "time to open"
        case firstRead: "time to first read"
        default: metric.replacing("_", with: " ")
        }
    }
}
