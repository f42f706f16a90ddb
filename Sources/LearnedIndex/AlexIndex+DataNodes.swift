extension AlexIndex {
    /// Counts data nodes and their entries by going to each of them: what a gauge costs that is refreshed so.
    ///
    /// O(data nodes); for the numbers alone take `statistics` or `count`.
    package func walkDataNodes() -> (nodes: Int, entries: Int) {
        handle.complete()
        var found = (nodes: 0, entries: 0)
        handle.walk(handle.state.pointee.root, height: handle.state.pointee.height) { child, height in
            guard height == 0 else { return }
            found.nodes &+= 1
            found.entries &+= handle.dataNode(child).count
        }
        return found
    }
}
