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
        try beginMeasuring(arguments, scratch: scratch).result()
    }

    /// Starts a measuring command, whose files go to the folder `scratch`.
    func beginMeasuring(
        _ arguments: [String], scratch: String, onEnd: @escaping @Sendable () -> Void = {}
    ) throws(Failure) -> RunningChild {
        let path = "\(scratch)/result.json"
        let words = arguments + ownArguments + ["--no-progress", "--format", "json", "--output", path]
        return try RunningChild(program, words, scratch: scratch, resultPath: path, onEnd: onEnd)
    }

    /// Starts the program with just these words.
    func begin(
        _ arguments: [String], scratch: String, onEnd: @escaping @Sendable () -> Void
    ) throws(Failure) -> RunningChild {
        try RunningChild(program, arguments, scratch: scratch, resultPath: "", onEnd: onEnd)
    }

    /// Whether the command of this build has a flag: an older one may not.
    func knows(_ flag: String, of command: String, scratch: String) throws(Failure) -> Bool {
        try output(of: ["help", command], scratch: scratch).contains(flag)
    }

    /// Runs the program to its end and returns its standard output.
    func output(of arguments: [String], scratch: String) throws(Failure) -> String {
        try RunningChild(program, arguments, scratch: scratch, resultPath: "").output()
    }
}

/// A child process under way.
final class RunningChild {
    private let process = Process()
    private let ended = DispatchSemaphore(value: 0)
    private let call: String
    private let out: String
    private let errors: String
    private let resultPath: String

    /// - Parameters:
    ///   - scratch: A folder for what it prints; one child at a time.
    ///   - onEnd: Called once it has ended, on another thread.
    init(
        _ program: String, _ arguments: [String], scratch: String, resultPath: String,
        onEnd: @escaping @Sendable () -> Void = {}
    ) throws(Failure) {
        call = ([program] + arguments).joined(separator: " ")
        (out, errors) = ("\(scratch)/stdout", "\(scratch)/stderr")
        self.resultPath = resultPath
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        for path in [out, errors] where !FileManager.default.createFile(atPath: path, contents: nil) {
            throw Failure(.failure, "\(path): can't be made: \(Console.systemMessage(errno))\nfree some space there")
        }
        // The handler, as waiting by a run loop notices the end up to 50 ms late.
        let ended = ended
        process.terminationHandler = { _ in
            onEnd()
            ended.signal()
        }
        do {
            let outHandle = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
            let errorsHandle = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
            (process.standardOutput, process.standardError) = (outHandle, errorsHandle)
            try process.run()
            // The child has its own; these would stay open as long as the object, which outlives the process.
            try outHandle.close()
            try errorsHandle.close()
        } catch {
            throw Failure(.failure, "\(program): can't be started: \(error)\ncheck that it is a program")
        }
    }

    /// Waits for the end and returns what it printed. Once.
    func output() throws(Failure) -> String {
        ended.wait()
        if Interruption.cancellation.isCancelled { throw Failure(.interrupted, "interrupted") }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let text = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
            throw Failure(
                ExitCode(rawValue: process.terminationStatus) ?? .failure,
                "\(call): ended with \(process.terminationStatus)\n"
                    + text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return (try? String(contentsOfFile: out, encoding: .utf8)) ?? ""
    }

    /// Waits for the end and reads the result.
    func result() throws(Failure) -> RunResult {
        _ = try output()
        let result = try ResultFile.read(resultPath, missing: .failure)
        try? FileManager.default.removeItem(atPath: resultPath)
        return result
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
