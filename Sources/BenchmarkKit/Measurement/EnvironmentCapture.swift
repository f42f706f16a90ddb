import Foundation
import Glibc

/// Reads the machine's description: no host name, no paths.
enum EnvironmentCapture {
    /// - Parameter directory: Where the stores go; need not exist yet.
    static func environment(directory: String) -> RunResult.Environment {
        RunResult.Environment(
            cpu: processor, cores: cores, lastLevelCacheBytes: lastLevelCacheBytes,
            memoryBytes: memoryBytes, kernel: kernel, fileSystem: FileSystemProbe.type(at: directory),
            swift: swift, build: isDebugBuild ? "debug" : "release")
    }

    static var cores: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

    static var memoryBytes: UInt64 {
        UInt64(max(sysconf(Int32(_SC_PHYS_PAGES)), 0)) * UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 0))
    }

    static var isDebugBuild: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }

    /// The largest cache of the first processor as the kernel lists it, else as the C library does, which on a virtual
    /// machine may tell the host's cache instead of the share.
    static var lastLevelCacheBytes: UInt64 {
        let listed = (0..<8).compactMap { index in
            try? String(contentsOfFile: "/sys/devices/system/cpu/cpu0/cache/index\(index)/size", encoding: .utf8)
        }
        if let largest = listed.compactMap(cacheBytes).max() { return largest }
        return UInt64(max(sysconf(Int32(_SC_LEVEL3_CACHE_SIZE)), sysconf(Int32(_SC_LEVEL2_CACHE_SIZE)), 0))
    }

    /// The bytes of a size as the kernel lists it: `32768K`, `32M`. `nil` for anything else.
    static func cacheBytes(_ text: String) -> UInt64? {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let units: [Character: UInt64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        guard let last = text.last, let unit = units[last], let count = UInt64(text.dropLast()) else { return nil }
        let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: unit)
        return isTooLarge ? nil : bytes
    }

    private static var processor: String {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("model name") }),
            let colon = line.firstIndex(of: ":")
        else { return "unknown" }
        return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }

    private static var kernel: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "\(text(name.sysname)) \(text(name.release)) \(text(name.machine))"
    }

    /// The compiler that built the program, as far as conditional compilation tells.
    private static var swift: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3.2)
            "6.3.2 or later"
        #elseif compiler(>=6.3.1)
            "6.3.1"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    /// When the run begins: ISO 8601, UTC.
    static var date: String { ISO8601DateFormatter().string(from: Date()) }

    /// The revision of the sources that the program was built from, `-dirty` where that is not certain; `unknown`
    /// outside a checkout. See `SourceRevision`.
    static var commit: String { SourceRevision.current?.text ?? "unknown" }
}

extension Process {
    /// Runs the process, reads `output` until it closes, and waits for the end. `nil` when it can't be started.
    ///
    /// `waitUntilExit` turns a run loop, which on Linux notices the end up to 50 ms late: as long as a short run takes.
    func runToEnd(reading output: Pipe) -> (code: Int32, output: Data)? {
        let ended = DispatchSemaphore(value: 0)
        terminationHandler = { _ in ended.signal() }
        guard (try? run()) != nil else { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        ended.wait()
        return (terminationStatus, data)
    }
}
