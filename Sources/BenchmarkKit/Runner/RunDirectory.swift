import Foundation
import Glibc

/// The folder that holds the stores of a run: made fresh, emptied repeat by repeat, gone at the end.
struct RunDirectory {
    let path: String
    /// Whether the run made the folder itself, and so removes it.
    private let isOwn: Bool

    /// The system's temporary folder, where stores go unless a directory is named.
    static var temporary: String { FileManager.default.temporaryDirectory.path }

    /// Makes the folder, or takes an empty one.
    /// - Parameter named: `nil` for a fresh folder under the system's temporary folder.
    init(named: String?) throws(RunError) {
        guard let named else {
            var template = Array("\(Self.temporary)/alexbench-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else {
                throw RunError(
                    .environment,
                    "no folder can be made under the temporary folder \(Self.temporary) (\(Self.reason)): free it, or "
                        + "name another with --directory")
            }
            path = template.withUnsafeBufferPointer {
                String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
            isOwn = true
            return
        }
        try Self.check(named)
        path = named
        isOwn = !FileManager.default.fileExists(atPath: named)
        guard isOwn else { return }
        do {
            try FileManager.default.createDirectory(atPath: named, withIntermediateDirectories: true)
        } catch {
            throw RunError(
                .environment, "the directory \(named) can't be made (\(Self.reason)): name another with --directory")
        }
    }

    /// Refuses a directory that is a file, not empty or not writable. One that is absent will be made.
    static func check(_ directory: String) throws(RunError) {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: directory, isDirectory: &isFolder)
        guard exists else {
            let parent = FileSystemProbe.existingParent(of: directory)
            guard access(parent, W_OK) == 0 else {
                throw RunError(
                    .environment,
                    "the directory \(directory) can't be made, for \(parent) is not writable: "
                        + "name another with --directory"
                )
            }
            return
        }
        guard isFolder.boolValue else {
            throw RunError(
                .environment, "the directory \(directory) is a file: name an empty or new one with --directory")
        }
        guard access(directory, W_OK | X_OK) == 0 else {
            throw RunError(
                .environment, "the directory \(directory) is not writable: name another with --directory")
        }
        let content = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        if let first = content.min() {
            throw RunError(
                .environment,
                "the directory \(directory) is not empty, it holds \(first): name an empty or new one with --directory")
        }
    }

    /// Makes a store's folder inside.
    func makeStore(_ name: String) throws(RunError) -> String {
        let store = "\(path)/\(name)"
        guard (try? FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)) != nil else {
            throw RunError(.environment, "a store's folder can't be made in \(path) (\(Self.reason)): free space there")
        }
        return store
    }

    /// Removes all that is inside.
    func removeContent() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
    }

    /// Removes all that the run made.
    func remove() {
        removeContent()
        if isOwn { try? FileManager.default.removeItem(atPath: path) }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
