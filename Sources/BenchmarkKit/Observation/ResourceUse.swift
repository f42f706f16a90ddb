import Foundation
import Glibc

/// What the whole process has used since it started: processor time, page faults, bytes sent towards the disk.
struct ResourceUse: Sendable, Hashable {
    var userNanoseconds = 0.0
    var systemNanoseconds = 0.0
    /// Page faults that needed no reading, and those that did.
    var minorFaults = 0.0
    var majorFaults = 0.0
    /// Bytes of pages that became dirty and will go to a disk, stores through maps included (write_bytes of proc(5)).
    var diskBytes = 0.0

    /// Of getrusage(2), all threads.
    static var process: ResourceUse {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return ResourceUse() }
        return ResourceUse(
            userNanoseconds: nanoseconds(usage.ru_utime), systemNanoseconds: nanoseconds(usage.ru_stime),
            minorFaults: Double(usage.ru_minflt), majorFaults: Double(usage.ru_majflt))
    }

    private static func nanoseconds(_ time: timeval) -> Double {
        Double(time.tv_sec) * 1e9 + Double(time.tv_usec) * 1e3
    }

    static func - (one: ResourceUse, other: ResourceUse) -> ResourceUse {
        ResourceUse(
            userNanoseconds: one.userNanoseconds - other.userNanoseconds,
            systemNanoseconds: one.systemNanoseconds - other.systemNanoseconds,
            minorFaults: one.minorFaults - other.minorFaults, majorFaults: one.majorFaults - other.majorFaults,
            diskBytes: one.diskBytes - other.diskBytes)
    }

    static func += (one: inout ResourceUse, other: ResourceUse) {
        one.userNanoseconds += other.userNanoseconds
        one.systemNanoseconds += other.systemNanoseconds
        one.minorFaults += other.minorFaults
        one.majorFaults += other.majorFaults
        one.diskBytes += other.diskBytes
    }
}
