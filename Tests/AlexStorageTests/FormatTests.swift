import StorageIO
import Testing

@testable import AlexStorage

@Suite struct FormatTests {
    private func record(
        key: Int64, value: [UInt8], sequence: UInt64, flags: UInt64, salt: UInt64, offset: UInt64
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: LogFormat.recordBytes(valueBytes: value.count))
        bytes.withUnsafeMutableBytes { bytes in
            value.withUnsafeBytes { value in
                _ = Checksum.writeRecord(
                    at: bytes.baseAddress!, seed: Checksum.seed(salt: salt, offset: offset), key: key,
                    sequenceAndFlags: sequence << 8 | flags, value: value)
            }
        }
        return bytes
    }

    /// The bytes that `FileFormat.md` prints, in the code and in the document.
    @Test func workedExample() throws {
        let salt: UInt64 = 0x0123_4567_89AB_CDEF
        let put = record(key: 89073, value: Array("Ulm".utf8), sequence: 1, flags: 0x0D, salt: salt, offset: 4096)
        let delete = record(key: -1, value: [], sequence: 2, flags: 0x0E, salt: salt, offset: 4128)
        let expectedPut: [UInt8] = [
            0xF1, 0x5B, 0x01, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0xDA, 0xC4, 0xA2, 0x75,
            0x0D, 0x01, 0, 0, 0, 0, 0, 0, 0x55, 0x6C, 0x6D, 0, 0, 0, 0, 0,
        ]
        let expectedDelete: [UInt8] = [
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0x75, 0xA8, 0x64, 0x8F,
            0x0E, 0x02, 0, 0, 0, 0, 0, 0,
        ]
        #expect(put == expectedPut)
        #expect(delete == expectedDelete)
        #expect(Checksum.seed(salt: salt, offset: 4096) == 0x122D_6F78)
        #expect(Checksum.seed(salt: salt, offset: 4128) == 0xE921_B641)

        let source = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let document = String(
            decoding: try readFile("/" + source + "/Sources/AlexStorage/AlexStorage.docc/FileFormat.md"), as: UTF8.self)
        for bytes in [put, delete] {
            let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            for start in stride(from: 0, to: digits.count, by: 8) {
                let words = digits[start..<min(start + 8, digits.count)].joined(separator: " ")
                #expect(document.contains(words), "\(words) is not in the document")
            }
        }
    }

    /// What a store writes is what the document says, read here field by field from the files.
    @Test func filesOfAStore() throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions())
        try store.put(Array("Ulm".utf8), forKey: 89073)
        try store.putBatch([(key: 1, value: [7]), (key: .min, value: [])])
        try store.remove(1)
        try store.close()

        let manifest = try readFile(directory.path + "/MANIFEST")
        let segment = try readFile(directory.segmentPaths[0])
        #expect(try SystemFileSystem.shared.list(directory.path) == ["LOCK", "MANIFEST", "segments"])
        #expect(directory.segmentPaths == [directory.segmentsPath + "/0000000000000001.segment"])
        #expect(manifest.count == 120)
        #expect(Array(manifest[0..<16]) == Array("ALEXMANI".utf8) + [1, 0, 0, 0, 4, 3, 2, 1])
        #expect(Array(segment[0..<16]) == Array("ALEXSEGM".utf8) + [1, 0, 0, 0, 4, 3, 2, 1])
        #expect(manifest[16..<32] == segment[16..<32])
        #expect(word(manifest, 32) == 1 && word(segment, 32) == 1)
        #expect(word(manifest, 40) == 1 && word(manifest, 48) == UInt64(segment.count))
        #expect(word(manifest, 56) == 5)
        #expect((64..<112).filter { $0 % 8 == 0 }.map { word(manifest, $0) } == [0, 0, 0, 1, 0, 0])
        #expect(word(segment, 48) == 1)
        #expect(segment[56..<4088].dropFirst(0).allSatisfy { $0 == 0 })

        let salt = word(segment, 40)
        var expected = record(
            key: 89073, value: Array("Ulm".utf8), sequence: 1, flags: 0x0D, salt: salt, offset: 4096)
        expected += record(key: 1, value: [7], sequence: 2, flags: 0x05, salt: salt, offset: 4128)
        expected += record(key: .min, value: [], sequence: 3, flags: 0x09, salt: salt, offset: 4160)
        expected += record(key: 1, value: [], sequence: 4, flags: 0x0E, salt: salt, offset: 4184)
        #expect(Array(segment[4096...]) == expected)
    }

    /// A manifest with entries comes back as it was; entries that can't be, and a length other than the counts say, are
    /// damage, with a right checksum too.
    @Test func manifestEntries() throws {
        var manifest = Manifest(
            store: .random(), firstSegment: 1, mark: LogPlace(segment: 9, offset: 4200), markSequence: 77,
            isOpen: true, layoutGeneration: 5, checkpoint: 3, nextCompacted: 12)
        for id in [4, 11] as [UInt64] {
            manifest.compacted.append(
                Manifest.Compacted(
                    id: id, salt: id * 7, end: 8192, records: 40, tombstones: 2, oldestSequence: 1,
                    newestSequence: 50))
        }
        for first in [1, 5] as [UInt64] {
            manifest.retired.append(
                Manifest.Retired(
                    first: first, last: first + 2, baseSequence: first * 10, nextSequence: first * 10 + 9,
                    previousEnd: 4128, previousChecksum: 1, lastEnd: 4136, lastChecksum: .max))
        }
        #expect(try Manifest.decoded(manifest.encoded()) == manifest)
        #expect(manifest.encoded().count == 120 + 4 * 64)
        var wrong: [Manifest] = Array(repeating: manifest, count: 6)
        wrong[0].compacted.swapAt(0, 1)
        wrong[1].nextCompacted = 11
        wrong[2].compacted[1].end = 1 << 40
        wrong[3].retired[1].first = 4
        wrong[4].retired[0].nextSequence = 0
        wrong[5].compacted[0].tombstones = 41
        for manifest in wrong { #expect(throws: FormatFault.self) { try Manifest.decoded(manifest.encoded()) } }
        for length in [0, 15, 119, 120, 120 + 64, manifest.encodedBytes - 1] {
            #expect(throws: FormatFault.self) { try Manifest.decoded(Array(manifest.encoded().prefix(length))) }
        }
        var counts = manifest.encoded()
        (counts[96], counts[104]) = (255, 5)
        #expect(throws: FormatFault.self) { try Manifest.decoded(counts) }
    }

    private func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    }

    /// A record whose sequence number does not follow is none, though its checksum, salt and place are right.
    @Test(arguments: [true, false]) func sequenceMustFollow(isBatch: Bool) throws {
        let directory = try ScratchDirectory()
        let store = try AlexStore(directory: directory.path, options: tinyOptions())
        try store.put([1], forKey: 1)
        try store.putBatch([(key: 2, value: [2]), (key: 3, value: [3])])
        var image = try StoreImage(directory.path)
        let salt = word(image.files[1].bytes, 40)
        // In place of the batch's second record, or of the batch as a whole.
        let (offset, flags) = isBatch ? (4096 + 64, 0x09 as UInt64) : (4096 + 32, 0x0D)
        for (sequence, kept) in [(isBatch ? 3 : 2 as UInt64, isBatch ? 3 : 2), (7, 1), (1, 1)] {
            let bytes = record(
                key: 9, value: [9], sequence: sequence, flags: flags, salt: salt, offset: UInt64(offset))
            image.files[1].bytes.replaceSubrange(offset..<offset + 32, with: bytes)
            if !isBatch { image.files[1].bytes.replaceSubrange(4160..<4192, with: repeatElement(0, count: 32)) }
            let copy = try image.restore()
            let reopened = try AlexStore(directory: copy.path, options: tinyOptions())
            #expect(reopened.count == kept, "sequence \(sequence)")
        }
    }

    /// Headers of other programs, formats and machines are refused, and no file changes.
    @Test(arguments: ["MANIFEST", "segment"], ["magic", "newer", "endianness"])
    func foreignHeaders(file: String, kind: String) throws {
        let source = try ScratchDirectory()
        let store = try AlexStore(directory: source.path, options: tinyOptions())
        try store.put([1, 2, 3], forKey: 5)
        try store.close()
        var image = try StoreImage(source.path)
        let index = file == "MANIFEST" ? 0 : 1
        switch kind {
        case "magic": image.files[index].bytes.replaceSubrange(0..<8, with: Array("SQLite f".utf8))
        case "newer": image.files[index].bytes[8] = 2
        default: image.files[index].bytes.replaceSubrange(12..<16, with: [1, 2, 3, 4])
        }
        let directory = try image.restore()
        #expect {
            _ = try AlexStore(directory: directory.path, options: tinyOptions())
        } throws: { error in
            guard case .incompatible(let name, _) = error as? AlexStoreError else { return false }
            return name.hasSuffix(image.files[index].name)
        }
        let after = try StoreImage(directory.path)
        #expect(after.files.map(\.bytes) == image.files.map(\.bytes))
        #expect(after.files.map(\.name) == image.files.map(\.name))
    }

    /// A directory with other things in it is refused, and nothing is made there.
    @Test func foreignDirectory() throws {
        let directory = try ScratchDirectory()
        try writeFile(directory.path + "/notes.txt", [65])
        #expect {
            _ = try AlexStore(directory: directory.path)
        } throws: { error in
            guard case .incompatible(let name, let reason) = error as? AlexStoreError else { return false }
            return name == directory.path && reason.contains("notes.txt")
        }
        #expect(try SystemFileSystem.shared.list(directory.path) == ["notes.txt"])
    }

    /// A segment of another store, under another number, or gone, is named.
    @Test func foreignSegments() throws {
        let first = try ScratchDirectory()
        let second = try ScratchDirectory()
        for directory in [first, second] {
            let store = try AlexStore(directory: directory.path, options: tinyOptions(segmentBytes: 8192))
            for key in 0..<200 as Range<Int64> { try store.put([UInt8](repeating: 1, count: 100), forKey: key) }
            try store.close()
        }
        let image = try StoreImage(first.path)
        let other = try StoreImage(second.path)
        #expect(image.files.count > 5)
        var swapped = image
        (swapped.files[2].bytes, swapped.files[3].bytes) = (image.files[3].bytes, image.files[2].bytes)
        var foreign = image
        foreign.files[2].bytes = other.files[2].bytes
        for damaged in [swapped, foreign] {
            let directory = try damaged.restore()
            #expect {
                _ = try AlexStore(directory: directory.path, options: tinyOptions())
            } throws: { error in
                guard case .incompatible(let name, _) = error as? AlexStoreError else { return false }
                return name.hasSuffix(image.files[2].name)
            }
        }
        for index in 1..<image.files.count {
            var missing = image
            missing.files.remove(at: index)
            let directory = try missing.restore()
            #expect {
                _ = try AlexStore(directory: directory.path, options: tinyOptions())
            } throws: { error in
                guard case .damaged(let name, 0, _) = error as? AlexStoreError else { return false }
                return name.hasSuffix(image.files[index].name)
            }
        }
    }
}
