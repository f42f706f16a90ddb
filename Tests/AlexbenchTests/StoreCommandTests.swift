import Foundation
import Testing

@testable import AlexStorage
@testable import alexbench

/// `alexbench store` on stores that are sound, damaged, open, and none.
@Suite(.serialized) struct StoreCommandTests {
    private func made(_ scratch: ScratchFolder, _ name: String = "store") throws -> String {
        let path = scratch.path(name)
        let store = try AlexStore(directory: path)
        for key in -5..<95 as Range<Int64> { try store.put(Array("value \(key)".utf8), forKey: key) }
        try store.remove(3)
        try store.close()
        return path
    }

    private func damage(_ store: String) throws {
        let path = store + "/segments/0000000000000001.segment"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[4096 + 40 * 10 + 26] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    private func run(_ words: String...) throws -> ChildProcess { try ChildProcess.run(["store"] + words) }

    @Test func statsAndVerify() throws {
        let scratch = try ScratchFolder()
        let store = try made(scratch)
        let stats = try run("stats", store)
        #expect(stats.code == 0, "\(stats.errors)")
        #expect(stats.output.hasPrefix("keys                 99\nsegments             1\n"), "\(stats.output)")
        let csv = try run("stats", store, "--format", "csv")
        #expect(csv.output.hasPrefix("name,value\r\nkeys,99\r\n"))
        let json = try run("verify", store, "--format=json")
        #expect(json.code == 0)
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(object?["sound"] as? Bool == true && object?["keys"] as? Int == 99 && object?["records"] as? Int == 101)
    }

    @Test func damagedStore() throws {
        let scratch = try ScratchFolder()
        let store = try made(scratch)
        try damage(store)
        for action in ["stats", "verify", "dump"] {
            let ended = try run(action, store)
            #expect(ended.code == 4, "\(action): \(ended.errors)")
            #expect(ended.errors.contains("store salvage \(store) TARGET"), "\(ended.errors)")
        }
        #expect(try run("backup", store, scratch.path("copy")).code == 4)
        let saved = try run("salvage", store, scratch.path("saved"), "--format", "json")
        #expect(saved.code == 4, "\(saved.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(saved.output.utf8)) as? [String: Any]
        #expect(object?["keys"] as? Int == 98 && object?["sound"] as? Bool == false, "\(saved.output)")
        #expect(try run("verify", scratch.path("saved")).code == 0)
        #expect(try run("verify", store).code == 4)
    }

    @Test func backupAndSalvage() throws {
        let scratch = try ScratchFolder()
        let store = try made(scratch)
        for action in ["backup", "salvage"] {
            let target = scratch.path(action)
            let ended = try run(action, store, target)
            #expect(ended.code == 0, "\(ended.errors)")
            #expect(try run("dump", target).output == run("dump", store).output)
            let again = try run(action, store, target)
            #expect(again.code == 1)
            #expect(again.errors.contains("name an empty or a new directory"), "\(again.errors)")
        }
    }

    @Test func compact() throws {
        let scratch = try ScratchFolder()
        let store = try made(scratch)
        let before = try run("dump", store)
        let ended = try run("compact", store, "--format", "csv")
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(ended.output.contains("records_superseded,1\r\n"), "\(ended.output)")
        #expect(ended.output.contains("keys,99\r\n"))
        #expect(try run("verify", store).code == 0)
        #expect(try run("dump", store).output == before.output)
    }

    /// Ctrl-C ends a check and a compaction with 130, and leaves the store whole and closed.
    @Test(arguments: ["verify", "compact"]) func interruption(action: String) throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("store")
        let store = try AlexStore(directory: path)
        for key in 0..<200_000 as Range<Int64> { try store.put(Array(repeating: 7, count: 300), forKey: key % 150_000) }
        try store.close()
        let started = try ChildProcess.start(["store", action, path])
        // It listens before it opens the store: once that is locked it is at work.
        let descriptors = "/proc/\(started.process.processIdentifier)/fd"
        for _ in 0..<5000 {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: descriptors)) ?? []
            let targets = names.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\($0)")
            }
            if targets.contains(where: { $0.hasSuffix("/LOCK") }) { break }
            usleep(1000)
        }
        kill(started.process.processIdentifier, SIGINT)
        let ended = try started.finish()
        #expect(ended.code == 130, "\(ended.errors)")
        #expect(ended.errors.contains("the store is as it was"), "\(ended.errors)")
        let reopened = try AlexStore(directory: path)
        #expect(reopened.recovery.wasClean && reopened.count == 150_000)
        #expect(try reopened.verify().isSound)
        try reopened.close()
    }

    @Test func dump() throws {
        let scratch = try ScratchFolder()
        let store = try made(scratch)
        let all = try run("dump", store)
        #expect(all.code == 0, "\(all.errors)")
        let lines = all.output.components(separatedBy: "\r\n")
        #expect(
            lines.count == 101 && lines[0] == "key,value" && lines[1] == "-5,76616c7565202d35", "\(lines.prefix(3))")
        let some = try run("dump", store, "--from", "-2", "--to", "50", "--limit", "2", "--format", "json")
        #expect(
            some.output == "{\"key\":-2,\"value\":\"76616c7565202d32\"}\n{\"key\":-1,\"value\":\"76616c7565202d31\"}\n")
        let text = try run("dump", store, "--from=94", "--encoding", "base64", "--format", "text")
        #expect(text.output == "94\tdmFsdWUgOTQ=\n")
        let file = scratch.path("dump.csv")
        #expect(try run("dump", store, "--output", file).code == 0)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == all.output)
    }

    /// What is no store is not made one, and is told apart from wrong words.
    @Test func refusals() throws {
        let scratch = try ScratchFolder()
        let store = try made(scratch)
        for action in ["stats", "verify", "dump"] {
            let none = try run(action, scratch.path("nowhere"))
            #expect(none.code == 1)
            #expect(none.errors.contains("is no store of AlexStorage"), "\(none.errors)")
            #expect(!FileManager.default.fileExists(atPath: scratch.path("nowhere")))
        }
        #expect(try run("salvage", scratch.url.path, scratch.path("x")).errors.contains("it is no store"))
        let open = try AlexStore(directory: store)
        for words in [["stats"], ["salvage", scratch.path("y")]] {
            let locked = try ChildProcess.run(["store", words[0], store] + words.dropFirst())
            #expect(locked.code == 1)
            #expect(locked.errors.contains("is open already"), "\(locked.errors)")
        }
        try open.close()
        for (words, message) in [
            (["store", "stat", store], "did you mean stats?"), (["store", "stats"], "needs"),
            (["store", "stats", store, "x"], "takes no second directory"),
            (["store", "backup", store], "needs a second directory"),
            (["store", "stats", store, "--from", "1"], "is a flag of store dump"),
            (["store", "dump", store, "--from", "x"], "is no key"),
            (["store", "dump", store, "--from", "2", "--to", "1"], "lies beyond"),
        ] {
            let ended = try ChildProcess.run(words)
            #expect(ended.code == 64, "\(words): \(ended.errors)")
            #expect(ended.errors.contains(message), "\(words): \(ended.errors)")
        }
    }
}
