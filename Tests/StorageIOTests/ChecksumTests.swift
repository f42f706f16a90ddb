import CStorageIO
import StorageIO
import Testing

@Suite struct ChecksumTests {
    /// Bit by bit, as the polynomial is defined: too simple to be wrong.
    private func reference(_ start: UInt32, _ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc = start
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        return crc
    }

    @Test func knownAnswers() {
        // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
        #expect(standard([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(standard([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(standard([UInt8](0..<32)) == 0x46DD_794E)
        #expect(standard(Array("123456789".utf8)) == 0xE306_9283)
    }

    private func standard(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { Checksum.standard($0) }
    }

    /// Table, instruction and interleaved instruction agree with the definition at every length and alignment.
    @Test func twinsAgree() {
        let bytes = (0..<1400).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) }
        bytes.withUnsafeBytes { buffer in
            for alignment in 0..<8 {
                var expected: UInt32 = 0xDEAD_BEEF
                for count in 0...1300 {
                    if count > 0 {
                        expected = reference(expected, bytes[(alignment + count - 1)..<(alignment + count)])
                    }
                    let start = buffer.baseAddress! + alignment
                    let all = (
                        storage_io_crc32c_table(0xDEAD_BEEF, start, count),
                        storage_io_crc32c_plain(0xDEAD_BEEF, start, count),
                        storage_io_crc32c(0xDEAD_BEEF, start, count)
                    )
                    #expect(all == (expected, expected, expected), "\(count) bytes at alignment \(alignment)")
                }
            }
        }
    }

    /// A record's checksum is the definition's over key, length, sequence and flags, value, and never 0.
    @Test(arguments: [Int](0...400) + [1024])
    func recordChecksum(valueBytes: Int) {
        let value = (0..<valueBytes).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var record = [UInt8](repeating: 0xAA, count: 24 + (valueBytes + 7) / 8 * 8)
        let seed = Checksum.seed(salt: 0x0123_4567_89AB_CDEF, offset: 4096)
        let written = record.withUnsafeMutableBytes { record in
            value.withUnsafeBytes { value in
                Checksum.writeRecord(
                    at: record.baseAddress!, seed: seed, key: -2, sequenceAndFlags: 0x1_0D, value: value)
            }
        }
        var covered = Array(record[0..<24])
        covered.replaceSubrange(12..<16, with: [0, 0, 0, 0])
        covered += value
        #expect(written == reference(seed, covered[...]))
        #expect(Array(record[24..<(24 + valueBytes)]) == value)
        #expect(record[(24 + valueBytes)...].allSatisfy { $0 == 0 })
    }

    @Test func seedDependsOnSaltAndOffset() {
        var seeds: Set<UInt32> = []
        for salt in 0..<64 as Range<UInt64> {
            for offset in 0..<64 as Range<UInt64> { seeds.insert(Checksum.seed(salt: salt, offset: offset * 8)) }
        }
        #expect(seeds.count > 4090)
    }
}
