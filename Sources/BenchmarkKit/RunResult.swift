/// Everything that one run measured, and what is needed to run it again. The JSON form of this is the result file.
///
/// Figures live in `samples` alone, one a row, exactly as the CSV has them; medians, intervals and ratios are derived.
public struct RunResult: Sendable, Hashable {
    /// The version of this schema that the program writes. A newer one is refused.
    public static let currentSchema = 2

    public var schema: Int
    /// The command line that repeats the run, without paths.
    public var command: String
    /// When the run began: ISO 8601, UTC.
    public var date: String
    /// The source revision of the program, `unknown` outside a checkout.
    public var commit: String
    public var environment: Environment
    /// In the order of the columns.
    public var backends: [BackendReceipt]
    /// What each row does, in the order of the rows.
    public var rows: [RowReceipt]
    public var streams: [StreamReceipt]
    public var warnings: [Warning]
    public var samples: [Sample]
    public var unavailable: [Unavailable]
    /// The whole latency distribution behind each percentile. Empty in results of schema 1, as all that follows.
    public var histograms: [Histogram] = []
    /// Throughput and latency over time.
    public var intervals: [IntervalSeries] = []
    /// What was seen of each engine from outside: system calls, bytes, memory.
    public var observations: [Observation] = []
    /// The machine measured against itself (A/A), where that was asked for.
    public var noiseFloors: [NoiseFloor] = []

    /// The latencies of one row, engine and repeat as counts in buckets.
    public struct Histogram: Codable, Sendable, Hashable {
        public var workload: String
        public var backend: String
        public var scale: UInt64
        public var threads: Int
        public var `repeat`: Int
        /// `service` (closed loop) or `response` (open loop, charged from the intended start).
        public var kind: String
        /// The buckets, as `LatencyHistogram` encodes them.
        public var encoded: String
    }

    /// One row, engine and repeat over time, a value an interval.
    public struct IntervalSeries: Codable, Sendable, Hashable {
        public var workload: String
        public var backend: String
        public var scale: UInt64
        public var threads: Int
        public var `repeat`: Int
        public var intervalMilliseconds: UInt64
        public var operationsPerSecond: [Double]
        /// Empty where latency was not taken.
        public var p99Nanoseconds: [Double]

        enum CodingKeys: String, CodingKey {
            case workload, backend, scale, threads, `repeat`
            case intervalMilliseconds = "interval_ms"
            case operationsPerSecond = "ops_per_second"
            case p99Nanoseconds = "p99_ns"
        }
    }

    /// One figure of an engine that was observed, not asked for: `syncs_per_commit`, `bytes_written` …
    public struct Observation: Codable, Sendable, Hashable {
        /// The row, or empty for the run as a whole.
        public var workload: String
        public var backend: String
        public var scale: UInt64
        public var metric: String
        public var value: Double
        public var unit: String
        /// How it was seen: `interposed calls in a child process`, `/proc/self/io` …
        public var source: String
    }

    /// The ratio of one engine to itself in one run, which is 1 but for the machine's noise.
    public struct NoiseFloor: Codable, Sendable, Hashable {
        public var workload: String
        public var backend: String
        public var scale: UInt64
        public var pairs: Int
        public var ratio: Double
        public var low: Double
        public var high: Double
    }

    /// One measured figure: a row of the tidy CSV.
    public struct Sample: Codable, Sendable, Hashable {
        /// The row it belongs to: `query`, `mixed`, `load-random`, `settle` …
        public var workload: String
        public var backend: String
        /// `memory`, `process` or `power`.
        public var durability: String
        /// Records loaded.
        public var scale: UInt64
        public var valueBytes: UInt64
        public var threads: Int
        /// From 1. A repeat is a fresh store.
        public var `repeat`: Int
        /// `ops_per_second`, `ns_per_op`, `dependent_ns_per_op`, `p50_ns`, `hits` …
        public var metric: String
        public var value: Double
        public var unit: String

        public init(
            workload: String, backend: String, durability: String, scale: UInt64, valueBytes: UInt64, threads: Int,
            repeat: Int, metric: String, value: Double, unit: String
        ) {
            self.workload = workload
            self.backend = backend
            self.durability = durability
            self.scale = scale
            self.valueBytes = valueBytes
            self.threads = threads
            self.repeat = `repeat`
            self.metric = metric
            self.value = value
            self.unit = unit
        }

        enum CodingKeys: String, CodingKey {
            case workload, backend, durability, scale, threads, `repeat`, metric, value, unit
            case valueBytes = "value_bytes"
        }
    }

