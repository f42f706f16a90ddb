/// A check of the nodes of an image that nobody has reason to trust: it reads nothing whose place it has not checked.
///
/// What it lets pass is an index in every number: each node is a block of its own, all data nodes lie equally deep,
/// keys ascend and lie between their separators, bits and counts agree, copies are alike, values are in their bounds.
///
/// Nodes may be checked one by one, each after its parent: `claim`, before any of its bytes are looked at, then `node`.
/// `whole` comes last, when all are claimed.
struct ImageCheck {
    let handle: IndexHandle
    private let bounds: ImageValueBounds?
    private let configuration: AlexIndex.Configuration
    private let top: Int
    /// A bit for each place where a block may begin: set once a node that begins there is claimed.
    private var claimed: [UInt64]
    /// The same, set for all places that the node covers.
    private var covered: [UInt64]
    private var claims = 0
    private var count = 0
    /// How many entries have a value below each of the ends.
    private(set) var live: [UInt32]

    init(handle: IndexHandle, bounds: ImageValueBounds?) {
        self.handle = handle
        self.bounds = bounds
        configuration = handle.state.pointee.configuration
        top = handle.state.pointee.arena.top
        claimed = [UInt64](repeating: 0, count: top / Arena.granuleUnits / 64 + 1)
        covered = claimed
        live = [UInt32](repeating: 0, count: bounds?.ends.count ?? 0)
    }

    func isClaimed(_ reference: Int) -> Bool {
        let place = reference / Arena.granuleUnits
        return claimed[place / 64] >> UInt64(place % 64) & 1 == 1
    }

    /// The form has room for a few slots more than the largest data node is meant to have.
    private func slotsMax(height: Int) -> Int {
        height == 0 ? configuration.dataSlotsMax + 4 : configuration.innerSlotsMax
    }

    private func bytes(capacity: Int, height: Int) -> Int {
        height == 0 ? Node<Pair>.bytes(capacity: capacity) : Node<Child>.bytes(capacity: capacity)
    }

    /// Throws unless a node of so many slots can lie where the child says. Nothing of it is read.
    func place(_ child: Child, height: Int) throws(InvariantViolation) -> Range<Int> {
        let reference = Int(child.reference)
        try require(
            child.capacity > 0 && child.capacity <= slotsMax(height: height),
            "the image's node \(reference) has \(child.capacity) slots")
        let begin = reference * Arena.unitBytes
        let end = begin + bytes(capacity: child.capacity, height: height)
        try require(
            reference % Arena.granuleUnits == 0 && reference >= Arena.granuleUnits && end <= top * Arena.unitBytes,
            "the image has no block \(reference) for a node")
        return begin..<end
    }

    /// The node's bytes in the arena, which no other node has.
    mutating func claim(_ child: Child, height: Int) throws(InvariantViolation) -> Range<Int> {
        let range = try place(child, height: height)
        let granuleBytes = Arena.unitBytes * Arena.granuleUnits
        let first = range.lowerBound / granuleBytes
        for granule in first...((range.upperBound - 1) / granuleBytes) {
            let bit: UInt64 = 1 << UInt64(granule % 64)
            try require(covered[granule / 64] & bit == 0, "the image's node \(child.reference) lies over another")
            covered[granule / 64] |= bit
        }
        claimed[first / 64] |= 1 << UInt64(first % 64)
        claims += 1
        return range
    }

    /// A node and all below it, from the left to the right.
    mutating func tree(_ child: Child, height: Int, below: Int64?) throws(InvariantViolation) {
        _ = try claim(child, height: height)
        try node(child, height: height, below: below)
        if height == 0 { return }
        let node = handle.innerNode(child)
        var at = node.start
        while at < node.end {
            let next = min(node.next(after: at), node.end)
            try tree(node.slots[at], height: height - 1, below: next < node.end ? node.slots[next].key : below)
            at = next
        }
    }

    /// A node that was claimed: its header, and its slots.
    mutating func node(_ child: Child, height: Int, below: Int64?) throws(InvariantViolation) {
        let reference = Int(child.reference)
        let header = handle.header(reference).pointee
        try require(
            header.kind == (height == 0 ? NodeHeader.Kind.data : NodeHeader.Kind.inner),
            "the image's node \(reference) is of kind \(header.kind)")
        let capacity = Int(header.capacity)
        try require(
            child.capacity == capacity, "the image's node \(reference) has \(capacity) slots, not \(child.capacity)")
        try require(
            bytes(capacity: capacity, height: height) <= Int(header.units) * Arena.unitBytes,
            "the image's node \(reference) is longer than its block")
        try require(
            header.start <= header.end && header.end <= header.capacity && header.count <= header.countMax
                && header.countMax <= header.capacity, "the image's node \(reference) counts wrongly")
        if height == 0 { try data(child, below: below) } else { try inner(child, height: height, below: below) }
    }

    /// What the image says of all its nodes together, once all are claimed.
    func whole(_ image: IndexImage) throws(InvariantViolation) {
        try require(count == image.count, "the image says it has \(image.count) entries, its nodes hold \(count)")
        try blocks()
        try edges(image)
    }

