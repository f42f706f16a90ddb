import Foundation
import StorageBackends
import Testing

@testable import BenchmarkKit

@Suite struct KeyFileTests {
    static func data(_ keys: [UInt64], count: UInt64? = nil) -> Data {
        var data = Data()
        for word in [count ?? UInt64(keys.count)] + keys {
            withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
        }
        return data
    }

    @Test func keysAreSortedSignedAndDistinct() throws {
        let file = try KeyFile(path: "k", data: Self.data([5, .max, 0, 1 << 63, 5, 5]))
        #expect(Array(file.sortedKeys) == [.min, .min + 5, 0, .max])
        #expect(file.count == 4 && file.duplicates == 2)
        #expect(try KeyFile(path: "k", data: Self.data([7])).count == 1)
    }

    @Test func damagedFilesAreRefused() {
        let remedy = "a file of keys is a 64-bit count and so many 64-bit keys, little-endian, as SOSD has them"
        let cases: [(Data, String)] = [
            (Data([1, 2, 3]), "k: it has 3 bytes, too few for the count of its keys: \(remedy)"),
            (Self.data([]), "k: it counts no keys: \(remedy)"),
            (
                Self.data([1, 2], count: 3),
                "k: its first word counts 3 keys, so it should have 32 bytes, and it has 24: get the whole file again; "
                    + remedy
            ),
            (
                Self.data([1, 2], count: 1),
                "k: its first word counts 1 keys, so it should have 16 bytes, and it has 24: get the whole file again; "
                    + remedy
            ),
            (
                Self.data([1], count: .max),
                "k: its first word counts 18446744073709551615 keys, so it should have far more bytes, and it has 16: "
                    + "get the whole file again; \(remedy)"
            ),
        ]
        for (data, message) in cases {
            #expect(throws: RunError(.invalid, message)) { try KeyFile(path: "k", data: data) }
        }
        #expect(throws: RunError(.invalid, "/no/keys: the file of keys is not there: check the path")) {
            try KeyFile(contentsOf: "/no/keys", named: "keys")
        }
    }

    @Test func aWorkloadFileNamesItsFilesBesidesIt() throws {
        let folder = NSTemporaryDirectory() + "/workload-test-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.data((0..<100).map { $0 * 3 }).write(to: URL(fileURLWithPath: folder + "/keys.uint64"))
        try Data("10,1\n20,1\n".utf8).write(to: URL(fileURLWithPath: folder + "/sizes.csv"))
        let json = """
            { "name": "w", "records": 20, "keys": { "file": "keys.uint64", "order": "ordered" },
              "value_bytes": "file:sizes.csv", "load": { "row": "load", "batch_records": 10 },
              "phases": [ { "name": "p", "operations": 30, "mix_percent": { "read": 50, "insert": 30, "scan": 20 } } ] }
            """
        let workload = try Workload(json: Data(json.utf8), file: folder + "/w.json")
        #expect(workload.keyFile?.count == 100 && workload.keys == .ordered && workload.valueBytes == 15)
        #expect(workload.valueBytesLargest == 20)
        #expect(try Workload(json: workload.json(), file: folder + "/w.json") == workload)
        let stream = OperationStream(workload, seed: 1, countLimit: 100)
        #expect(stream.inserts(50).operations.map(\.key) == (0..<50).map { Int64.min + $0 * 3 })
        #expect(stream.keys.record(ofKey: .min + 3) == 1)

        var larger = workload
        larger.records = 101
        #expect(throws: RunError.self) { try larger.check() }
        larger.records = 90
        try larger.check()
        #expect(throws: RunError.self) { try larger.checkKeys(warmUp: 30) }
        try workload.checkKeys(warmUp: 0)
    }
}
