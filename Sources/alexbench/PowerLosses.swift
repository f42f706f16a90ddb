import AlexStorage
import BenchmarkKit
import PowerLoss
import StorageBackends

/// Simulated power losses of AlexStorage for `alexbench crash`: trials with ascending seeds until there are enough.
enum PowerLosses {
    /// - Returns: The counts of one class; fewer when the user has asked to stop.
    static func counts(
        _ durability: DurabilityClass, atLeast wanted: Int, seed: UInt64, progress: (Double) -> Void
    ) throws(Failure) -> PowerLossTable.Counts {
        guard let engineClass = Durability(rawValue: durability.rawValue) else {
            preconditionFailure("the engine lacks the class \(durability.rawValue)")
        }
        var whole = PowerLoss.Tally()
        var seed = seed
        while whole.powerLosses < wanted, !Interruption.cancellation.isCancelled {
            var trial = PowerLossTrial(seed: seed, durability: engineClass)
            do { try trial.run() } catch {
                throw Failure(.failure, "simulated power loss, seed \(seed): \(error)")
            }
            whole.add(trial.tally)
            seed &+= 1
            progress(Double(whole.powerLosses) / Double(wanted))
        }
        for violation in whole.violations.prefix(3) { Console.message("power loss: \(violation)\n") }
        return PowerLossTable.Counts(
            powerLosses: whole.powerLosses, ofRecovered: whole.doubleCrashes, lost: whole.lost, foreign: whole.foreign,
            refused: whole.refused)
    }
}
