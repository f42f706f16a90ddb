import Foundation
import Testing

/// The checks before a run.
@Suite struct DoctorTests {
    @Test func everyCheckHasALine() throws {
        let run = try ChildProcess.run(["doctor"])
        for name in [
            "build", "cores", "governor", "turbo", "clock", "load", "steal", "memory", "huge pages", "idle memory",
            "file system",
            "disk", "sync", "observation",
        ] {
            #expect(run.output.contains("  \(name) "), "\(name) is not in \(run.output)")
        }
        #expect(run.output.contains("10 and 7 counted"), "\(run.output)")
        #expect(run.output.contains("SQLite ") || run.output.contains("AlexStorage"))
        // The tests' build is a debug build, except under `swift test -c release`.
        let isPointless = run.output.contains("POINTLESS  build             debug")
        #expect(run.code == (isPointless ? 1 : 0), "\(run.output)")
    }

    @Test func aPlaceThatWillNotDo() throws {
        let run = try ChildProcess.run(["doctor", "--directory", "/proc/nowhere"])
        #expect(run.code == 1)
        #expect(run.output.contains("POINTLESS  sync"), "\(run.output)")
    }
}
