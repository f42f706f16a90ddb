import Testing

@testable import BenchmarkKit

@Suite struct RunnerEnvironmentTests {
    @Test(arguments: [("32768K\n", 32 << 20), ("32M", 32 << 20), ("1G", 1 << 30), ("48K", 48 << 10)])
    func cacheSizesAsTheKernelListsThem(text: String, bytes: UInt64) {
        #expect(EnvironmentCapture.cacheBytes(text) == bytes)
    }

    @Test(arguments: ["", "K", "32", "-1K", "32X", "unknown"])
    func anythingElseIsNoCacheSize(text: String) {
        #expect(EnvironmentCapture.cacheBytes(text) == nil)
    }
}
