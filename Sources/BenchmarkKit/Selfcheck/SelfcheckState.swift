/// What `selfcheck` has measured so far. Written after each step, so that Ctrl-C costs one step.
public struct SelfcheckState: Codable, Sendable, Hashable {
    public static let currentSchema = 1
    /// A trial of T3 and T4 that takes longer does not count: the targets are what a user finds out in that time.
    public static let trialSecondsMax = 15.0

    public var schema = currentSchema
    /// The command line that makes it, and continues it.
    public var command: String
    public var date: String
    public var commit: String
    public var environment: RunResult.Environment
    /// What every trial of T3 and T4 runs on both sides.
    public var design: String
    public var costs: [Cost] = []
    public var loops: [Loop] = []
    public var trials: [Trial] = []

    /// T1: one repeat of the harness's own cost, in nanoseconds.
    public struct Cost: Codable, Sendable, Hashable {
        public var operation: Double
        public var check: Double
        public var timer: Double

        enum CodingKeys: String, CodingKey {
            case operation = "ns_per_op"
            case check = "check_ns_per_value"
            case timer = "timer_ns"
        }

        public init(operation: Double, check: Double, timer: Double) {
            self.operation = operation
            self.check = check
            self.timer = timer
        }
    }

    /// T2: one row of one engine, as alexbench and as the hand-written loop measured it, pair by pair.
    public struct Loop: Codable, Sendable, Hashable {
        public var engine: String
        public var workload: String
        public var row: String
        public var metric: String
        public var records: UInt64
        /// Nanoseconds an operation.
        public var alexbench: [Double]
        public var loop: [Double]

        public init(engine: String, workload: String, row: String, metric: String, records: UInt64) {
            self.engine = engine
            self.workload = workload
            self.row = row
            self.metric = metric
            self.records = records
            alexbench = []
            loop = []
        }
    }

    /// T3 and T4: one comparison.
    public struct Trial: Codable, Sendable, Hashable {
        public enum Kind: String, Codable, Sendable, Hashable {
            /// T3: a build against itself.
            case same
            /// T4: a build against itself slowed down.
            case planted
        }

        public var kind: Kind
        /// From 1.
        public var number: Int
        public var seed: UInt64
        /// Figures that were told to differ.
        public var told: [String]
        /// Figures that were told to be worse.
        public var toldWorse: [String]
        public var seconds: Double

        enum CodingKeys: String, CodingKey {
            case kind, number, seed, told, seconds
            case toldWorse = "told_worse"
        }

        public init(kind: Kind, number: Int, seed: UInt64, comparison: Comparison, seconds: Double) {
            self.kind = kind
            self.number = number
            self.seed = seed
            told = comparison.told
            toldWorse = comparison.toldWorse
            self.seconds = seconds
        }
    }

    /// - Parameter directory: A folder on the file system that holds the stores.
    public init(command: String, design: String, directory: String) {
        self.command = command
        self.design = design
        date = EnvironmentCapture.date
        commit = EnvironmentCapture.commit
        environment = EnvironmentCapture.environment(directory: directory)
    }
}