    /// The machine, without its name and without paths.
    public struct Environment: Codable, Sendable, Hashable {
        public var cpu: String
        public var cores: Int
        public var lastLevelCacheBytes: UInt64
        public var memoryBytes: UInt64
        /// What the system let the process have of it, page cache included; `nil` where there was no limit.
        public var memoryLimitBytes: UInt64?
        public var kernel: String
        /// Type of the file system that held the stores: `ext4`.
        public var fileSystem: String
        public var swift: String
        /// `release` or `debug`.
        public var build: String

        public init(
            cpu: String, cores: Int, lastLevelCacheBytes: UInt64, memoryBytes: UInt64, kernel: String,
            fileSystem: String, swift: String, build: String
        ) {
            self.cpu = cpu
            self.cores = cores
            self.lastLevelCacheBytes = lastLevelCacheBytes
            self.memoryBytes = memoryBytes
            self.kernel = kernel
            self.fileSystem = fileSystem
            self.swift = swift
            self.build = build
        }

        enum CodingKeys: String, CodingKey {
            case cpu, cores, kernel, swift, build
            case lastLevelCacheBytes = "last_level_cache_bytes"
            case memoryBytes = "memory_bytes"
            case memoryLimitBytes = "memory_limit_bytes"
            case fileSystem = "file_system"
        }
    }

    /// One engine as it ran: what was asked of it and what it said of itself.
    public struct BackendReceipt: Codable, Sendable, Hashable {
        public var name: String
        public var library: String
        public var configuration: [String]
        /// The native settings behind the durability class.
        public var durabilitySettings: String
        /// Settings read back from the engine, `name=value`.
        public var readBack: [String]

        public init(
            name: String, library: String, configuration: [String], durabilitySettings: String, readBack: [String]
        ) {
            self.name = name
            self.library = library
            self.configuration = configuration
            self.durabilitySettings = durabilitySettings
            self.readBack = readBack
        }

        enum CodingKeys: String, CodingKey {
            case name, library, configuration
            case durabilitySettings = "durability_settings"
            case readBack = "read_back"
        }
    }

    /// One row in words: `query`, `1000000 operations: read 100 %, uniform`.
    public struct RowReceipt: Codable, Sendable, Hashable {
        public var workload: String
        public var summary: String

        public init(workload: String, summary: String) {
            self.workload = workload
            self.summary = summary
        }
    }

    /// The stream that all backends ran in one repeat of one workload, and the state in which they all ended.
    public struct StreamReceipt: Codable, Sendable, Hashable {
        public var workload: String
        public var scale: UInt64
        public var `repeat`: Int
        public var seed: UInt64
        public var operations: UInt64
        /// Hash of all operations, hexadecimal.
        public var streamHash: String
        /// Digest of all pairs at the end, hexadecimal, equal for all backends.
        public var stateDigest: String

        public init(
            workload: String, scale: UInt64, repeat: Int, seed: UInt64, operations: UInt64, streamHash: String,
            stateDigest: String
        ) {
            self.workload = workload
            self.scale = scale
            self.repeat = `repeat`
            self.seed = seed
            self.operations = operations
            self.streamHash = streamHash
            self.stateDigest = stateDigest
        }

        enum CodingKeys: String, CodingKey {
            case workload, scale, `repeat`, seed, operations
            case streamHash = "stream_hash"
            case stateDigest = "state_digest"
        }
    }

    /// Something that makes the result weaker than it looks, and what to do about it.
    public struct Warning: Codable, Sendable, Hashable {
        public var text: String
        public var remedy: String

        public init(text: String, remedy: String) {
            self.text = text
            self.remedy = remedy
        }
    }

    /// A cell that prints `n/a`, and why.
    public struct Unavailable: Codable, Sendable, Hashable {
        public var workload: String
        public var backend: String
        public var reason: String

        public init(workload: String, backend: String, reason: String) {
            self.workload = workload
            self.backend = backend
            self.reason = reason
        }
    }

    public init(
        command: String, date: String, commit: String, environment: Environment, backends: [BackendReceipt] = [],
        rows: [RowReceipt] = [], streams: [StreamReceipt] = [], warnings: [Warning] = [], samples: [Sample] = [],
        unavailable: [Unavailable] = []
    ) {
        schema = Self.currentSchema
        self.command = command
        self.date = date
        self.commit = commit
        self.environment = environment
        self.backends = backends
        self.rows = rows
        self.streams = streams
        self.warnings = warnings
        self.samples = samples
        self.unavailable = unavailable
    }
}
