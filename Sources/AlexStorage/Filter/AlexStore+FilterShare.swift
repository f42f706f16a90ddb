extension AlexStore {
    /// Whether the filter lets a key pass to the index; true where there is no filter. For who measures what it skips.
    package func filterLetsPass(_ key: Int64) -> Bool { state.pointee.filter.mayHold(key) }
}
