import AlexStorage
import StorageIO
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A fresh directory, removed with everything in it at the end of the test.
final class ScratchDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/alexstorage-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StorageIOError(call: "mkdtemp", name: "/tmp", code: errno) }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit { Self.removeTree(path) }

    var segmentsPath: String { path + "/segments" }

    /// The paths of the segment files, in the order of their numbers.
    var segmentPaths: [String] {
        ((try? SystemFileSystem.shared.list(segmentsPath)) ?? []).map { segmentsPath + "/" + $0 }
    }

    static func removeTree(_ path: String) {
        if let names = try? SystemFileSystem.shared.list(path) {
            for name in names { removeTree(path + "/" + name) }
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}

func readFile(_ path: String) throws -> [UInt8] {
    let file = try SystemFileSystem.shared.open(path, .read)
    defer { file.close() }
    var bytes = [UInt8](repeating: 0, count: try file.size())
    _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
    return bytes
}

func writeFile(_ path: String, _ bytes: [UInt8]) throws {
    let file = try SystemFileSystem.shared.open(path, .replace)
    defer { file.close() }
    try bytes.withUnsafeBytes { try file.write($0, at: 0) }
}

/// The files of a store, to be put back as often as a test needs them.
struct StoreImage {
    var files: [(name: String, bytes: [UInt8])]

    /// - Parameter withCheckpoint: Whether it is one of the files.
    init(_ directory: String, withCheckpoint: Bool = false) throws {
        files = []
        for name in ["MANIFEST"] { files.append((name, try readFile(directory + "/" + name))) }
        for folder in withCheckpoint ? ["segments", "checkpoint"] : ["segments"] {
            for name in try SystemFileSystem.shared.list(directory + "/" + folder) {
                files.append((folder + "/" + name, try readFile(directory + "/" + folder + "/" + name)))
            }
        }
    }

    /// Writes the files into a new directory.
    func restore() throws -> ScratchDirectory {
        let directory = try ScratchDirectory()
        try SystemFileSystem.shared.makeDirectory(directory.segmentsPath)
        try SystemFileSystem.shared.makeDirectory(directory.path + "/checkpoint")
        for file in files { try writeFile(directory.path + "/" + file.name, file.bytes) }
        return directory
    }
}

/// SplitMix64 (Steele et al., OOPSLA 2014): a seed gives the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

/// Small segments and steps, nothing in the background.
func tinyOptions(segmentBytes: Int = 16 << 10) -> AlexStoreOptions {
    var options = AlexStoreOptions()
    options.segmentBytesLimit = segmentBytes
    options.growthStepBytes = 4096
    options.growsInBackground = false
    options.addressSpaceBytes = 4 << 30
    return options
}

/// Opens, runs and leaves the store as a crash would: without closing it.
func withCrashingStore<Result>(
    _ directory: String, _ options: AlexStoreOptions, _ body: (AlexStore) throws -> Result
) throws -> Result {
    let store = try AlexStore(directory: directory, options: options)
    return try body(store)
}

extension AlexStore {
    /// Everything in it, in the order of the keys.
    func contents() throws -> [(key: Int64, value: [UInt8])] {
        var pairs: [(key: Int64, value: [UInt8])] = []
        try scan { key, value in
            pairs.append((key, Array(value)))
            return true
        }
        return pairs
    }
}
