import Foundation

// Pages that the system takes out of memory because nobody has used them for a while: DAMON's schemes, as the kernel
// shows them below /sys/kernel/mm/damon (Documentation/admin-guide/mm/damon/usage.rst). A store that is loaded for
// longer than that has lost its first pages when the reads begin, and they wait for the disk.
extension MachineCheck {
    /// Whether idle pages leave memory, and after how long.
    ///
    /// - Parameter folder: One folder for each of the kernel's threads that watch memory, by number.
    static func idleMemory(_ folder: String = "/sys/kernel/mm/damon/admin/kdamonds") -> MachineCheck {
        let name = "idle memory"
        let seconds = children(folder).filter { word("\(folder)/\($0)/state") == "on" }.flatMap { thread in
            children("\(folder)/\(thread)/contexts").flatMap { context in
                idleSeconds("\(folder)/\(thread)/contexts/\(context)")
            }
        }
        guard let least = seconds.min() else { return MachineCheck(name, "stays") }
        return MachineCheck(
            name, "pages that nobody uses for \(Int(least.rounded())) s are taken out of memory (DAMON)", .advice,
            remedy: "switch the scheme off (its state in \(folder)), or believe no figure of a store that takes "
                + "longer to load")
    }

    /// The ages from which a context's schemes take pages out.
    private static func idleSeconds(_ context: String) -> [Double] {
        let interval = word("\(context)/monitoring_attrs/intervals/aggr_us").flatMap(Double.init) ?? 0
        return children("\(context)/schemes").compactMap { scheme in
            let scheme = "\(context)/schemes/\(scheme)"
            guard word("\(scheme)/action") == "pageout" else { return nil }
            let age = word("\(scheme)/access_pattern/age/min").flatMap(Double.init) ?? 0
            return age * interval / 1e6
        }
    }

    private static func children(_ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { Int($0) != nil }.sorted()
    }

    private static func word(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
