import AlexStorage
import BenchmarkKit
import Foundation
import PowerLoss

extension GateMeasurement {
    /// Records of the simulated runs: valgrind is some fifty times slower.
    private static let recordsMax: UInt64 = 100_000
    /// The simulated last-level cache, small enough that the store does not fit: bytes, ways, bytes a line.
    private static let lastLevel = "2097152,16,64"

    /// Misses of a scan of everything and of random reads, each less those of opening and closing alone. A simulation
    /// counts the same whatever the machine does: one run each.
    func cache() throws -> [RunResult.Sample] {
        guard let valgrind = Self.program("valgrind") else {
            throw Failure(.failure, "valgrind is missing; type: sh Sources/Setup/packages.sh valgrind")
        }
        let count = min(records, Self.recordsMax)
        let directory = try folder("cache")
        var store = try AlexStore(directory: directory)
        try StoreSweep.fill(store, count)
        try store.close()
        let program = try plainProgram()
        func misses(_ action: StoreSweep) throws -> Double {
            let opening = try simulate(valgrind, program, .open, directory, count)
            return max(try simulate(valgrind, program, action, directory, count) - opening, 0)
        }
        let before = try misses(.scan)
        let query = try misses(.query)
        store = try AlexStore(directory: directory)
        _ = try store.compact(.everything)
        try store.close()
        let after = try misses(.scan)
        return [
            sample(GateRows.cache, GateRows.missesBefore, before, "misses", 1, count),
            sample(GateRows.cache, GateRows.missesAfter, after, "misses", 1, count),
            sample(GateRows.cache, GateRows.queryMisses, query / Double(max(count / 10, 1)), "misses", 1, count),
        ]
    }

    /// Last-level misses of one child under cachegrind. The size of the cache is given, because valgrind may misread
    /// the machine's.
    private func simulate(
        _ valgrind: String, _ program: String, _ action: StoreSweep, _ directory: String, _ count: UInt64
    ) throws -> Double {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: valgrind)
        child.arguments = [
            "--tool=cachegrind", "--cache-sim=yes", "--LL=\(Self.lastLevel)", "--cachegrind-out-file=/dev/null",
            program, StoreSweep.word, action.rawValue, directory, "\(count)",
        ]
        let errors = Pipe()
        child.standardError = errors
        child.standardOutput = FileHandle.nullDevice
        try child.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        child.waitUntilExit()
        guard child.terminationStatus == 0, let misses = Self.misses(in: text) else {
            let line = text.split(separator: "\n").last { !$0.contains("rate:") && !$0.contains("misses:") }
            throw Failure(
                .failure,
                text.contains("Unrecognised instruction")
                    ? "valgrind does not know an instruction of this program (RocksDB of 'make rivals' is compiled for "
                        + "this processor alone); build \(Self.withoutEngines) beside it, which links no other "
                        + "engine: swift build -c release --product \(Self.withoutEngines), or make results"
                    : "cachegrind failed: \(line ?? "no output")")
        }
        return misses
    }

    /// The program beside this one that links no other engine, and does the same to a store: see `StoreSweep`.
    private static let withoutEngines = "alexstorage-torture"

    /// `alexstorage-torture` where it lies beside the running program, else that itself; without its debugging
    /// information, which valgrind 3.19 can't read: a copy by strip(1), or as it is where there is none.
    private func plainProgram() throws -> String {
        let itself = try ChildRun.itself().program
        let beside = URL(fileURLWithPath: itself).deletingLastPathComponent()
            .appendingPathComponent(Self.withoutEngines).path
        let program = access(beside, X_OK) == 0 ? beside : itself
        guard let strip = Self.program("strip") ?? Self.program("llvm-strip") else { return program }
        let copy = "\(try folder("program"))/stripped"
        let child = Process()
        child.executableURL = URL(fileURLWithPath: strip)
        child.arguments = ["-o", copy, program]
        child.standardError = FileHandle.nullDevice
        try child.run()
        child.waitUntilExit()
        return child.terminationStatus == 0 ? copy : program
    }

    /// The data misses of the last level that cachegrind's summary tells: `LLd misses: 1,234 ( …`.
    static func misses(in text: String) -> Double? {
        for line in text.split(separator: "\n") where line.contains("LLd misses:") {
            let figures = line.split(separator: ":").dropFirst().joined().split(separator: "(").first ?? ""
            return Double(figures.filter { $0.isNumber })
        }
        return nil
    }

    /// The path of a program that the shell would find.
    static func program(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
