/// Whether a store asks a filter for keys that are not there before it asks its index: see <doc:AbsentKeys>.
public enum AbsentKeyFilter: Sendable, Hashable {
    /// Never.
    case off
    /// Always. The filter is built at open, and lets at most such a share of absent keys pass, 0.0002 to 0.25.
    case always(passing: Double)
    /// As long as it pays. The filter is built, beside looks at absent keys, once such looks have cost about as much as
    /// that takes; it is given back once looks at keys that are there, and new keys, have cost about as much. In class
    /// power never.
    case adaptive(passing: Double)

    /// What the filter is made of; `nil` for none.
    ///
    /// - Throws: `unsupported` for a share that can't be.
    func shape() throws(AlexStoreError) -> KeyFilterShape? {
        switch self {
        case .off: nil
        case .always(let rate), .adaptive(let rate): try KeyFilterShape(passing: rate)
        }
    }
}
