import BenchmarkKit
import Foundation
import Glibc

/// A result in the format that was asked for.
enum ResultText {
    static func rendered(_ result: RunResult, format: OutputFormat, colour: ColorChoice, to output: OutputFile)
        -> String
    {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(result)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
    }

    /// `--color`, the terminal and `NO_COLOR`.
    static func isColoured(_ choice: ColorChoice, to output: OutputFile) -> Bool {
        switch choice {
        case .always: true
        case .never: false
        case .auto:
            output.path == nil && Console.outputIsTerminal && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
        }
    }
}

/// The formats of a result.
enum OutputFormat: String, CaseIterable, Sendable { case text, csv, markdown, json }
