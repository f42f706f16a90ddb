import Foundation
import Testing

@testable import BenchmarkKit

/// Which commit a result names, in checkouts of a few files.
@Suite struct SourceRevisionTests {
    /// A checkout with one commit of a source, a script, a workload and a result, and a program built after it.
    private final class Checkout {
        let url: URL

        init() throws {
            var template = Array("\(FileManager.default.temporaryDirectory.path)/revision-test-XXXXXX".utf8CString)
            try #require(mkdtemp(&template) != nil)
            url = URL(
                fileURLWithPath: String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
            try git("init", "-q")
            for path in [
                "Sources/a.swift", "Sources/Setup/a.sh", "Sources/A.docc/a.md", "Workloads/a.json",
                "Results/a.json", "Package.swift",
            ] { try write("one", to: path) }
            try commit()
            try write("program", to: "program")
        }

        deinit { try? FileManager.default.removeItem(at: url) }

        func write(_ text: String, to path: String, age seconds: Double = 0) throws {
            let file = url.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000 - seconds)], ofItemAtPath: file.path)
        }

        func commit() throws {
            try git("add", "Sources", "Workloads", "Results", "Package.swift")
            try git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "test")
        }

        private func git(_ words: String...) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["git", "-C", url.path] + words
            process.standardError = FileHandle.nullDevice
            let output = Pipe()
            process.standardOutput = output
            #expect(process.runToEnd(reading: output)?.code == 0, "git \(words)")
        }

        func revision() throws -> SourceRevision {
            try #require(SourceRevision(of: url.path, program: url.appendingPathComponent("program").path))
        }
    }

    @Test func resultsScriptsAndTextsAreNoPartOfTheProgram() throws {
        let checkout = try Checkout()
        let first = try checkout.revision()
        #expect(first.commit.count == 12 && first.text == first.commit && first.warnings.isEmpty)
        for path in ["Results/a.json", "Sources/Setup/a.sh", "Sources/A.docc/a.md"] {
            try checkout.write("another", to: path, age: -100)
        }
        #expect(try checkout.revision() == first)
        try checkout.commit()
        #expect(try checkout.revision() == first)
    }

    @Test(arguments: ["Sources/a.swift", "Workloads/a.json", "Package.swift"])
    func whatTheProgramIsMadeOfIs(path: String) throws {
        let checkout = try Checkout()
        let first = try checkout.revision()
        try checkout.write("another", to: path)
        #expect(try checkout.revision().text == first.commit + "-dirty")
        try checkout.commit()
        let second = try checkout.revision()
        #expect(second.commit != first.commit && second.text == second.commit)
    }

    @Test func aProgramOlderThanItsSourcesIsFoundOut() throws {
        let checkout = try Checkout()
        // A commit made after the build: nothing differs from it, and yet the program is not of it.
        try checkout.write("another", to: "Sources/a.swift", age: -100)
        try checkout.commit()
        let moved = try checkout.revision()
        #expect(!moved.isChanged && moved.text == moved.commit + "-dirty")
        #expect(moved.warnings.first?.text.contains("older than the sources") == true)
        // A workload is read when it runs: its time tells nothing of the program.
        let other = try Checkout()
        try other.write("another", to: "Workloads/a.json", age: -100)
        try other.commit()
        #expect(try !other.revision().isNewerThanProgram)
    }

    @Test func elsewhereNothingIsClaimed() throws {
        let folder = FileManager.default.temporaryDirectory.path
        #expect(SourceRevision(of: folder + "/absent", program: "") == nil)
    }
}
