import Foundation
import Testing

/// Compares texts with files under `Golden`. `UPDATE_GOLDEN=1 swift test` writes them anew.
enum Golden {
    static var folder: URL { URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden") }

    static func expect(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = folder.appending(path: name)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try Data(text.utf8).write(to: file)
            return
        }
        guard let data = try? Data(contentsOf: file) else {
            Issue.record("Golden/\(name) is missing: UPDATE_GOLDEN=1 writes it", sourceLocation: sourceLocation)
            return
        }
        let expected = String(decoding: data, as: UTF8.self)
        guard expected != text else { return }
        let before = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let now = text.split(separator: "\n", omittingEmptySubsequences: false)
        let line =
            zip(before, now).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            ?? min(before.count, now.count)
        Issue.record(
            """
            \(name) differs from line \(line + 1). UPDATE_GOLDEN=1 accepts this:
            expected: \(line < before.count ? String(before[line]) : "the end")
            now:      \(line < now.count ? String(now[line]) : "the end")
            """, sourceLocation: sourceLocation)
    }
}
