import BenchmarkKit
import IndexBackends

extension GateMeasurement {
    /// The index's vector loop and its scalar twin over the keys of a full node, by turns.
    func vectors() throws -> [RunResult.Sample] {
        var samples: [RunResult.Sample] = []
        for number in 1...repeats {
            guard let times = VectorTwins.measure(seed: UInt64(number)) else {
                throw Failure(.verificationFailed, "the vector loop and its scalar twin differ, repeat \(number)")
            }
            samples.append(sample(GateRows.vectors, GateRows.vectorTime, times.vector, "ns", number))
            samples.append(sample(GateRows.vectors, GateRows.scalarTime, times.scalar, "ns", number))
        }
        return samples
    }
}
