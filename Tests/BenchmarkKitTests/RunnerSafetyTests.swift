import Foundation
import StorageBackends
import Testing

@testable import BenchmarkKit

/// Folders, failures and interruption: nothing is left behind, and every refusal names its remedy.
@Suite struct RunnerSafetyTests {
    private let parent: String

    init() throws {
        parent = FileManager.default.temporaryDirectory.path + "/runner-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    }

    private func content(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
    }

    private func cleanUp() { try? FileManager.default.removeItem(atPath: parent) }

    @Test func theFolderIsGoneAtTheEnd() throws {
        defer { cleanUp() }
        var plan = RunnerTests.plan([Models.model("one")])
        plan.directory = parent + "/stores"
        #expect(try RunnerTests.run(plan).failure == nil)
        #expect(content(parent) == [])
        // A folder that was there stays, empty.
        plan.directory = parent
        #expect(try RunnerTests.run(plan).failure == nil)
        #expect(FileManager.default.fileExists(atPath: parent) && content(parent) == [])
    }

    @Test func keptStoresAreTheLastRepeats() throws {
        defer { cleanUp() }
        var plan = RunnerTests.plan([Models.model("one"), Models.model("two")])
        plan.directory = parent + "/stores"
        plan.keepsStores = true
        let outcome = try RunnerTests.run(plan)
        #expect(outcome.keptDirectory == parent + "/stores")
        #expect(content(parent + "/stores/small") == ["one", "two"])
    }

    /// Pages that the system has taken are read back before the next pass, and the result says so.
    @Test func lostPagesAreReadBack() throws {
        defer { cleanUp() }
        // Where the folder's file system keeps all pages, none can be lost.
        _ = FileManager.default.createFile(atPath: parent + "/probe", contents: Data(repeating: 1, count: 10_000))
        let losesPages = PageCache.drop(filesUnder: parent) < PageCache.shareLeftLimit
        var plan = RunnerTests.plan([Models.model("one"), Models.model("two", .losesPages)])
        plan.directory = parent + "/stores"
        func told(_ plan: RunPlan) throws -> [String] {
            try RunnerTests.run(plan).result.warnings.map(\.text).filter { $0.contains("out of memory between") }
        }
        #expect(
            try told(plan)
                == (losesPages
                    ? ["the system took pages of two's files out of memory between its turns; they were read back"]
                    : []))
        // What is to be cold stays so; an engine that can't reopen is not made cold, and not warm either.
        plan.backends = [Models.model("two", .losesPages, capabilities: .engine.subtracting(.reopen))]
        #expect(try told(plan).count == (losesPages ? 1 : 0))
        plan.isCold = true
        #expect(try told(plan) == [])
    }

    @Test func aFailingEngineLeavesNothing() throws {
        defer { cleanUp() }
        var plan = RunnerTests.plan([Models.model("full", .failsAfter(puts: 550))])
        plan.directory = parent + "/stores"
        let outcome = try RunnerTests.run(plan)
        let failure = try #require(outcome.failure)
        #expect(failure.message == "full, mixed: the disk is full: free space")
        #expect(failure.exitCode == 1)
        #expect(content(parent) == [])
        // The rows before it are there.
        #expect(outcome.result.samples.contains { $0.workload == "load-random" })
        #expect(!outcome.result.samples.contains { $0.workload == "mixed" })
    }

    @Test func cancellationStopsBetweenSlicesAndRemovesTheFolder() throws {
        defer { cleanUp() }
        var plan = RunnerTests.plan([Models.model("one")], repeats: 50)
        plan.directory = parent + "/stores"
        let flag = CancellationFlag()
        var repeats = 0
        let outcome = try Runner(plan).run(cancellation: flag) { _ in
        } onRepeat: { _ in
            repeats += 1
            if repeats == 2 { flag.cancel() }
        }
        #expect(repeats == 2)
        #expect(outcome.failure?.kind == .cancelled)
        #expect(outcome.failure?.exitCode == 130)
        #expect(Set(outcome.result.samples.map(\.repeat)).isSuperset(of: [1, 2]))
        #expect(content(parent) == [])
    }

