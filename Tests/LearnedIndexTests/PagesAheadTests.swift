import Glibc
import LearnedIndex
import Testing

@Suite struct PagesAheadTests {
    /// Pages that this thread was given so far (getrusage(2)).
    private static func faults() -> Int {
        var usage = rusage()
        // RUSAGE_THREAD, which stands behind _GNU_SOURCE.
        return getrusage(__rusage_who_t(1), &usage) == 0 ? usage.ru_minflt : 0
    }

    /// Not where the system counts no faults, or backs no pages on request.
    private static let countsFaults: Bool = {
        let before = faults()
        guard let memory = mmap(nil, 64 << 12, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { return false }
        defer { munmap(memory, 64 << 12) }
        // MADV_POPULATE_WRITE, from Linux 5.14 on.
        guard madvise(memory, 32 << 12, 23) == 0 else { return false }
        for page in 0..<64 { memory.storeBytes(of: 1, toByteOffset: page << 12, as: UInt8.self) }
        return faults() - before >= 32
    }()

    /// A node that becomes two takes some 20 pages. They were touched beforehand, one at a time: hardly an insert of an
    /// index of some size waits for more than a few.
    @Test(.enabled(if: countsFaults), arguments: [KeySet.uniform, .sequential, .descending])
    func insertsFindTheirPagesThere(_ set: KeySet) throws {
        let keys = set.keys(300_000, seed: 77)
        var index = try AlexIndex()
        for (step, key) in keys.prefix(100_000).enumerated() { try index.updateValue(UInt64(step), forKey: key) }
        var slow = 0
        var rebuilt = 0
        for (step, key) in keys.enumerated().dropFirst(100_000) {
            let before = Self.faults()
            try index.updateValue(UInt64(step), forKey: key)
            let waited = Self.faults() - before
            if waited > 8 { slow += 1 }
            if waited > 0 { rebuilt += 1 }
        }
        #expect(slow <= 3, "\(slow) inserts waited for more than 8 pages, \(rebuilt) for one at least")
    }
}
