/// Reads the members of one JSON object and refuses what is left over. Every error names file, key, value and remedy.
struct JSONReader {
    let file: String
    /// The way to this object: ``, `load.`, `phases[2].`.
    let path: String
    private var members: [String: JSONValue]
    private var known: [String] = []

    init(_ value: JSONValue, file: String, path: String) throws(RunError) {
        self.file = file
        self.path = path
        guard case .object(let members) = value else {
            let place = path.isEmpty ? "the file" : "\"\(path.dropLast())\""
            throw RunError(.invalid, "\(file): \(place) is \(value.text): write an object, { … }")
        }
        self.members = members
    }

    /// Takes a member out; `nil` if it is not there.
    mutating func take(_ key: String) -> JSONValue? {
        known.append(key)
        return members.removeValue(forKey: key)
    }

    /// Takes a member out if it is just this word.
    mutating func takeWord(_ key: String, _ word: String) -> Bool {
        guard members[key] == .string(word) else { return false }
        _ = take(key)
        return true
    }

    mutating func required(_ key: String, _ remedy: String) throws(RunError) -> JSONValue {
        guard let value = take(key) else {
            throw RunError(.invalid, "\(file): \"\(path)\(key)\" is missing: \(remedy)")
        }
        return value
    }

    func wrong(_ key: String, _ value: JSONValue, _ remedy: String) -> RunError {
        RunError(.invalid, "\(file): \"\(path)\(key)\" is \(value.text): \(remedy)")
    }

    /// A whole number in a range; `fallback` if the key is absent.
    mutating func number(
        _ key: String, _ range: ClosedRange<UInt64>, fallback: UInt64? = nil
    ) throws(RunError) -> UInt64 {
        let remedy = "write a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let value = take(key) else {
            if let fallback { return fallback }
            throw RunError(.invalid, "\(file): \"\(path)\(key)\" is missing: \(remedy)")
        }
        guard case .number(let number) = value, let whole = UInt64(exactly: number), range.contains(whole) else {
            throw wrong(key, value, remedy)
        }
        return whole
    }

    /// A share in percent, two decimals at most; 0 if the key is absent.
    mutating func share(_ key: String) throws(RunError) -> Double {
        guard let value = take(key) else { return 0 }
        guard case .number(let percent) = value, Workload.Mix.isShare(percent) else {
            throw wrong(key, value, "write a percentage from 0 to 100, two decimals at most")
        }
        return percent
    }

    /// A number, or text that says how lengths are distributed.
    /// - Parameter what: How to call a file of lengths, `nil` where none can be named.
    mutating func lengths(
        _ key: String, _ range: ClosedRange<UInt64>, what: String?, fallback: Lengths?
    ) throws(RunError) -> Lengths {
        guard case .string(let text)? = members[key] else {
            if members[key] == nil, let fallback {
                _ = take(key)
                return fallback
            }
            return .fixed(UInt32(try number(key, range)))
        }
        let value = try required(key, "")
        if let what, text.hasPrefix("file:") {
            let path = String(text.dropFirst("file:".count))
            let data = try WorkloadFiles.contents(of: WorkloadFiles.path(path, besides: file), what: what)
            let lines = String(decoding: data, as: UTF8.self)
            return .histogram(try LengthHistogram(path: path, text: lines, limit: range.upperBound))
        }
        guard let lengths = Lengths(text), range.contains(UInt64(lengths.smallest)),
            range.contains(UInt64(lengths.largest))
        else {
            let files = what == nil ? "" : ", or file:PATH"
            throw wrong(
                key, value, "write \(Lengths.forms)\(files), all from \(range.lowerBound) to \(range.upperBound)")
        }
        return lengths
    }

    /// A path.
    mutating func path(_ key: String, _ remedy: String) throws(RunError) -> String {
        let value = try required(key, remedy)
        guard case .string(let path) = value, !path.isEmpty else { throw wrong(key, value, remedy) }
        return path
    }

    /// A name of lower-case letters, digits and hyphens.
    mutating func name(_ key: String) throws(RunError) -> String {
        let remedy = "write a name of lower-case letters, digits and hyphens"
        let value = try required(key, remedy)
        guard case .string(let name) = value, Workload.isName(name) else { throw wrong(key, value, remedy) }
        return name
    }

    /// Refuses members that nobody took.
    func end() throws(RunError) {
        guard let key = members.keys.min() else { return }
        let names = known.joined(separator: ", ")
        throw RunError(
            .invalid, "\(file): \"\(path)\(key)\" is no key of a workload: remove it, or use one of \(names)"
        )
    }
}
