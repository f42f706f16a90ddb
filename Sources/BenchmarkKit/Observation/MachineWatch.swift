import Foundation
import Glibc

/// What else the machine did while a run measured: load before it, time taken by other programs and by the host.
struct MachineWatch {
    /// Processor time of the whole machine since it started, in clock ticks (the first line of /proc/stat).
    struct Ticks: Hashable {
        var busy: UInt64
        var steal: UInt64
        var total: UInt64

        /// `nil` for anything that is not the kernel's line.
        init?(line: String) {
            let fields = line.split(separator: " ")
            guard fields.first == "cpu", fields.count >= 9 else { return nil }
            let ticks = fields[1...8].compactMap { UInt64($0) }
            guard ticks.count == 8 else { return nil }
            // user, nice, system, idle, iowait, irq, softirq, steal
            busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]
            steal = ticks[7]
            total = busy + ticks[3] + ticks[4] + ticks[7]
        }

        static var now: Ticks? {
            guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
                let line = text.split(separator: "\n").first
            else { return nil }
            return Ticks(line: String(line))
        }
    }

    /// The mean number of runnable tasks over the last minute, a core; `nil` where the system does not tell.
    static var loadPerCore: Double? {
        var loads = [0.0]
        guard getloadavg(&loads, 1) == 1 else { return nil }
        return loads[0] / Double(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1))
    }

    private let loadBefore = Self.loadPerCore
    private let ticksBefore = Ticks.now
    private let ownBefore = ResourceUse.process

    /// Shares of the machine's processor time since the watch began.
    func shares() -> (others: Double, steal: Double)? {
        guard let before = ticksBefore, let now = Ticks.now, now.total > before.total else { return nil }
        let own = ResourceUse.process - ownBefore
        let ownTicks = (own.userNanoseconds + own.systemNanoseconds) * Double(sysconf(Int32(_SC_CLK_TCK))) / 1e9
        let total = Double(now.total - before.total)
        return (max(Double(now.busy - before.busy) - ownTicks, 0) / total, Double(now.steal - before.steal) / total)
    }

    /// As observations of the run as a whole.
    func observations() -> [RunResult.Observation] {
        var figures: [(metric: String, value: Double, unit: String, source: String)] = []
        if let loadBefore {
            figures.append((ObservedMetric.loadPerCore, loadBefore, "tasks/core", "getloadavg before the run"))
        }
        if let shares = shares() {
            figures.append((ObservedMetric.othersShare, shares.others, "share", "/proc/stat less the run's own time"))
            figures.append((ObservedMetric.stealShare, shares.steal, "share", "/proc/stat"))
        }
        return figures.map {
            RunResult.Observation(
                workload: "", backend: "", scale: 0, metric: $0.metric, value: $0.value, unit: $0.unit,
                source: $0.source)
        }
    }
}
