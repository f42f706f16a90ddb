import Testing

@testable import alexbench

@Suite struct QuantityTests {
    @Test(
        arguments: [
            ("1", 1), ("1000", 1000), ("10K", 10_000), ("10k", 10_000), ("1M", 1_000_000), ("1.5M", 1_500_000),
            ("2G", 2_000_000_000), ("1Ki", 1024), ("3Mi", 3 << 20), ("1Gi", 1 << 30), ("0", 0), ("0.5K", 500),
            ("18446744073709551615", UInt64.max),
        ] as [(String, UInt64)])
    func reads(text: String, value: UInt64) throws {
        #expect(try Quantity.parse(text) == value)
    }

    @Test(arguments: [
        "", "K", "-5", "-0", "1X", "1e99", "1KB", "0.5", "1.", ".5K", "1..5K", "1 000", "+1", "0x10",
        "18446744073709551616",
        "18446744073709552T", "99999999999999999999999", "1.00000000000000000000001K", "٣",
    ])
    func refuses(text: String) {
        #expect(throws: ValueProblem.self) { try Quantity.parse(text) }
    }

    @Test(arguments: [0, 1, 999, 1000, 1001, 10_000, 1_000_000, 1_500_000, 2_000_000_000, UInt64.max])
    func writesWhatItReads(value: UInt64) throws {
        #expect(try Quantity.parse(Quantity.text(value)) == value)
    }
}

@Suite struct SuggestionTests {
    @Test func distances() {
        #expect(Suggestion.distance("", "abc") == 3)
        #expect(Suggestion.distance("mixed", "mixed") == 0)
        #expect(Suggestion.distance("mixde", "mixed") == 1)
        #expect(Suggestion.distance("kitten", "sitting") == 3)
    }

    @Test(
        arguments: [
            ("mixd", "mixed"), ("qurey", "query"), ("comp", nil), ("compa", "compare"), ("zzzzz", nil),
            ("Query", "query"),
        ] as [(String, String?)])
    func nearest(word: String, expected: String?) {
        let commands = ["insert", "query", "mixed", "scale", "run", "compare", "report", "list", "completion", "help"]
        #expect(Suggestion.nearest(to: word, among: commands) == expected)
    }
}
