import Foundation
import Testing

/// Sources/Setup/results.sh with a program that measures nothing: what it asks for, leaves and measures anew.
@Suite struct ResultsScriptTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Writes results with a line for each engine asked for, and notes its words in a file. The result named by REFUSED
    /// can't be continued.
    private static let program = """
        #!/bin/sh
        if [ "$1" = list ]; then
            for name in alex alex-no-checks alex-filter rocksdb-alex sqlite limit; do echo "$name,built,"; done
            echo "rocksdb,not built,"
            exit 0
        fi
        words=$*
        file=$2
        output=''
        engines=''
        while [ $# -gt 0 ]; do
            case "$1" in
                --dry-run) exit 0 ;;
                --output) output=$2 ;;
                --output-dir) mkdir -p "$2"; output=$2/$(basename "$file") ;;
                --backend) engines=$2 ;;
            esac
            shift
        done
        case "$output" in *"/${REFUSED:-none}.json") exit 6 ;; esac
        echo "$words" >>"$NOTES"
        for name in $(echo "$engines" | tr ',' ' '); do echo "{\\"backend\\":\\"$name\\"}"; done >"$output"
        """

    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        let program = try scratch.write(Self.program, to: "program")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    }

    /// Runs the script and returns what the program was asked to measure.
    private func run(_ words: [String] = [], refused: String = "none") throws -> (code: Int32, errors: String, [String])
    {
        _ = try scratch.write("", to: "notes")
        let run = try ChildProcess.run(
            ["Sources/Setup/results.sh", scratch.path("program")] + words,
            environment: [
                "RESULTS": scratch.path("results"), "NOTES": scratch.path("notes"), "REFUSED": refused,
            ], in: Self.root, executable: URL(fileURLWithPath: "/bin/sh"))
        return (run.code, run.errors, try scratch.text(of: "notes").split(separator: "\n").map(String.init))
    }

    private var results: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: scratch.path("results")).sorted() }
    }

    @Test func everyResultIsMeasuredOnceAndThenLeft() throws {
        let first = try run()
        #expect(first.code == 0, "\(first.errors)")
        let names = try results
        #expect(names.count == first.2.count && names.allSatisfy { $0.hasSuffix(".json") && !$0.hasPrefix(".") })
        for name in ["phase", "phase-1m", "phase-gauge", "explain-query-alex-1M", "insert-alex-1M", "gates"] {
            #expect(names.contains("\(name).json"))
        }
        // Of engines that are not built nothing is asked.
        #expect(first.2.allSatisfy { !$0.contains("rocksdb,") && !$0.contains("lmdb") })
        #expect(first.2.contains { $0.contains("Workloads/phase-growth.json") } == true)
        #expect(first.2.contains { $0.hasPrefix("insert --scale 1M --backend alex --repeats 1 ") })

        let second = try run()
        #expect(second.code == 0 && second.errors.contains("insert-1M: there, left as it is"), "\(second.errors)")
        // Workloads are resumed by the program itself, which leaves what is whole.
        #expect(second.2.allSatisfy { $0.hasPrefix("run ") && $0.contains(" --resume ") })
    }

    @Test func aResultThatLacksAnEngineIsMeasuredAnew() throws {
        #expect(try run(["--only", "insert-1M"]).2.count == 1)
        _ = try scratch.write("{\"backend\":\"alex\"}", to: "results/insert-1M.json")
        let again = try run(["--only", "insert-1M"])
        #expect(again.errors.contains("insert-1M: lacks rocksdb-alex,sqlite,limit; measured anew"), "\(again.errors)")
        #expect(again.2.count == 1)
        #expect(try scratch.text(of: "results/insert-1M.json").contains("sqlite"))

        // A workload's new result takes the old one's place when it is whole.
        _ = try scratch.write("{\"backend\":\"alex\"}", to: "results/commit.json")
        let workload = try run(["--only", "commit"])
        #expect(workload.errors.contains("commit: lacks sqlite; measured anew"), "\(workload.errors)")
        #expect(workload.2.first?.contains("/.anew ") == true, "\(workload.2)")
        #expect(try scratch.text(of: "results/commit.json").contains("sqlite"))
        #expect(try results == ["commit.json", "insert-1M.json"])
        let fresh = try run(["--only", "commit", "--fresh"])
        #expect(fresh.2.first?.contains("/.anew ") == true && fresh.code == 0, "\(fresh.2)")
    }

    @Test func oneThatCantBeContinuedDoesNotStopTheRest() throws {
        let run = try run(refused: "phase-1m")
        #expect(run.code == 1)
        let words = "results/phase-1m.json: another program's or machine's, and not whole; remove it"
        #expect(run.errors.contains(words), "\(run.errors)")
        #expect(try results.contains("gates.json") && !results.contains("phase-1m.json"))
    }

    @Test func quickAsksForEveryLineSmall() throws {
        let whole = try run()
        try FileManager.default.removeItem(atPath: scratch.path("results"))
        let quick = try run(["--quick"])
        #expect(quick.code == 0, "\(quick.errors)")
        #expect(quick.2.count == whole.2.count)
        #expect(quick.2.allSatisfy { !$0.contains("--scale 1") && $0.contains("--repeats 1") })
        #expect(try results.allSatisfy { !$0.hasPrefix(".") })
        let refused = try ChildProcess.run(
            ["Sources/Setup/results.sh", scratch.path("program"), "--quick"], in: Self.root,
            executable: URL(fileURLWithPath: "/bin/sh"))
        #expect(refused.code == 64 && refused.errors.contains("--quick needs RESULTS"))
    }
}
