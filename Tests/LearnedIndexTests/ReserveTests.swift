import LearnedIndex
import Testing

@Suite struct ReserveTests {
    /// Where room was made inserts find it, even if all nodes are full at the same time, as those of evenly spread keys
    /// are, and readers keep what the nodes leave.
    @Test(arguments: [false, true])
    func reservedInsertsDoNotThrow(_ isRead: Bool) throws {
        let loaded = (0..<Int64(60_000)).map { $0 * 4 }
        var rounds = 0
        for tenths in [31, 40, 60, 70, 80, 90] {
            var configuration = AlexIndex.Configuration()
            configuration.bytesMax = 1_400_000 * tenths / 10
            var index = try AlexIndex(configuration: configuration)
            for key in loaded { try index.updateValue(0, forKey: key) }
            let reader = isRead ? index.reader() : nil
            // Five keys in each of 2 000 stretches, one after the other.
            for offset in 0..<Int64(20) {
                do { try index.reserve(inserts: 2_000) } catch { break }
                for stretch in 0..<Int64(2_000) {
                    try index.updateValue(1, forKey: stretch * 120 + offset * 4 + 1)
                }
                rounds += 1
            }
            withExtendedLifetime(reader) {}
            try index.checkInvariants()
        }
        #expect(rounds > 20, "\(rounds)")
    }
}
