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
