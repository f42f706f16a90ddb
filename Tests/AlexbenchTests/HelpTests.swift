import Testing

@testable import alexbench

@Suite struct HelpTests {
    @Test func overview() throws {
        let help = try ChildProcess.run(["help"])
        #expect(help.code == 0)
        #expect(help.errors.isEmpty)
        try Golden.expect(help.output, equals: "help.txt")
        #expect(try ChildProcess.run(["--help"]).output == help.output)
    }

    @Test(arguments: Program.commands.map(\.name))
    func page(command: String) throws {
        let help = try ChildProcess.run(["help", command])
        #expect(help.code == 0)
        try Golden.expect(help.output, equals: "help-\(command).txt")
        #expect(try ChildProcess.run([command, "--help"]).output == help.output)
    }

    @Test func version() throws {
        let version = try ChildProcess.run(["--version"])
        #expect(version.code == 0)
        #expect(version.output == "alexbench \(Program.version)\n")
    }

    /// What is declared is declared once: no two flags of a command share a name.
    @Test(arguments: Program.commands.map(\.name))
    func namesAreUnique(command: String) throws {
        let flags = try #require(Program.commands.first { $0.name == command }).flags
        let names = flags.flatMap(\.label.allNames)
        #expect(Set(names).count == names.count)
    }
}
