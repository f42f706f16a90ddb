import Foundation
import StorageBackends

/// The keys of a file in the form of the SOSD benchmark (Marcus et al., VLDB 2020): a count, then so many keys, all of
/// them 64-bit unsigned little-endian words.
///
/// A key becomes signed by turning its highest bit, which keeps the order. Duplicates are dropped. The keys stay in
/// memory, sorted, 8 bytes each, as long as this lives: a `KeyMapping` over them does not keep it alive.
public final class KeyFile: @unchecked Sendable, Hashable {
    /// The file as the user named it.
    public let path: String
    /// Keys that were dropped, for each was there before.
    public let duplicates: UInt64
    // Safe to share: written by the initialiser alone.
    private let keys: UnsafeMutableBufferPointer<Int64>
    private let distinct: Int

    /// The keys, ascending, none twice.
    public var sortedKeys: UnsafeBufferPointer<Int64> { UnsafeBufferPointer(rebasing: keys[..<distinct]) }
    public var count: UInt64 { UInt64(distinct) }

    /// - Parameter data: The whole file.
    public init(path: String, data: Data) throws(RunError) {
        self.path = path
        let remedy = "a file of keys is a 64-bit count and so many 64-bit keys, little-endian, as SOSD has them"
        guard data.count >= 8 else {
            throw RunError(
                .invalid, "\(path): it has \(data.count) bytes, too few for the count of its keys: \(remedy)")
        }
        let stated = data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        let (words, overflow) = stated.multipliedReportingOverflow(by: 8)
        guard !overflow, words < .max - 8, words + 8 == UInt64(data.count) else {
            let expected = overflow || words >= .max - 8 ? "far more" : "\(words + 8)"
            throw RunError(
                .invalid,
                "\(path): its first word counts \(stated) keys, so it should have \(expected) bytes, and it has "
                    + "\(data.count): get the whole file again; \(remedy)")
        }
        guard stated > 0 else { throw RunError(.invalid, "\(path): it counts no keys: \(remedy)") }
        keys = .allocate(capacity: Int(stated))
        data.withUnsafeBytes { [keys] bytes in
            for index in 0..<Int(stated) {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 + 8 * index, as: UInt64.self))
                keys.initializeElement(at: index, to: Int64(bitPattern: word ^ (1 << 63)))
            }
        }
        distinct = Self.sortDistinct(keys)
        duplicates = stated - UInt64(distinct)
    }

    deinit { keys.deallocate() }

    /// Sorts the keys and moves the distinct ones to the front. Returns how many there are.
    private static func sortDistinct(_ keys: UnsafeMutableBufferPointer<Int64>) -> Int {
        var isSorted = true
        for index in 1..<max(keys.count, 1) where keys[index - 1] > keys[index] {
            isSorted = false
            break
        }
        if !isSorted {
            var view = keys
            view.sort()
        }
        var distinct = 1
        for index in 1..<max(keys.count, 1) where keys[index] != keys[distinct - 1] {
            keys[distinct] = keys[index]
            distinct += 1
        }
        return distinct
    }

    /// Equal where path and keys are.
    public static func == (left: KeyFile, right: KeyFile) -> Bool {
        left === right || (left.path == right.path && left.sortedKeys.elementsEqual(right.sortedKeys))
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(path)
        hasher.combine(distinct)
    }
}

extension KeyFile {
    /// Reads the file.
    public convenience init(contentsOf file: String, named path: String) throws(RunError) {
        try self.init(path: path, data: try WorkloadFiles.contents(of: file, what: "file of keys"))
    }
}

/// The files that a workload names.
enum WorkloadFiles {
    /// Reads a file, or says why not.
    static func contents(of file: String, what: String) throws(RunError) -> Data {
        do {
            return try Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe)
        } catch {
            let reason = FileManager.default.fileExists(atPath: file) ? "can't be read" : "is not there"
            throw RunError(.invalid, "\(file): the \(what) \(reason): check the path")
        }
    }

    /// The way to a file that a workload file names: from that file's folder, unless it begins at the root.
    static func path(_ named: String, besides file: String) -> String {
        guard !named.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return named }
        return String(file[...slash]) + named
    }
}
