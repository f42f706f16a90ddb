import Foundation

/// `alexbench` as a child process: what it printed and how it ended.
struct ChildProcess {
    let output: String
    let errors: String
    let code: Int32

    /// The executable beside the test bundle.
    static var executable: URL {
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        var folder = tests.deletingLastPathComponent()
        for _ in 0..<4 {
            let candidate = folder.appendingPathComponent("alexbench")
            if FileManager.default.isExecutableFile(atPath: candidate.path), !isFolder(candidate) { return candidate }
            folder = folder.deletingLastPathComponent()
        }
        return tests
    }

    /// Runs the program to its end.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], in folder: URL? = nil,
        executable: URL = executable
    ) throws -> ChildProcess {
        let started = try start(arguments, environment: environment, in: folder, executable: executable)
        return try started.finish()
    }

    /// A program that runs.
    struct Started {
        let process: Process
        let scratch: ScratchFolder

        /// Waits for the end, at most `seconds`: a program that hangs is killed, and its exit code shows it.
        func finish(seconds: Double = 120) throws -> ChildProcess {
            let deadline = Date(timeIntervalSinceNow: seconds)
            while process.isRunning, Date() < deadline { usleep(2000) }
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
            return ChildProcess(
                output: try scratch.text(of: "stdout"), errors: try scratch.text(of: "stderr"),
                code: process.terminationStatus)
        }
    }

    /// Starts the program; its output goes to files, so that no full pipe can hold it up.
    static func start(
        _ arguments: [String], environment: [String: String] = [:], in folder: URL? = nil,
        executable: URL = executable
    ) throws -> Started {
        let scratch = try ScratchFolder()
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.currentDirectoryURL = folder ?? scratch.url
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try scratch.newFile("stdout")
        process.standardError = try scratch.newFile("stderr")
        try process.run()
        return Started(process: process, scratch: scratch)
    }

    private static func isFolder(_ url: URL) -> Bool {
        (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory ?? false
    }
}

/// A folder of its own under the system's temporary folder, gone with its last owner.
final class ScratchFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("alexbench-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func newFile(_ name: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: path(name), contents: nil)
        return try FileHandle(forWritingTo: url.appendingPathComponent(name))
    }

    func text(of name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
    }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: url.appendingPathComponent(name))
        return path(name)
    }
}