    /// Blocks tile the arena, and every node begins one.
    private func blocks() throws(InvariantViolation) {
        var reference = Arena.granuleUnits
        var nodes = 0
        while reference < top {
            // Safe: below the top, as is every byte of a unit that begins there.
            let units = Int(handle.header(reference).pointee.units)
            try require(
                units > 0 && units % Arena.granuleUnits == 0 && units <= top - reference,
                "the image's block \(reference) has \(units) units")
            if isClaimed(reference) { nodes += 1 }
            reference += units
        }
        try require(nodes == claims, "the image has \(claims) nodes, and \(nodes) of them begin a block")
    }

    private mutating func data(_ child: Child, below: Int64?) throws(InvariantViolation) {
        let node = handle.dataNode(child)
        if let fault = Self.fault(node, from: child.key, below: below, { $0.value == $1.value }) {
            throw InvariantViolation(description: "the image's node \(child.reference): \(fault)")
        }
        try require(
            node.count > 0 || handle.state.pointee.height == 0, "the image's node \(child.reference) is empty")
        try require(takeValues(of: node), "the image's node \(child.reference) has a value out of bounds")
        count += node.count
    }

    private func inner(_ child: Child, height: Int, below: Int64?) throws(InvariantViolation) {
        let node = handle.innerNode(child)
        let fault = Self.fault(node, from: child.key, below: below) {
            $0.reference == $1.reference && $0.slotCount == $1.slotCount
        }
        if let fault { throw InvariantViolation(description: "the image's node \(child.reference): \(fault)") }
        try require(
            node.count > 0 && node.slots[node.start].key == child.key,
            "the image's node \(child.reference) does not begin at its separator")
        var at = node.start
        while at < node.end {
            _ = try place(node.slots[at], height: height - 1)
            at = min(node.next(after: at), node.end)
        }
    }

    /// What is wrong with a gapped array whose header is in order, by the invariants of Node.swift.
    private static func fault<Slot: NodeSlot>(
        _ node: Node<Slot>, from lowest: Int64, below: Int64?, _ areAlike: (Slot, Slot) -> Bool
    ) -> String? {
        let (slots, start, end, capacity) = (node.slots, node.start, node.end, node.capacity)
        for at in 0..<start where slots[at].key != .min || node.isFirst(at) { return "slot \(at) is no padding" }
        for at in end..<capacity where slots[at].key != .max || node.isFirst(at) { return "slot \(at) is no padding" }
        if capacity % 64 != 0 && node.bits[capacity / 64] >> UInt64(capacity % 64) != 0 {
            return "bits beyond its slots are set"
        }
        if start == end { return node.count == 0 ? nil : "it has no entries" }
        if slots[start].key < lowest { return "a key is below its separator" }
        if let below, slots[end - 1].key >= below { return "a key is above the next separator" }
        var before = slots[start]
        var begun = 1
        guard node.isFirst(start) else { return "the first bit is clear" }
        for at in (start + 1)..<max(end, start + 1) {
            let slot = slots[at]
            let begins = slot.key != before.key
            if slot.key < before.key || node.isFirst(at) != begins { return "slot \(at) is out of order" }
            if begins {
                begun &+= 1
                before = slot
            } else if !areAlike(slot, before) {
                return "the copies in slot \(at) differ"
            }
        }
        return begun == node.count ? nil : "it counts \(node.count) entries and holds \(begun)"
    }

    /// Counts the values, if all are in their bounds.
    private mutating func takeValues(of node: Node<Pair>) -> Bool {
        guard let bounds else { return true }
        return bounds.ends.withUnsafeBufferPointer { ends in
            live.withUnsafeMutableBufferPointer { live in
                let slots = node.slots
                for at in node.start..<node.end {
                    let value = slots[at].value
                    guard ImageValueBounds.isLegal(value, bounds.shift, ends) else { return false }
                    // Safe: there is a count for each end.
                    if node.isFirst(at) { live[Int(truncatingIfNeeded: value &>> bounds.shift)] &+= 1 }
                }
                return true
            }
        }
    }

    /// The invariants of the open edges, by their numbers in IndexHandle+Edges.swift.
    private func edges(_ image: IndexImage) throws(InvariantViolation) {
        if image.tailKey != .max || image.tailReference != 0 {
            let node = try edge(image.tailReference, outermost { $0.lastSet(upTo: $0.end - 1) })
            try require(
                image.tailKey != .max && node.count > 0 && node.slots[node.end - 1].key <= image.tailKey,
                "the image's open tail has a key above \(image.tailKey)")
        }
        if image.headKey != .min || image.headReference != 0 {
            let node = try edge(image.headReference, outermost { $0.start })
            try require(
                image.headKey != .min && node.count > 0 && node.slots[node.start].key >= image.headKey,
                "the image's open head has a key below \(image.headKey)")
        }
    }

    /// The data node at an end, by the slot that leads to it in each inner node.
    private func outermost(_ slot: (Node<Child>) -> Int) -> Child {
        var child = handle.state.pointee.root
        for _ in 0..<handle.state.pointee.height {
            let node = handle.innerNode(child)
            child = node.slots[slot(node)]
        }
        return child
    }

    private func edge(_ reference: UInt32, _ outermost: Child) throws(InvariantViolation) -> Node<Pair> {
        try require(outermost.reference == reference, "the image's open node \(reference) is not at its edge")
        let node = handle.dataNode(outermost)
        try require(node.isPacked, "the image's open node \(reference) is not packed")
        return node
    }
}
