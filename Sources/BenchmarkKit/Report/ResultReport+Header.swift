extension ResultReport {
    /// What was run, on what, with what.
    func header(isBrief: Bool) -> [String] {
        let machine = result.environment
        var lines = ["Command: \(result.command)"]
        lines += dataSets
        lines += result.rows.map { "Row \($0.workload): \($0.summary)" }
        lines += durabilities
        lines.append(
            "Machine: \(machine.cpu), \(machine.cores) cores, last-level cache "
                + "\(Figures.memory(machine.lastLevelCacheBytes)), memory \(Figures.memory(machine.memoryBytes))"
                + (machine.memoryLimitBytes.map { ", limited to \(Figures.memory($0))" } ?? ""))
        lines.append("System: \(machine.kernel), file system \(machine.fileSystem)")
        lines.append(
            "Program: commit \(result.commit), \(machine.swiftName), \(machine.build) build, run on \(result.date)")
        lines += result.backends.map { describe($0, isBrief: isBrief) }
        return lines
    }

    /// Each with its remedy.
    var warnings: [String] {
        var lines = result.warnings.map { "Warning: \($0.text). Remedy: \($0.remedy)." }
            .map { $0.replacing("..", with: ".") }
        lines += SteadyState(result, index).warnings.map { "Warning: \($0.text). Remedy: \($0.remedy)." }
        let repeats = Set(result.samples.map(\.repeat)).count
        if repeats > 0, repeats < Statistics.usualRepeats, !lines.contains(where: { $0.contains("repeat") }) {
            lines.append(
                "Warning: few repeats (\(repeats)), so intervals are wide. "
                    + "Remedy: --repeats \(Statistics.usualRepeats) or more.")
        }
        return lines
    }

    private var dataSets: [String] {
        var seen: [String] = []
        for row in index.rows {
            let bytes = Double(row.scale) * Double(8 + row.valueBytes)
            let text =
                "Data set: \(Figures.scale(row.scale)) records, 8-byte keys and \(row.valueBytes)-byte values, "
                + Figures.bytes(bytes)
            if !seen.contains(text) { seen.append(text) }
        }
        return seen
    }

    private var durabilities: [String] {
        let meanings = [
            "memory": "survives a clean close only", "process": "survives kill -9", "power": "survives power loss",
        ]
        var seen: [String] = []
        for row in index.rows where !seen.contains(row.durability) { seen.append(row.durability) }
        return seen.map { "Durability class: \($0)" + (meanings[$0].map { " (\($0))" } ?? "") }
    }

    private func describe(_ backend: RunResult.BackendReceipt, isBrief: Bool) -> String {
        var parts = [backend.library]
        if isBrief { return "\(backend.name): \(backend.library); \(backend.durabilitySettings)" }
        if !backend.configuration.isEmpty { parts.append(backend.configuration.joined(separator: ", ")) }
        if !backend.durabilitySettings.isEmpty { parts.append(backend.durabilitySettings) }
        if !backend.readBack.isEmpty { parts.append("read back " + backend.readBack.joined(separator: ", ")) }
        return "\(backend.name): " + parts.joined(separator: "; ")
    }
}

extension RunResult.Environment {
    /// `Swift 6.3.1`, however the version was recorded.
    var swiftName: String { swift.first?.isNumber == true ? "Swift \(swift)" : swift }
}
