import Foundation

/// The result file: keys sorted, one list entry a line, the same bytes for the same result.
enum JSONReport {
    static func render(_ result: RunResult) -> String {
        var members: [(key: String, text: String)] = [
            ("backends", list(result.backends)), ("command", text(of: result.command)),
            ("commit", text(of: result.commit)), ("date", text(of: result.date)),
            ("environment", text(of: result.environment)), ("rows", list(result.rows)),
            ("samples", list(SampleSeries.group(result.samples))), ("schema", text(of: result.schema)),
            ("streams", list(result.streams)), ("unavailable", list(result.unavailable)),
            ("warnings", list(result.warnings)),
        ]
        members.append(("grade", text(of: GradeReceipt(Grade(result)))))
        if !result.histograms.isEmpty { members.append(("histograms", list(result.histograms))) }
        if !result.intervals.isEmpty { members.append(("intervals", list(result.intervals))) }
        if !result.noiseFloors.isEmpty { members.append(("noise_floors", list(result.noiseFloors))) }
        if !result.observations.isEmpty { members.append(("observations", list(result.observations))) }
        members.sort { $0.key < $1.key }
        let lines = members.map { "  \"\($0.key)\": \($0.text)" }
        return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
    }

    private static func list(_ entries: [some Encodable]) -> String {
        if entries.isEmpty { return "[]" }
        return "[\n" + entries.map { "    " + text(of: $0) }.joined(separator: ",\n") + "\n  ]"
    }

    static func text(of value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = RunResult.nonFinite
        guard let data = try? encoder.encode(value) else {
            preconditionFailure("a result holds only values that JSON can express")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

/// The grade beside the figures that it follows from. It is made anew whenever the file is written, never read.
private struct GradeReceipt: Encodable {
    let letter: String
    let points: Int
    let deductions: [Grade.Deduction]

    init(_ grade: Grade) {
        letter = grade.letter
        points = grade.points
        deductions = grade.deductions
    }
}

extension RunResult {
    /// Infinity and NaN as words: a broken figure must be seen, not lose the whole file.
    static let nonFinite = JSONEncoder.NonConformingFloatEncodingStrategy.convertToString(
        positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")

    /// Reads a result file.
    /// - Parameters:
    ///   - data: The JSON that `ResultFormat.json` wrote.
    ///   - name: The file's name for messages.
    /// - Throws: `ReportError` naming file, key and remedy for a truncated or foreign file and for a newer schema.
    public static func read(from data: Data, name: String) throws(ReportError) -> RunResult {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        do {
            let stamp = try decoder.decode(SchemaStamp.self, from: data)
            guard stamp.schema <= currentSchema else {
                throw ReportError(
                    "\(name): \"schema\" is \(stamp.schema), this alexbench reads up to \(currentSchema): "
                        + "use the newer alexbench that wrote it", isNewerSchema: true)
            }
            guard stamp.schema >= 1 else {
                throw ReportError("\(name): \"schema\" is \(stamp.schema): the first schema is 1; write the file again")
            }
            return try decoder.decode(RunResult.self, from: data)
        } catch let error as ReportError {
            throw error
        } catch let error as DecodingError {
            throw ReportError("\(name): \(problem(error))")
        } catch {
            throw ReportError("\(name): it can't be read as a result: make it with 'alexbench run … --format json'")
        }
    }

    private struct SchemaStamp: Decodable {
        var schema: Int
    }

    private static func problem(_ error: DecodingError) -> String {
        let remedy = "make the file again with '--format json --output FILE'"
        switch error {
        case .keyNotFound(let key, let context):
            return "\"\(path(context.codingPath + [key]))\" is missing, so this is no result of alexbench: \(remedy)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            let place = context.codingPath.isEmpty ? "the whole file" : "\"\(path(context.codingPath))\""
            return "\(place) is of the wrong type, so this is no result of alexbench: \(remedy)"
        case .dataCorrupted(let context):
            guard context.codingPath.isEmpty else {
                return "\"\(path(context.codingPath))\": \(context.debugDescription): \(remedy)"
            }
            return "it is not JSON or it was cut off: \(remedy)"
        @unknown default:
            return "it is no result of alexbench: \(remedy)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        var path = ""
        for key in keys {
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += (path.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return path
    }
}
