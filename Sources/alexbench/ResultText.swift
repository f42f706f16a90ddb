import BenchmarkKit
import Glibc

/// How a result is set: in colour and as wide as the terminal, when it goes to one.
struct ResultText {
    let format: ResultFormat
    let isColoured: Bool
    let width: Int

    private static let usualWidth = 140

    init(_ arguments: ParsedArguments, to output: OutputFile) {
        format = arguments[Flags.format]
        isColoured = Self.isColoured(arguments[Flags.color], to: output)
        width = output.path == nil ? Console.columns(of: STDOUT_FILENO) ?? Self.usualWidth : Self.usualWidth
    }

    func rendered(_ result: RunResult) -> String { format.render(result, colour: isColoured, width: width) }

    func rendered(_ comparison: Comparison, _ format: Comparison.Format) -> String {
        comparison.render(format, colour: isColoured, width: width)
    }

    /// `--color`, the terminal and `NO_COLOR` (which counts when it is there and not empty).
    private static func isColoured(_ choice: ColorChoice, to output: OutputFile) -> Bool {
        switch choice {
        case .always: true
        case .never: false
        case .auto:
            output.path == nil && Console.outputIsTerminal && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
        }
    }
}
