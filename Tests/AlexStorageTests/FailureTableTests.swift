import Foundation
import Testing

/// The table of failures in the documentation, held against the tests.
@Suite struct FailureTableTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Each of the 29 failures has a row, and each row names tests that exist.
    @Test func everyFailureHasATest() throws {
        let table = try Self.text("Sources/AlexStorage/AlexStorage.docc/Failures.md")
        var rows: [Int] = []
        for line in table.split(separator: "\n") where line.hasPrefix("| ") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, let number = Int(cells[0]) else { continue }
            rows.append(number)
            let names = cells[3].split(separator: ",").map { $0.trimmingCharacters(in: ["`", " "]) }
            #expect(!names.isEmpty, "failure \(number)")
            for name in names { try check(name, number) }
        }
        #expect(rows == Array(1...29))
    }

    private func check(_ name: String, _ row: Int) throws {
        if name.hasPrefix("torture ") {
            let option = String(name.dropFirst("torture ".count))
            #expect(
                try Self.text(".ci/run").contains("alexstorage-torture \(option)") || isBeside(option),
                "\(row): \(name)")
            return
        }
        let parts = name.split(separator: ".").map(String.init)
        try #require(parts.count == 2, "\(row): \(name)")
        let folders = ["AlexStorageTests", "AlexStorageTests/Readers", "StorageIOTests"]
        let files = folders.map { "Tests/\($0)/\(parts[0]).swift" }
        let found = files.compactMap { try? Self.text($0) }.first
        #expect(found?.contains("func \(parts[1])(") == true, "\(row): \(name) is not there")
    }

    /// An option behind another one of the same run.
    private func isBeside(_ option: String) throws -> Bool {
        try Self.text(".ci/run").split(separator: "\n").contains {
            $0.contains("alexstorage-torture") && $0.contains(" \(option) ")
        }
    }
}
