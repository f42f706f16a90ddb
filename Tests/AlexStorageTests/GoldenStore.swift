import StorageIO
import Testing

@testable import AlexStorage

/// A store as text: each file with its length, then the rows of 32 bytes that are not all zeros, with their offsets.
struct GoldenStore {
    var files: [(name: String, bytes: [UInt8])] = []

    private static let rowBytes = 32

    private static func hex(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(digits - text.count, 0)) + text
    }

    /// All files of a store but its lock.
    init(directory: String) throws {
        for folder in ["", "segments/", "checkpoint/"] {
            for name in (try? SystemFileSystem.shared.list(directory + "/" + folder)) ?? []
            where name == Manifest.name || !folder.isEmpty {
                files.append((folder + name, try readFile(directory + "/" + folder + name)))
            }
        }
    }

    init(text: String) throws {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.count == 3, words[0] == "file", let count = Int(words[2]) {
                files.append((words[1], [UInt8](repeating: 0, count: count)))
                continue
            }
            guard words.count == 2, let offset = Int(words[0], radix: 16), let last = files.indices.last else {
                throw StorageIOError(call: "read", name: line.description, code: 0)
            }
            let digits = Array(words[1].utf8)
            for at in stride(from: 0, to: digits.count, by: 2) {
                let byte = try #require(UInt8(String(decoding: digits[at..<(at + 2)], as: UTF8.self), radix: 16))
                files[last].bytes[offset + at / 2] = byte
            }
        }
    }

    var text: String {
        var lines: [String] = []
        for file in files {
            lines.append("file \(file.name) \(file.bytes.count)")
            for offset in stride(from: 0, to: file.bytes.count, by: Self.rowBytes) {
                let row = file.bytes[offset..<min(offset + Self.rowBytes, file.bytes.count)]
                if row.allSatisfy({ $0 == 0 }) { continue }
                lines.append(Self.hex(offset, digits: 6) + " " + row.map { Self.hex(Int($0), digits: 2) }.joined())
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Writes the files into a new directory.
    func restore() throws -> ScratchDirectory {
        let directory = try ScratchDirectory()
        for folder in ["segments", "checkpoint"] {
            try SystemFileSystem.shared.makeDirectory(directory.path + "/" + folder)
        }
        for file in files { try writeFile(directory.path + "/" + file.name, file.bytes) }
        return directory
    }
}
