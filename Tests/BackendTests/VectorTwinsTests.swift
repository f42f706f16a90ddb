import IndexBackends
import Testing

/// The index's vector loops and their scalar twins give the same answers over full nodes, whatever the keys; how long
/// they take is for `alexbench gates`.
@Suite struct VectorTwinsTests {
    @Test(arguments: [UInt64(0), 1, .max])
    func theySayTheSame(_ seed: UInt64) throws {
        let places = try #require(VectorTwins.measure(seed: seed), "places differ")
        let ranks = try #require(VectorTwins.measureSearch(seed: seed), "ranks differ")
        #expect(places.vector > 0 && places.scalar > 0 && ranks.vector > 0 && ranks.scalar > 0)
    }
}
