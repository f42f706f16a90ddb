/// A walk over the nodes of an image that nobody has reason to trust: it reads nothing whose place it has not checked.
///
/// What it lets pass is an index in every number: each node is a block of its own, all data nodes lie equally deep,
/// keys ascend and lie between their separators, bits and counts agree, copies are alike, values are in their bounds.
struct ImageCheck {
    let handle: IndexHandle
    private let bounds: ImageValueBounds?
    private let configuration: AlexIndex.Configuration
    private let top: Int
    /// A bit for each place where a block may begin: set while a block begins there that no node has claimed.
    private var starts: [UInt64]
    /// The same for those that a node has claimed.
    private var claimed: [UInt64]
    private var count = 0
    private var first: Child?
    private var last: Child?

    init(handle: IndexHandle, bounds: ImageValueBounds?) {
        self.handle = handle
        self.bounds = bounds
        configuration = handle.state.pointee.configuration
        top = handle.state.pointee.arena.top
        starts = [UInt64](repeating: 0, count: top / Arena.granuleUnits / 64 + 1)
        claimed = starts
    }

    func isClaimed(_ reference: Int) -> Bool {
        let place = reference / Arena.granuleUnits
        return claimed[place / 64] >> UInt64(place % 64) & 1 == 1
    }

    /// Blocks tile the arena.
    mutating func findBlocks() throws(InvariantViolation) {
        var reference = Arena.granuleUnits
        while reference < top {
            // Safe: below the top, as is every byte of a unit that begins there.
            let units = Int(handle.header(reference).pointee.units)
            try require(
                units > 0 && units % Arena.granuleUnits == 0 && units <= top - reference,
                "the image's block \(reference) has \(units) units")
            let place = reference / Arena.granuleUnits
            starts[place / 64] |= 1 << UInt64(place % 64)
            reference += units
        }
    }

    /// Every node, from the root down; then what the image says of the whole.
    mutating func tree(_ image: IndexImage) throws(InvariantViolation) {
        try node(image.root, height: image.height, below: nil)
        try require(count == image.count, "the image says it has \(image.count) entries, its nodes hold \(count)")
        try edges(image)
    }

    private mutating func node(_ child: Child, height: Int, below: Int64?) throws(InvariantViolation) {
        let reference = Int(child.reference)
        let place = reference / Arena.granuleUnits
        try require(
            reference % Arena.granuleUnits == 0 && reference < top && starts[place / 64] >> UInt64(place % 64) & 1 == 1,
            "the image has no block \(reference) for a node")
        starts[place / 64] &= ~(1 << UInt64(place % 64))
        claimed[place / 64] |= 1 << UInt64(place % 64)
        let header = handle.header(reference).pointee
        let isData = height == 0
        try require(
            header.kind == (isData ? NodeHeader.Kind.data : NodeHeader.Kind.inner),
            "the image's node \(reference) is of kind \(header.kind)")
        // The form has room for a few slots more than the largest node is meant to have.
        let slotsMax = isData ? configuration.dataSlotsMax + 4 : configuration.innerSlotsMax
        let capacity = Int(header.capacity)
        try require(
            capacity > 0 && capacity <= slotsMax && child.capacity == capacity,
            "the image's node \(reference) has \(capacity) slots")
        let bytes = isData ? Node<Pair>.bytes(capacity: capacity) : Node<Child>.bytes(capacity: capacity)
        try require(
            bytes <= Int(header.units) * Arena.unitBytes, "the image's node \(reference) is longer than its block")
        try require(
            header.start <= header.end && header.end <= header.capacity && header.count <= header.countMax
                && header.countMax <= header.capacity, "the image's node \(reference) counts wrongly")
        if isData { try data(child, below: below) } else { try inner(child, height: height, below: below) }
    }

    private mutating func data(_ child: Child, below: Int64?) throws(InvariantViolation) {
        let node = handle.dataNode(child)
        if let fault = Self.fault(node, from: child.key, below: below, { $0.value == $1.value }) {
            throw InvariantViolation(description: "the image's node \(child.reference): \(fault)")
        }
        try require(
            node.count > 0 || handle.state.pointee.height == 0, "the image's node \(child.reference) is empty")
        if let bounds {
            try require(Self.areLegal(node, bounds), "the image's node \(child.reference) has a value out of bounds")
        }
        count += node.count
        first = first ?? child
        last = child
    }

    private mutating func inner(_ child: Child, height: Int, below: Int64?) throws(InvariantViolation) {
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
            let next = min(node.next(after: at), node.end)
            try self.node(node.slots[at], height: height - 1, below: next < node.end ? node.slots[next].key : below)
            at = next
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

    private static func areLegal(_ node: Node<Pair>, _ bounds: ImageValueBounds) -> Bool {
        bounds.ends.withUnsafeBufferPointer { ends in
            let slots = node.slots
            for at in node.start..<node.end where !ImageValueBounds.isLegal(slots[at].value, bounds.shift, ends) {
                return false
            }
            return true
        }
    }

    /// The invariants of the open edges, by their numbers in IndexHandle+Edges.swift.
    private func edges(_ image: IndexImage) throws(InvariantViolation) {
        if image.tailKey != .max || image.tailReference != 0 {
            let node = try edge(image.tailReference, last)
            try require(
                image.tailKey != .max && node.count > 0 && node.slots[node.end - 1].key <= image.tailKey,
                "the image's open tail has a key above \(image.tailKey)")
        }
        if image.headKey != .min || image.headReference != 0 {
            let node = try edge(image.headReference, first)
            try require(
                image.headKey != .min && node.count > 0 && node.slots[node.start].key >= image.headKey,
                "the image's open head has a key below \(image.headKey)")
        }
    }

    private func edge(_ reference: UInt32, _ outermost: Child?) throws(InvariantViolation) -> Node<Pair> {
        guard let outermost, outermost.reference == reference else {
            throw InvariantViolation(description: "the image's open node \(reference) is not at its edge")
        }
        let node = handle.dataNode(outermost)
        try require(node.isPacked, "the image's open node \(reference) is not packed")
        return node
    }
}
