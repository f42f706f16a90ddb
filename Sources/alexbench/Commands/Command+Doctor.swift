import BenchmarkKit

extension Command {
    /// `alexbench doctor`.
    static let doctor = Command(
        name: "doctor", summary: "check the machine before measuring, with advice",
        discussion:
            "Looks at build, processor, clock, load, memory, disk, syncs, tracing and libraries. Ends with 0, with or "
            + "without advice, and with 1 where measuring is pointless.",
        flags: [Flags.directory],
        examples: ["alexbench doctor", "alexbench doctor --directory /mnt/disk/bench"]
    ) { (arguments: ParsedArguments) throws(Failure) -> ExitCode in
        let checks = MachineCheck.all(
            directory: arguments[Flags.directory], backends: BackendTable.built, observer: CommitObserver.current)
        try Console.data(checks.map { $0.line + "\n" }.joined())
        let pointless = checks.filter { $0.state == .pointless }.map(\.name)
        let advice = checks.filter { $0.state == .advice }.map(\.name)
        if !pointless.isEmpty {
            try Console.data("\nMeasuring here is pointless: \(pointless.joined(separator: ", ")).\n")
            return .failure
        }
        try Console.data(
            advice.isEmpty ? "\nA good place to measure.\n" : "\nFit to measure, better with the advice above.\n")
        return .fine
    }
}
