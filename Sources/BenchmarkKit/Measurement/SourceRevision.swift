import Foundation
import Glibc

/// Which sources the program was built from, as far as the checkout tells.
///
/// 1. The revision is the last commit that changed what the program is made of. A commit of results, of tests or of
///    documentation, made while a run of hours goes on, changes no program and so no revision.
/// 2. It is `-dirty` when those files differ from the commit.
/// 3. It is `-dirty` too when one of them is younger than the program: then the checkout has moved on, and which
///    sources the program was built from is not known. A program copied after that, as by `make install`, is not found
///    out: its own time is the copy's.
struct SourceRevision: Hashable {
    /// The first twelve digits of the commit.
    var commit: String
    /// Whether a file differs from it.
    var isChanged: Bool
    /// Whether a file is younger than the program.
    var isNewerThanProgram: Bool

    var text: String { commit + (isChanged || isNewerThanProgram ? "-dirty" : "") }

    /// For a result, whose reader should know that its commit is not certain.
    var warnings: [RunResult.Warning] {
        guard isNewerThanProgram else { return [] }
        return [
            RunResult.Warning(
                text: "the program is older than the sources beside it, so its commit is not known for certain",
                remedy: "build it anew: make build")
        ]
    }

    /// What the program is made of, and the workloads that it runs, as git(1) takes them.
    private static let sources = [
        "Sources", "Package.swift", ":(exclude)Sources/Setup", ":(exclude)Sources/alexstorage-torture",
        ":(exclude,glob)Sources/**/*.md",
    ]
    private static let workloads = "Workloads"

    /// Of the checkout around the running program, else around the working folder; `nil` where there is none. Read
    /// once, so that all that a process writes names the same revision.
    static let current: SourceRevision? = {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        for start in [program, FileManager.default.currentDirectoryPath] {
            if let checkout = checkout(around: start), let revision = SourceRevision(of: checkout, program: program) {
                return revision
            }
        }
        return nil
    }()

    /// - Parameters:
    ///   - checkout: A folder with a working tree of git.
    ///   - program: The program's file, whose time is looked at.
    init?(of checkout: String, program: String) {
        let all = Self.sources + [Self.workloads]
        guard let log = Self.git(["log", "-1", "--format=%H", "--"] + all, in: checkout),
            let status = Self.git(["status", "--porcelain", "--untracked-files=no", "--"] + all, in: checkout)
        else { return nil }
        let commit = log.prefix { $0.isHexDigit }.prefix(12)
        guard commit.count == 12 else { return nil }
        self.commit = String(commit)
        isChanged = !status.isEmpty
        isNewerThanProgram = Self.isAnySource(in: checkout, youngerThan: program)
    }

    private static func isAnySource(in checkout: String, youngerThan program: String) -> Bool {
        guard let built = changed(program), let list = git(["ls-files", "-z", "--"] + sources, in: checkout) else {
            return false
        }
        return list.split(separator: "\0").contains { path in
            changed("\(checkout)/\(path)").map { $0 > built } ?? false
        }
    }

    /// When the file's content changed last, in nanoseconds; `nil` where there is no such file.
    private static func changed(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    }

    private static func checkout(around path: String) -> String? {
        var url = URL(fileURLWithPath: path)
        while url.path != "/" {
            let manifest = try? String(contentsOf: url.appendingPathComponent("Package.swift"), encoding: .utf8)
            if manifest?.contains("name: \"AlexStorage\"") == true { return url.path }
            url.deleteLastPathComponent()
        }
        return nil
    }

    /// What git(1) prints, `nil` where it fails.
    private static func git(_ words: [String], in directory: String) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", directory] + words
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard let end = process.runToEnd(reading: output), end.code == 0 else { return nil }
        return String(decoding: end.output, as: UTF8.self)
    }
}
