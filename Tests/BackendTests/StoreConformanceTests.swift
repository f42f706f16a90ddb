import StorageBackends
import Testing

/// What a store must do as a whole: reopen, refuse, tell the truth about itself.
@Suite("Conformance: stores")
struct StoreConformanceTests {
    static func key(_ record: UInt64) -> Int64 { BackendCase.keys.key(ofRecord: record) }

    @Test("a store that is closed and opened again has its pairs", arguments: BackendCase.all(having: .reopen))
    func reopen(_ backend: BackendCase) throws {
        let directory = try TemporaryDirectory()
        var store = try backend.open(directory)
        _ = try store.load(.inserts(200), batch: 64)
        try store.close()
        for round in 0..<UInt64(3) {
            store = try backend.open(directory)
            #expect(try store.allPairs().count == 200)
            #expect(
                try store.value(Self.key(7))
                    == Script.value(record: 7, version: UInt32(round), length: round == 0 ? 24 : 32))
            #expect(try store.remove(Self.key(round + 10)) == true)
            try store.put(Self.key(200 + round), [1])
            try store.put(Self.key(7), Script.value(record: 7, version: UInt32(round) + 1, length: 32))
            try store.close()
        }
        store = try backend.open(directory)
        for round in 0..<UInt64(3) { #expect(try store.value(Self.key(round + 10)) == nil) }
        #expect(try store.allPairs().count == 200)
        try store.close()
    }

    @Test("a second opener is refused, or the configuration says that it is allowed", arguments: BackendCase.all)
    func secondOpener(_ backend: BackendCase) throws {
        let directory = try TemporaryDirectory()
        let first = try backend.open(directory)
        try first.put(Self.key(0), [1])
        do {
            let second = try backend.open(directory)
            try second.close()
            #expect(backend.backend.configuration.contains { $0.hasPrefix("second opener: allowed") })
        } catch {
            #expect(error.kind == .locked, "\(error)")
        }
        #expect(try first.value(Self.key(0)) == [1])
        try first.close()
        // What was refused must not have left a lock behind.
        if backend.has(.reopen) { return try backend.open(directory).close() }
        let error = #expect(throws: BackendError.self) { try backend.open(directory) }
        #expect(error?.kind == .unsupported, "\(error?.message ?? "")")
    }

    @Test("a directory that holds something else is refused and left alone", arguments: BackendCase.all)
    func foreignDirectory(_ backend: BackendCase) throws {
        let directory = try TemporaryDirectory()
        try directory.write([1, 2, 3], to: "letter.txt")
        let error = #expect(throws: BackendError.self) { try backend.open(directory) }
        #expect(error?.kind == .incompatible, "\(error?.message ?? "")")
        #expect(error?.message.contains(directory.path) == true)
        #expect(try directory.names() == ["letter.txt"])
    }

    @Test("another engine's store is refused", arguments: BackendCase.all)
    func foreignStore(_ backend: BackendCase) throws {
        for other in BackendCase.all where other.format != backend.format {
            let directory = try TemporaryDirectory()
            try other.open(directory).close()
            let before = try directory.names()
            let error = #expect(throws: BackendError.self, "\(other)") { try backend.open(directory) }
            #expect(error?.kind == .incompatible, "\(error?.message ?? "")")
            #expect(try directory.names() == before)
        }
    }

    @Test("a file where the directory should be is an error that names it", arguments: BackendCase.all)
    func fileForDirectory(_ backend: BackendCase) throws {
        let directory = try TemporaryDirectory()
        try directory.write([1, 2, 3], to: "file")
        let path = directory.path + "/file"
        let options = BackendOptions(
            directory: path, durability: backend.durability, expectedRecords: 1, keys: BackendCase.keys)
        let error = #expect(throws: BackendError.self) { try backend.backend.open(options) }
        #expect(error?.kind == .io, "\(error?.message ?? "")")
        #expect(error?.message.contains(path) == true, "\(error?.message ?? "")")
        #expect(try directory.names() == ["file"])
    }

    @Test("a scan that is not declared is unsupported", arguments: BackendCase.all(lacking: .scan))
    func undeclaredScan(_ backend: BackendCase) throws {
        try backend.withStore { store in
            let error = #expect(throws: BackendError.self) { try store.pairs(from: 0, limit: 1) }
            #expect(error?.kind == .unsupported)
        }
    }

    @Test(
        "an insert out of order is unsupported where it is not declared",
        arguments: BackendCase.all(lacking: .unorderedInsert))
    func undeclaredOrder(_ backend: BackendCase) throws {
        try backend.withStore { store in
            try store.put(Self.key(0), [1])
            let error = #expect(throws: BackendError.self) { try store.put(Self.key(1000), [1]) }
            #expect(error?.kind == .unsupported)
        }
    }

    @Test("a class that is not declared is unsupported", arguments: BackendCase.built.map(BackendName.init))
    func undeclaredClass(_ backend: BackendName) throws {
        for durability in DurabilityClass.allCases where backend.descriptor.nativeSettings[durability] == nil {
            let directory = try TemporaryDirectory()
            let undeclared = BackendCase(backend: backend.descriptor, durability: durability)
            let error = #expect(throws: BackendError.self) { try undeclared.open(directory) }
            #expect(error?.kind == .unsupported, "\(undeclared)")
        }
    }

    @Test("names are unique, and each backend says what it is", arguments: BackendCase.built.map(BackendName.init))
    func receipts(_ backend: BackendName) {
        let descriptor = backend.descriptor
        #expect(BackendCase.built.filter { $0.name == descriptor.name }.count == 1)
        #expect(!descriptor.summary.isEmpty)
        #expect(descriptor.libraryVersion().contains { $0.isNumber })
        #expect(!descriptor.nativeSettings.isEmpty)
    }
}

/// A descriptor as the argument of a test.
struct BackendName: Sendable, CustomStringConvertible {
    let descriptor: BackendDescriptor
    var description: String { descriptor.name }

    init(_ descriptor: BackendDescriptor) { self.descriptor = descriptor }
}
