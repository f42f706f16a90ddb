import Foundation

// The JSON form of a result: samples that differ only in their repeat share one object, `repeats` beside `values`, so
// that a file of ten repeats stays small enough to commit and to read. Nothing is rounded or left out.

/// All repeats of one figure: what the JSON form has in place of single samples.
struct SampleSeries: Codable, Hashable {
    var workload: String
    var backend: String
    var durability: String
    var scale: UInt64
    var valueBytes: UInt64
    var threads: Int
    var metric: String
    var unit: String
    var repeats: [Int]
    var values: [Double]

    enum CodingKeys: String, CodingKey {
        case workload, backend, durability, scale, threads, metric, unit, repeats, values
        case valueBytes = "value_bytes"
    }

    /// Series in the order in which their first samples come.
    static func group(_ samples: [RunResult.Sample]) -> [SampleSeries] {
        var series: [SampleSeries] = []
        var places: [RunResult.Sample: Int] = [:]
        for sample in samples {
            var identity = sample
            identity.repeat = 0
            identity.value = 0
            if let place = places[identity] {
                series[place].repeats.append(sample.repeat)
                series[place].values.append(sample.value)
            } else {
                places[identity] = series.count
                series.append(SampleSeries(sample))
            }
        }
        return series
    }

    init(_ sample: RunResult.Sample) {
        workload = sample.workload
        backend = sample.backend
        durability = sample.durability
        scale = sample.scale
        valueBytes = sample.valueBytes
        threads = sample.threads
        metric = sample.metric
        unit = sample.unit
        repeats = [sample.repeat]
        values = [sample.value]
    }

    var samples: [RunResult.Sample] {
        zip(repeats, values).map { number, value in
            RunResult.Sample(
                workload: workload, backend: backend, durability: durability, scale: scale, valueBytes: valueBytes,
                threads: threads, repeat: number, metric: metric, value: value, unit: unit)
        }
    }
}

extension RunResult: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case backends, command, commit, date, environment, rows, samples, schema, streams, unavailable, warnings
        case histograms, intervals, observations
        case noiseFloors = "noise_floors"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schema = try container.decode(Int.self, forKey: .schema)
        command = try container.decode(String.self, forKey: .command)
        date = try container.decode(String.self, forKey: .date)
        commit = try container.decode(String.self, forKey: .commit)
        environment = try container.decode(Environment.self, forKey: .environment)
        backends = try container.decode([BackendReceipt].self, forKey: .backends)
        rows = try container.decode([RowReceipt].self, forKey: .rows)
        streams = try container.decode([StreamReceipt].self, forKey: .streams)
        warnings = try container.decode([Warning].self, forKey: .warnings)
        unavailable = try container.decode([Unavailable].self, forKey: .unavailable)
        histograms = try container.decodeIfPresent([Histogram].self, forKey: .histograms) ?? []
        intervals = try container.decodeIfPresent([IntervalSeries].self, forKey: .intervals) ?? []
        observations = try container.decodeIfPresent([Observation].self, forKey: .observations) ?? []
        noiseFloors = try container.decodeIfPresent([NoiseFloor].self, forKey: .noiseFloors) ?? []
        let series = try container.decode([SampleSeries].self, forKey: .samples)
        for (place, one) in series.enumerated() where one.repeats.count != one.values.count {
            throw DecodingError.dataCorruptedError(
                forKey: .samples, in: container,
                debugDescription: "entry \(place) has \(one.repeats.count) repeats but \(one.values.count) values")
        }
        samples = series.flatMap(\.samples)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schema, forKey: .schema)
        try container.encode(command, forKey: .command)
        try container.encode(date, forKey: .date)
        try container.encode(commit, forKey: .commit)
        try container.encode(environment, forKey: .environment)
        try container.encode(backends, forKey: .backends)
        try container.encode(rows, forKey: .rows)
        try container.encode(streams, forKey: .streams)
        try container.encode(warnings, forKey: .warnings)
        try container.encode(unavailable, forKey: .unavailable)
        if !histograms.isEmpty { try container.encode(histograms, forKey: .histograms) }
        if !intervals.isEmpty { try container.encode(intervals, forKey: .intervals) }
        if !observations.isEmpty { try container.encode(observations, forKey: .observations) }
        if !noiseFloors.isEmpty { try container.encode(noiseFloors, forKey: .noiseFloors) }
        try container.encode(SampleSeries.group(samples), forKey: .samples)
    }
}
