import Foundation
import Testing

@testable import alexbench

@Suite struct CompletionTests {
    /// The shells that are here read the script without a complaint. bash is always here.
    @Test(arguments: CompletionScript.Shell.allCases)
    func parses(shell: CompletionScript.Shell) throws {
        let script = try ChildProcess.run(["completion", shell.rawValue])
        #expect(script.code == 0)
        for command in Program.commands { #expect(script.output.contains(command.name)) }
        guard let interpreter = Self.interpreter(shell) else { return }
        let scratch = try ScratchFolder()
        let path = try scratch.write(script.output, to: "completion")
        let ended = try ChildProcess.run(["-n", path], executable: interpreter)
        #expect(ended.code == 0, "\(shell.rawValue): \(ended.errors)")
    }

    @Test(arguments: [
        ("alexbench mi", "mixed"), ("alexbench mixed --ba", "--batch --backend"),
        ("alexbench mixed --durability pr", "process"),
        ("alexbench mixed --backend rocksdb,sqlite-", "rocksdb,sqlite-tuned"),
        ("alexbench completion z", "zsh"), ("alexbench help comp", "compare completion"),
    ])
    func completesInBash(line: String, expected: String) throws {
        let bash = try #require(Self.interpreter(.bash))
        let script = """
            eval "$('\(ChildProcess.executable.path)' completion bash)"
            COMP_WORDS=(\(line)); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); _alexbench; echo "${COMPREPLY[*]}"
            """
        let ended = try ChildProcess.run(["-c", script], executable: bash)
        #expect(ended.output == expected + "\n", "\(ended.errors)")
    }

    private static func interpreter(_ shell: CompletionScript.Shell) -> URL? {
        ["/bin", "/usr/bin", "/usr/local/bin"].map { URL(fileURLWithPath: "\($0)/\(shell.rawValue)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }
}
