import Foundation
import Testing

/// The style of the sources, as far as a program can tell.
@Suite struct TidyTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A source file: its path inside the package, and its lines.
    struct Source {
        let path: String
        let lines: [String]
        var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ").map(String.init)
                guard let place = words.firstIndex(of: "import"), place < 3, place + 1 < words.count else { return nil }
                let isImport = words[..<place].allSatisfy {
                    ["public", "internal", "package", "@testable"].contains($0)
                }
                return isImport ? words[place + 1] : nil
            }
        }
    }

    private static func sources(in folders: [String], endings: [String]) throws -> [Source] {
        var sources: [Source] = []
        for folder in folders {
            let names = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
            for case let name as String in try #require(names)
            where endings.contains(where: { name.hasSuffix(".\($0)") }) {
                let path = "\(folder)/\(name)"
                let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
                sources.append(Source(path: path, lines: text.components(separatedBy: "\n")))
            }
        }
        return sources
    }

    @Test func everyFolderIsOnTheMap() throws {
        let map = try String(contentsOf: Self.root.appendingPathComponent("Sources/README.md"), encoding: .utf8)
        let rows = map.components(separatedBy: "\n").filter { $0.hasPrefix("| `") }
        let mapped = Set(
            rows.flatMap { $0.components(separatedBy: " | ")[0].components(separatedBy: "`") }
                .filter { $0.first?.isLetter ?? false })
        let sources = try Self.sources(in: ["Sources"], endings: ["swift", "c", "h", "sh"])
        let folders = Set(
            sources.map { source -> String in
                let parts = source.path.split(separator: "/").dropFirst().dropLast().filter { $0 != "include" }
                return parts.prefix(2).joined(separator: "/")
            })
        #expect(folders.count > 10)
        #expect(folders.subtracting(mapped).sorted() == [], "absent from Sources/README.md")
        let unknown = mapped.filter { name in !folders.contains { $0 == name || $0.hasPrefix("\(name)/") } }
        #expect(unknown.sorted() == [], "on the map and not there")
    }

    /// Setting the clock can't hurt a store that never asks for the time of day.
    @Test func engineReadsNoTimeOfDay() throws {
        let words = ["CLOCK_REALTIME", "gettimeofday", "Date(", "time(nil)", "time(NULL)", "st_mtim"]
        let folders = ["AlexStorage", "LearnedIndex", "StorageIO", "CStorageIO", "CIntrinsics"].map { "Sources/\($0)" }
        for source in try Self.sources(in: folders, endings: ["swift", "c", "h"]) {
            let found = words.filter { word in source.lines.contains { $0.contains(word) } }
            #expect(found == [], "\(source.path)")
        }
    }

    @Test func importsPointDown() throws {
        let engines = ["AlexStorage", "LearnedIndex", "CRocksDB", "CRocksDBReader", "CSQLite", "CLMDB", "CIndexPeers"]
        let adapters = [
            "AlexStorageBackend", "FloorBackends", "RocksDBBackend", "SQLiteBackend", "LMDBBackend", "IndexBackends",
            "AlexPhaseBackend",
        ]
        let forbidden: [String: [String]] = [
            "BenchmarkKit": engines + adapters + ["StorageIO"],
            "StorageBackends": engines + adapters + ["StorageIO", "BenchmarkKit"],
            "AlexStorage": adapters + ["BenchmarkKit", "StorageBackends", "Foundation"],
            "LearnedIndex": adapters + [
                "BenchmarkKit", "StorageBackends", "AlexStorage", "StorageIO", "Foundation", "Glibc",
            ],
            "StorageIO": adapters + ["BenchmarkKit", "StorageBackends", "AlexStorage", "LearnedIndex"],
        ]
        let sources = try Self.sources(in: ["Sources"], endings: ["swift"])
        for source in sources {
            let wrong = source.imports.filter { forbidden[source.target, default: []].contains($0) }
            #expect(wrong == [], "\(source.path)")
        }
        #expect(sources.contains { $0.imports.contains("BenchmarkKit") }, "no import was found at all")
    }

    /// The executables alone print and exit.
    @Test func onlyTheCommandLinePrints() throws {
        let executables = ["alexbench", "alexstorage-torture"]
        for source in try Self.sources(in: ["Sources"], endings: ["swift"])
        where !executables.contains(source.target) {
            for (number, line) in source.lines.enumerated() {
                let code = line.trimmingCharacters(in: .whitespaces)
                let talks = ["print(", "exit(", "debugPrint("].contains { code.hasPrefix($0) }
                #expect(!talks, "\(source.path):\(number + 1)")
            }
        }
    }

    @Test func linesAreShort() throws {
        let sources = try Self.sources(in: ["Sources", "Tests"], endings: ["swift", "c", "h", "sh", "cpp"])
        for source in sources {
            for (number, line) in source.lines.enumerated() where line.count > 120 {
                Issue.record("\(source.path):\(number + 1) has \(line.count) columns")
            }
        }
    }

    /// Nothing is left for later without an issue.
    @Test func nothingIsLeftUnfinished() throws {
        // Put together here, so that this file passes its own test.
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "place" + "holder", "st" + "ub"]
        let sources = try Self.sources(
            in: ["Sources", "Tests"], endings: ["swift", "c", "h", "sh", "cpp", "md"])
        for source in sources {
            for (number, line) in source.lines.enumerated() {
                let found = words.filter { word in
                    line.components(separatedBy: CharacterSet.alphanumerics.inverted).contains {
                        $0 == word || $0.lowercased() == word
                    }
                }
                #expect(found == [], "\(source.path):\(number + 1)")
            }
        }
    }
}
