import Foundation
import Testing

@testable import BenchmarkKit

/// A grade follows from the result, and each weakness costs what it should.
@Suite struct GradeTests {
    /// A result with nothing to improve.
    private static var spotless: RunResult {
        var result = ReportFixture.result(scales: [1_000_000])
        result.warnings = []
        result.samples.removeAll { $0.backend == "rocksdb-tuned" || $0.workload == "load-random" }
        for place in result.samples.indices where result.samples[place].metric == Metric.operationsPerSecond {
            result.samples[place].value = 1000 + Double(result.samples[place].repeat)
        }
        result.backends.removeAll { $0.name == "rocksdb-tuned" }
        result.observations = ["alex", "sqlite"].map { observation(ObservedMetric.syncsPerCommit, 0, $0) }
        result.noiseFloors = [
            RunResult.NoiseFloor(
                workload: "query", backend: "alex", scale: 1_000_000, pairs: 10, ratio: 1, low: 0.99, high: 1.01)
        ]
        return result
    }

    private static func observation(_ metric: String, _ value: Double, _ backend: String) -> RunResult.Observation {
        RunResult.Observation(
            workload: "", backend: backend, scale: 0, metric: metric, value: value, unit: "", source: "test")
    }

    @Test func nothingToImprove() {
        let grade = Grade(Self.spotless)
        #expect(grade.deductions == [])
        #expect(grade.letter == "A")
        #expect(grade.lines == ["Grade A (100 of 100): nothing to improve."])
    }

    /// What is changed in the spotless result, the words of the deduction, and the letter.
    @Test(arguments: [
        ("debug", "debug build", "F"), ("tmpfs", "in memory", "B"), ("repeats", "3 of 10 repeats", "B"),
        ("repeat", "1 of 10 repeats", "C"), ("cache", "fits the processor's cache", "B"),
        ("class", "sqlite in another observed", "B"), ("unseen", "were not observed", "A"),
        ("wide", "intervals wider than", "A"), ("busy", "busy machine", "B"), ("load", "busy machine", "B"),
        ("steal", "steal", "A"), ("assertions", "alex built with assertions", "B"), ("floor", "A/A", "A"),
        ("dirty", "revision", "A"),
    ])
    func weaknesses(change: String, words: String, letter: String) {
        var result = Self.spotless
        switch change {
        case "debug": result.environment.build = "debug"
        case "tmpfs": result.environment.fileSystem = "tmpfs"
        case "repeats": result.samples.removeAll { $0.repeat > 3 }
        case "repeat": result.samples.removeAll { $0.repeat > 1 }
        case "cache": result.environment.lastLevelCacheBytes = 1 << 40
        case "class": result.observations[1].value = 1
        case "unseen": result.observations.removeAll()
        case "wide":
            for place in result.samples.indices
            where result.samples[place].workload == "query" && result.samples[place].backend == "alex" {
                result.samples[place].value *= result.samples[place].repeat % 2 == 0 ? 1 : 1.4
            }
        case "busy": result.observations.append(Self.observation(ObservedMetric.othersShare, 0.4, ""))
        case "load": result.observations.append(Self.observation(ObservedMetric.loadPerCore, 1, ""))
        case "steal": result.observations.append(Self.observation(ObservedMetric.stealShare, 0.1, ""))
        case "assertions": result.backends[0].library += ", assertions on"
        case "floor": result.noiseFloors = []
        default: result.commit += "-dirty"
        }
        let grade = Grade(result)
        #expect(grade.deductions.count == 1, "\(grade.lines)")
        #expect(grade.deductions.first?.text.contains(words) == true, "\(grade.lines)")
        #expect(grade.letter == letter, "\(grade.lines)")
        #expect(ResultFormat.text.render(result).contains("Grade \(letter)"))
    }

    @Test func sweepMayBeginInTheCache() {
        var result = Self.spotless
        var small = result.samples
        for place in small.indices { small[place].scale = 1000 }
        result.samples += small
        #expect(Grade(result).deductions == [])
    }

    @Test func theMachinesTicks() {
        let ticks = MachineWatch.Ticks(line: "cpu  100 1 50 800 9 2 3 35 0 0")
        #expect(ticks?.busy == 156)
        #expect(ticks?.steal == 35)
        #expect(ticks?.total == 1000)
        #expect(MachineWatch.Ticks(line: "cpu0 1 2 3") == nil)
        #expect(MachineWatch.Ticks(line: "") == nil)
    }

    /// DAMON's schemes that take idle pages out of memory are named, with their age; those that are off or do
    /// something else are not.
    @Test func idleMemory() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("damon-test-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ text: String, _ path: String) throws {
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((text + "\n").utf8).write(to: file)
        }
        #expect(MachineCheck.idleMemory(folder.path).state == .fine)
        let context = "0/contexts/0"
        try write("on", "0/state")
        try write("5000000", "\(context)/monitoring_attrs/intervals/aggr_us")
        try write("6", "\(context)/schemes/0/access_pattern/age/min")
        try write("stat", "\(context)/schemes/0/action")
        #expect(MachineCheck.idleMemory(folder.path).state == .fine)
        try write("pageout", "\(context)/schemes/0/action")
        let found = MachineCheck.idleMemory(folder.path)
        #expect(found.state == .advice)
        #expect(found.finding.contains("for 30 s"), "\(found.finding)")
        try write("off", "0/state")
        #expect(MachineCheck.idleMemory(folder.path).state == .fine)
    }
}
