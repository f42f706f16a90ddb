import Foundation

/// The verdicts on T1 to T4, from what was measured so far.
public struct SelfcheckReport: Sendable {
    public let state: SelfcheckState
    /// Trials of each kind that were asked for.
    public let trials: Int

    public init(_ state: SelfcheckState, trials: Int) {
        self.state = state
        self.trials = trials
    }

    /// One target: what was to be reached, what was measured, whether it was met; `nil` while it is not measured whole.
    public struct Line: Sendable, Hashable {
        public var target: String
        public var text: String
        public var isMet: Bool?
    }

    static let costLimit = 10.0
    static let loopShare = 0.05
    static let falseAlarmShare = 0.04
    static let foundShare = 0.95
    /// The times of the slowed engine in the row that both kinds of trial run: rate, dependent mean, percentiles.
    static let plantedRow = "mixed alex "

    public var lines: [Line] { [costs] + loops + [falseAlarms, found] }

    /// Whether every target that was measured whole was met.
    public var isMet: Bool { lines.allSatisfy { $0.isMet ?? true } }

    private var costs: Line {
        guard let operation = Statistics.median(state.costs.map(\.operation)),
            let check = Statistics.median(state.costs.map(\.check)),
            let timer = Statistics.median(state.costs.map(\.timer))
        else { return Line(target: "T1", text: "not measured", isMet: nil) }
        return Line(
            target: "T1",
            text: "harness \(Figures.fixed(operation, 1)) ns an operation, value check \(Figures.fixed(check, 1)) ns a "
                + "value (10 ns each at most), a reading of the clock \(Figures.fixed(timer, 1)) ns; medians of "
                + "\(state.costs.count)",
            isMet: operation <= Self.costLimit && check <= Self.costLimit)
    }

    /// One line for each row of each engine: the ratio of the two times, with its interval.
    private var loops: [Line] {
        if state.loops.isEmpty { return [Line(target: "T2", text: "not measured", isMet: nil)] }
        return state.loops.map { loop in
            let name = "\(loop.engine) \(loop.row) \(loop.metric) at \(Figures.scale(loop.records))"
            guard let interval = BootstrapInterval(loop.alexbench, loop.loop) else {
                return Line(target: "T2", text: "\(name): \(loop.loop.count) pairs, too few", isMet: nil)
            }
            let medians = [loop.alexbench, loop.loop].map { Statistics.median($0) ?? 0 }
            return Line(
                target: "T2",
                text: "\(name): alexbench \(Figures.nanoseconds(medians[0])) ns, loop "
                    + "\(Figures.nanoseconds(medians[1])) ns, ratio \(Figures.fixed(interval.ratio, 3)) "
                    + "[\(Figures.fixed(interval.lower, 3)), \(Figures.fixed(interval.upper, 3))], \(interval.count) "
                    + "pairs (within 5 %)",
                isMet: abs(interval.ratio - 1) <= Self.loopShare)
        }
    }

    private var falseAlarms: Line {
        let those = state.trials.filter { $0.kind == .same }
        let alarms = those.filter { !$0.told.isEmpty }.count
        let limit = Int(Self.falseAlarmShare * Double(trials))
        return line(
            "T3", "\(alarms) false alarms in \(those.count) A/A trials (\(limit) at most)", those, alarms <= limit)
    }

    private var found: Line {
        let those = state.trials.filter { $0.kind == .planted }
        let found = those.filter { $0.toldWorse.contains { $0.hasPrefix(Self.plantedRow) && !$0.hasSuffix("_bytes") } }
            .count
        let least = Int((Self.foundShare * Double(trials)).rounded(.up))
        return line(
            "T4", "\(found) of \(those.count) planted slow-downs of 10 % found (\(least) at least)", those,
            found >= least)
    }

    private func line(_ target: String, _ text: String, _ those: [SelfcheckState.Trial], _ isMet: Bool) -> Line {
        let longest = those.map(\.seconds).max() ?? 0
        let time = those.isEmpty ? "" : "; the longest trial took \(Figures.fixed(longest, 1)) s"
        return Line(target: target, text: text + time, isMet: those.count < trials ? nil : isMet)
    }

    /// As Markdown, with the command that makes it.
    public var markdown: String {
        var document = ReportDocument()
        document.heading("The tool checks itself", level: 1)
        document.lines([
            "Command: \(state.command)",
            "Machine: \(state.environment.cpu), \(state.environment.cores) cores, \(state.environment.kernel), file "
                + "system \(state.environment.fileSystem), \(state.environment.build) build, commit \(state.commit), "
                + "begun \(state.date)",
            "Trials of T3 and T4: \(state.design)",
            "T3 counts a trial as a false alarm when any figure of it is told to differ, better or worse, whatever its "
                + "size. T4 counts a trial as found when a time of the slowed engine in the row mixed is told to be "
                + "worse.",
        ])
        document.table(
            .init(
                header: ["target", "measured", "met"],
                rows: lines.map { line in
                    [.init(line.target), .init(line.text), .init(line.isMet.map { $0 ? "yes" : "no" } ?? "not yet")]
                }))
        return document.markdown
    }
}
