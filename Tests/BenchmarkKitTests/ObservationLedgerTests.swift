import StorageBackends
import Testing

@testable import BenchmarkKit

/// What rows take of the machine, and the debt of a load.
@Suite struct ObservationLedgerTests {
    @Test func meansOverRepeats() {
        var ledger = ObservationLedger()
        for number in 1...2 {
            var entry = ObservationLedger.Entry()
            entry.add(
                ResourceUse(userNanoseconds: 100 * Double(number), diskBytes: 3000), operations: 5,
                resident: Int64(number))
            entry.add(ResourceUse(systemNanoseconds: 7, majorFaults: 1), operations: 5, resident: 0)
            entry.putBytes = 1000
            entry.liveBytes = 500
            entry.diskBytes = 2000
            ledger.add(entry, row: "load", backend: "alex", scale: 10)
        }
        func value(_ metric: String) -> Double? { ledger.observations.first { $0.metric == metric }?.value }
        #expect(value(ObservedMetric.userTime) == 150)
        #expect(value(ObservedMetric.systemTime) == 7)
        #expect(value(ObservedMetric.majorFaults) == 1)
        #expect(value(ObservedMetric.residentPeak) == 1.5)
        #expect(value(ObservedMetric.bytesWritten) == 3000)
        #expect(value(ObservedMetric.writeAmplification) == 3)
        #expect(value(ObservedMetric.spaceAmplification) == 4)
        #expect(Set(ledger.observations.map(\.workload)) == ["load"])
    }

    @Test func readingTheKernelsText() {
        func bytes(_ text: String) -> UInt64 {
            Array(text.utf8).withUnsafeBytes { ResourceReader.writeBytes($0) }
        }
        let text = "rchar: 1\nsyscw: 2\nread_bytes: 3\nwrite_bytes: 409600\ncancelled_write_bytes: 5\n"
        #expect(bytes(text) == 409_600)
        #expect(bytes("cancelled_write_bytes: 5\n") == 0)
        #expect(bytes("") == 0)
    }

    @Test func processorTimeIsSeen() {
        let reader = ResourceReader()
        let before = reader.reading()
        var sum = 0.0
        while (reader.reading() - before).userNanoseconds < 2_000_000 {
            sum += (0..<10_000).reduce(0.0) { $0 + Double($1) }
        }
        #expect(sum > 0)
    }
}
