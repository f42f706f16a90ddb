import Foundation
import Glibc

// Processor, clock, memory, and what else runs.
extension MachineCheck {
    static var processor: [MachineCheck] {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return [
            cores > 1
                ? MachineCheck("cores", "\(cores)")
                : MachineCheck("cores", "1", .advice, remedy: "two or more, for engines with threads"),
            governor, turbo, clock,
        ]
    }

    private static var governor: MachineCheck {
        guard let name = setting("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") else {
            return MachineCheck("governor", "not visible here (a virtual machine, usually)")
        }
        return name == "performance"
            ? MachineCheck("governor", name)
            : MachineCheck("governor", name, .advice, remedy: "cpupower frequency-set --governor performance")
    }

    private static var turbo: MachineCheck {
        let isOn: Bool
        if let boost = setting("/sys/devices/system/cpu/cpufreq/boost") {
            isOn = boost == "1"
        } else if let none = setting("/sys/devices/system/cpu/intel_pstate/no_turbo") {
            isOn = none == "0"
        } else {
            return MachineCheck("turbo", "not visible here (a virtual machine, usually)")
        }
        return isOn
            ? MachineCheck(
                "turbo", "on: the clock depends on temperature", .advice, remedy: "switch it off for narrow intervals")
            : MachineCheck("turbo", "off")
    }

    /// What reading the clock costs, which stands in every latency.
    private static var clock: MachineCheck {
        let source = setting("/sys/devices/system/clocksource/clocksource0/current_clocksource") ?? "unknown"
        let readings = 100_000
        let begin = monotonicNanoseconds()
        var last = begin
        for _ in 0..<readings { last = monotonicNanoseconds() }
        let cost = Double(last - begin) / Double(readings)
        let finding = "\(source), \(Figures.fixed(cost, 1)) ns a reading"
        return cost < 200
            ? MachineCheck("clock", finding)
            : MachineCheck("clock", finding, .advice, remedy: "boot with clocksource=tsc, if the processor has one")
    }

    /// Load, and who takes the processor while this program sleeps.
    static var busy: [MachineCheck] {
        var checks: [MachineCheck] = []
        if let load = MachineWatch.loadPerCore {
            let finding = "\(Figures.fixed(load, 2)) runnable tasks a core over the last minute"
            checks.append(
                load < 0.2
                    ? MachineCheck("load", finding)
                    : MachineCheck("load", finding, .advice, remedy: "stop other programs, or wait for them"))
        }
        let watch = MachineWatch()
        usleep(500_000)
        guard let shares = watch.shares() else { return checks }
        checks.append(
            shares.others < 0.05
                ? MachineCheck("other programs", "\(Figures.percent(shares.others)) of the processor time")
                : MachineCheck(
                    "other programs", "\(Figures.percent(shares.others)) of the processor time", .advice,
                    remedy: "stop them"))
        checks.append(
            shares.steal < 0.02
                ? MachineCheck("steal", "\(Figures.percent(shares.steal)) of the processor time")
                : MachineCheck(
                    "steal", "\(Figures.percent(shares.steal)) of the processor time goes to the host's others",
                    .advice, remedy: "a machine of one's own, or another time of day"))
        return checks
    }

    static var memory: [MachineCheck] {
        var checks: [MachineCheck] = []
        if let available = availableMemoryBytes {
            let finding = "\(Figures.memory(available)) available"
            checks.append(
                available >= 1 << 30
                    ? MachineCheck("memory", finding)
                    : MachineCheck("memory", finding, .advice, remedy: "stop other programs, or lower --scale"))
        }
        let huge = setting("/sys/kernel/mm/transparent_hugepage/enabled") ?? "unknown"
        let chosen = huge.split(separator: " ").first { $0.hasPrefix("[") }.map { $0.dropFirst().dropLast() }
        checks.append(MachineCheck("huge pages", chosen.map(String.init) ?? huge))
        return checks
    }

    /// MemAvailable of /proc/meminfo.
    static var availableMemoryBytes: UInt64? {
        let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
            let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ UInt64($0) })
        else { return nil }
        return kibibytes << 10
    }

    /// A setting of the kernel, one line; `nil` where it is not shown.
    private static func setting(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
