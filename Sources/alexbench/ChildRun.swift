import BenchmarkKit
import Foundation

/// A build of alexbench, or another program, as a child process.
struct ChildRun {
    /// The program's path.
    let program: String
    /// Words that this build alone gets, behind the shared ones.
    var ownArguments: [String] = []

    /// Checks that there is such a program.
    init(program: String, ownArguments: [String] = []) throws(Failure) {
        guard access(program, X_OK) == 0 else {
            throw .usage(
                program, "is no program that can run: \(Console.systemMessage(errno))",
                remedy: "name the path of a build, for example .build/release/alexbench")
        }
        self.program = program
        self.ownArguments = ownArguments
    }

    /// The running program itself.
    static func itself() throws(Failure) -> ChildRun {
        try ChildRun(
            program: FileManager.default.fileExists(atPath: "/proc/self/exe")
                ? (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
                    ?? CommandLine.arguments[0]
                : CommandLine.arguments[0])
    }

    /// Runs a measuring command to its end and reads its result.
    func measure(_ arguments: [String], scratch: String) throws(Failure) -> RunResult {
        let path = "\(scratch)/result.json"
        let words = arguments + ownArguments + ["--no-progress", "--format", "json", "--output", path]
        _ = try output(of: words, scratch: scratch)
        let result = try ResultFile.read(path, missing: .failure)
        try? FileManager.default.removeItem(atPath: path)
        return result
    }

    /// Whether the command of this build has a flag: an older one may not.
    func knows(_ flag: String, of command: String, scratch: String) throws(Failure) -> Bool {
        try output(of: ["help", command], scratch: scratch).contains(flag)
    }

    /// Runs the program to its end and returns its standard output.
    func output(of arguments: [String], scratch: String) throws(Failure) -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let (out, errors) = ("\(scratch)/stdout", "\(scratch)/stderr")
        for path in [out, errors] where !FileManager.default.createFile(atPath: path, contents: nil) {
            throw Failure(.failure, "\(path): can't be made: \(Console.systemMessage(errno))\nfree some space there")
        }
        let ended = DispatchSemaphore(value: 0)
        // The handler, as waiting by a run loop notices the end up to 50 ms late.
        process.terminationHandler = { _ in ended.signal() }
        do {
            process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
            process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
            try process.run()
        } catch {
            throw Failure(.failure, "\(program): can't be started: \(error)\ncheck that it is a program")
        }
        ended.wait()
        if Interruption.cancellation.isCancelled { throw Failure(.interrupted, "interrupted") }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let text = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
            throw Failure(
                ExitCode(rawValue: process.terminationStatus) ?? .failure,
                "\(program) \(arguments.joined(separator: " ")): ended with \(process.terminationStatus)\n"
                    + text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return (try? String(contentsOfFile: out, encoding: .utf8)) ?? ""
    }
}

/// A folder under the system's temporary folder that is gone when `body` has ended.
func withScratchFolder<Result>(
    _ body: (String) throws(Failure) -> Result
) throws(Failure) -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("alexbench-\(UUID().uuidString)").path
    do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
        throw Failure(.failure, "no folder can be made under the temporary folder: \(error)\nfree some space there")
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

/// Two builds that run alternating on this machine: see `PairedRuns`.
struct InterleavedBuilds {
    let old: ChildRun
    let new: ChildRun
    /// The measuring command and its flags, without repeats, seed and output.
    let arguments: [String]
    let pairs: Int
    let seed: UInt64

    /// Runs all pairs; each pair has a seed of its own, from `seed` + `offset` on.
    func run(offset: UInt64 = 0, progress: (Int) -> Void) throws(Failure) -> PairedRuns {
        try withScratchFolder { (scratch: String) throws(Failure) -> PairedRuns in
            var runs = PairedRuns()
            let shared = try sharedArguments(scratch)
            for number in 1...pairs {
                let seed = seed &+ offset &+ UInt64(number - 1)
                for side in PairedRuns.order(pair: number) {
                    let build = side == .old ? old : new
                    let words = shared + ["--repeats", "\(PairedRuns.repeatsPerRun)", "--seed", "\(seed)"]
                    runs.add(try build.measure(words, scratch: scratch), side, pair: number)
                }
                progress(number)
            }
            return runs
        }
    }
    /// Observing each engine's system calls takes longer than a short run, and says nothing about its speed.
    private func sharedArguments(_ scratch: String) throws(Failure) -> [String] {
        let flag = Flags.noReceipts.label.spelling
        for build in [old, new] {
            guard try build.knows(flag, of: arguments[0], scratch: scratch) else { return arguments }
        }
        return arguments + [flag]
    }
}
