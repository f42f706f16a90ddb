import StorageBackends

/// What `alexbench doctor` finds before anything is measured: a line for each thing that makes figures good or bad.
public struct MachineCheck: Sendable, Hashable {
    /// How bad it is.
    public enum State: String, Sendable, Hashable {
        case fine
        /// Figures will be weaker than they could be.
        case advice
        /// Figures would mean nothing.
        case pointless
    }

    public let name: String
    public let state: State
    /// What was found.
    public let finding: String
    /// What to do about it; empty where it is fine.
    public let remedy: String

    init(_ name: String, _ finding: String, _ state: State = .fine, remedy: String = "") {
        self.name = name
        self.finding = finding
        self.state = state
        self.remedy = remedy
    }

    /// Looks at the machine, the program and the folder where stores would go. Takes about a second.
    /// - Parameters:
    ///   - directory: Where the stores of a run would go; `nil` is the system's temporary folder.
    ///   - backends: The engines that are built, for what they say of their libraries.
    ///   - observer: How commits would be observed, tried out on calls whose number is known.
    public static func all(
        directory: String?, backends: [BackendDescriptor], observer: CommitObserver?
    ) -> [MachineCheck] {
        let place = directory ?? RunDirectory.temporary
        return [build] + processor + busy + memory + [idleMemory()] + storage(place) + [tracing(place, observer)]
            + libraries(backends)
    }

    /// One line for each, the remedy behind it.
    public var line: String {
        let sign = state == .fine ? "ok       " : state == .advice ? "advice   " : "POINTLESS"
        let padding = String(repeating: " ", count: max(0, 16 - name.count))
        return "\(sign)  \(name)\(padding)  \(finding)" + (remedy.isEmpty ? "" : ". Remedy: \(remedy).")
    }

    private static var build: MachineCheck {
        EnvironmentCapture.isDebugBuild
            ? MachineCheck("build", "debug", .pointless, remedy: "build with make build")
            : MachineCheck("build", "release")
    }

    private static func libraries(_ backends: [BackendDescriptor]) -> [MachineCheck] {
        var seen: Set<String> = []
        return backends.compactMap { backend in
            let library = backend.libraryVersion()
            guard seen.insert(library).inserted else { return nil }
            guard let warning = backend.buildWarning() else { return MachineCheck(backend.name, library) }
            let parts = warning.split(separator: ": ", maxSplits: 1).map(String.init)
            return MachineCheck(
                backend.name, "\(library): \(parts[0])", .advice, remedy: parts.count > 1 ? parts[1] : "build it anew")
        }
    }
}