    @Test func progressReachesTheEnd() throws {
        var fractions: [Double] = []
        var plan = RunnerTests.plan([Models.model("one"), Models.model("two")], repeats: 1)
        plan.workloads[0].records = 20_000
        #expect(try Runner(plan).run(progress: { fractions.append($0.fraction) }).failure == nil)
        #expect(!fractions.isEmpty)
        #expect(fractions == fractions.sorted() && fractions.allSatisfy { $0 > 0 && $0 <= 1 })
    }

    @Test func directoriesThatWillNotDoAreRefused() throws {
        defer { cleanUp() }
        let file = parent + "/file"
        _ = FileManager.default.createFile(atPath: file, contents: Data())
        expectRefusal(directory: parent, "is not empty, it holds file: name an empty or new one with --directory")
        expectRefusal(directory: file, "is a file: name an empty or new one with --directory")
        expectRefusal(directory: "/proc/stores", "--directory")
    }

    private func expectRefusal(directory: String, _ words: String) {
        var plan = RunnerTests.plan([Models.model("one")])
        plan.directory = directory
        do throws(RunError) {
            let outcome = try Runner(plan).run()
            #expect(outcome.failure?.kind == .environment)
        } catch {
            #expect(error.kind == .environment)
            #expect(error.message.contains(words), "\(error.message)")
            #expect(error.message.contains(directory))
        }
    }

    @Test func moreKeysThanMemoryHolds() throws {
        var plan = RunnerTests.plan([Models.model("one")])
        plan.workloads[0].records = 1 << 40
        let error = try #require(throws: RunError.self) { try Runner(plan) }
        #expect(error.kind == .environment)
        #expect(error.message.hasPrefix("1099511627776 records need "))
        #expect(error.message.hasSuffix("lower --scale, or name fewer engines with --backend"))
    }

    @Test func plansThatCanNotBe() throws {
        var plan = RunnerTests.plan([Models.model("one")])
        plan.repeats = 0
        #expect(throws: RunError(.invalid, "--repeats is 0: ask for 1 or more")) { try Runner(plan) }
        plan.repeats = 1
        plan.backends.append(plan.backends[0])
        #expect(throws: RunError(.invalid, "--backend names one twice: name each once")) { try Runner(plan) }
        plan.backends = []
        #expect(throws: RunError(.invalid, "a run needs a workload and a backend: name one with --backend")) {
            try Runner(plan)
        }
    }

    @Test func weakResultsAreWarnedOf() throws {
        let texts = try Runner(RunnerTests.plan([Models.model("one")])).warnings.map(\.text)
        #expect(texts.contains("2 repeats: too few for a narrow interval"))
        #expect(texts.contains { $0.hasPrefix("the data of scale 500 fits the processor's cache") })
    }

    @Test func theFileSystemIsTheInnermostMounts() {
        let mounts = """
            22 1 8:1 / / rw,relatime - ext4 /dev/a rw
            23 22 0:5 / /tmp rw - tmpfs tmpfs rw
            24 22 0:6 / /tmpfiles rw shared:1 - xfs /dev/b rw
            """
        #expect(FileSystemProbe.type(of: "/tmp/x", mounts: mounts) == "tmpfs")
        #expect(FileSystemProbe.type(of: "/tmpfiles", mounts: mounts) == "xfs")
        #expect(FileSystemProbe.type(of: "/home", mounts: mounts) == "ext4")
        #expect(FileSystemProbe.type(of: "/home", mounts: "") == nil)
    }

    @Test func percentilesNeedSamplesBehindThem() {
        func metrics(_ values: [UInt64]) -> [(metric: String, nanoseconds: UInt64)] {
            let histogram = LatencyHistogram()
            for value in values { histogram.record(value) }
            return Percentiles(histogram).metrics
        }
        func names(_ count: Int) -> [String] { metrics((0..<UInt64(count)).map { $0 }).map(\.metric) }
        #expect(names(0) == [])
        #expect(names(19) == ["max_ns"])
        #expect(names(20) == ["p50_ns", "max_ns"])
        #expect(names(1_000) == ["p50_ns", "p99_ns", "max_ns"])
        #expect(names(10_000) == ["p50_ns", "p99_ns", "p999_ns", "max_ns"])
        let values = metrics((1...10_000).reversed()).map(\.nanoseconds)
        for (value, exact) in zip(values, [5_000, 9_900, 9_990, 10_000]) {
            #expect(abs(Double(value) - Double(exact)) <= Double(exact) * LatencyHistogram.relativeErrorLimit)
        }
        #expect(values.last == 10_000)
    }
}
