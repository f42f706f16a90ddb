import Glibc
import StorageBackends

/// One slice dealt out to threads: each operation to thread `record % threads`, in the slice's order.
///
/// All operations on a record so are one thread's, in the order of the stream: what a read must find stays certain, and
/// the end state is the same for any number of threads and any engine. The slice is the same too, so its hash is. A
/// popular record makes its thread's share larger; the slice ends when the last thread has ended.
///
/// With writers of their own the first threads get all that changes the store, the others all reads: the stream then
/// writes records of odd numbers and reads even ones.
final class ThreadShares {
    let threads: Int
    /// Threads that write only, 0 where every thread reads and writes; below `threads`.
    private(set) var writers = 0
    private var operations = UnsafeMutableBufferPointer<Operation>.allocate(capacity: 0)
    /// When each operation is due, in units of the mean distance between two; in the shares' order.
    private var dueUnits = UnsafeMutableBufferPointer<Double>.allocate(capacity: 0)
    private var due = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 0)
    /// A time of each operation: its service or response time.
    private(set) var times = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 0)
    /// Where each thread's share begins; one more at the end.
    private var starts: [Int]

    init(threads: Int) {
        self.threads = threads
        starts = Array(repeating: 0, count: threads + 1)
    }

    deinit { release() }

    private func release() {
        operations.deallocate()
        dueUnits.deallocate()
        due.deallocate()
        times.deallocate()
    }

    private func reserve(_ count: Int) {
        guard operations.count < count else { return }
        release()
        operations = .allocate(capacity: count)
        dueUnits = .allocate(capacity: count)
        due = .allocate(capacity: count)
        times = .allocate(capacity: count)
        due.initialize(repeating: 0)
        times.initialize(repeating: 0)
    }

    /// Sets how many threads write only. A single thread does everything.
    func setWriters(_ wanted: Int) { writers = max(min(wanted, threads - 1), 0) }

    /// Deals a slice out. O(operations).
    /// - Parameter arrivals: Gives the time at which each operation is due; `nil` in the closed loop.
    func deal(_ slice: OperationSlice, arrivals: inout ArrivalTimes?) {
        reserve(slice.operations.count)
        for index in starts.indices { starts[index] = 0 }
        for operation in slice.operations { starts[thread(of: operation) + 1] += 1 }
        for index in 1...threads { starts[index] += starts[index - 1] }
        var next = starts
        for operation in slice.operations {
            let place = next[thread(of: operation)]
            next[thread(of: operation)] += 1
            operations.initializeElement(at: place, to: operation)
            dueUnits.initializeElement(at: place, to: arrivals?.next() ?? 0)
        }
    }

    private func thread(of operation: Operation) -> Int {
        if writers == 0 { return Int(truncatingIfNeeded: operation.record % UInt64(truncatingIfNeeded: threads)) }
        let pair = operation.record / 2
        if operation.kind.isWrite { return Int(truncatingIfNeeded: pair % UInt64(truncatingIfNeeded: writers)) }
        return writers + Int(truncatingIfNeeded: pair % UInt64(truncatingIfNeeded: threads - writers))
    }

    func range(of thread: Int) -> Range<Int> { starts[thread]..<starts[thread + 1] }

    /// A part of the slice that was dealt out, with its values.
    func part(_ range: Range<Int>, of slice: OperationSlice) -> OperationSlice {
        OperationSlice(
            operations: UnsafeBufferPointer(rebasing: operations[range]), values: slice.values,
            pattern: slice.pattern, keys: slice.keys, checksValues: slice.checksValues)
    }

    func times(of range: Range<Int>) -> UnsafeMutableBufferPointer<UInt64> {
        UnsafeMutableBufferPointer(rebasing: times[range])
    }

    /// Sets when each operation is due by the clock.
    /// - Parameters:
    ///   - begin: The clock's time at which the engine's own time is `elapsed`.
    ///   - nanosecondsPerUnit: The mean distance between two operations.
    func schedule(begin: UInt64, elapsed: UInt64, nanosecondsPerUnit: Double) {
        for index in 0..<starts[threads] {
            due[index] = begin &- elapsed &+ UInt64(dueUnits[index] * nanosecondsPerUnit)
        }
    }

    func pacing(of range: Range<Int>) -> Pacing {
        Pacing(due: UnsafeBufferPointer(rebasing: due[range]), responses: times(of: range))
    }

    /// Every operation's end in the engine's own time and its response time, in the order of the ends.
    /// O(n log n).
    func responses(nanosecondsPerUnit: Double) -> [(end: UInt64, time: UInt64)] {
        (0..<starts[threads]).map { (UInt64(dueUnits[$0] * nanosecondsPerUnit) &+ times[$0], times[$0]) }
            .sorted { $0.end < $1.end }
    }

    /// Every operation's end and service time, each thread's one after the other from the slice's beginning, in the
    /// order of the ends.
    func services() -> [(end: UInt64, time: UInt64)] {
        var all: [(end: UInt64, time: UInt64)] = []
        for thread in 0..<threads {
            var end: UInt64 = 0
            for index in range(of: thread) {
                end &+= times[index]
                all.append((end, times[index]))
            }
        }
        return all.sorted { $0.end < $1.end }
    }
}

/// The times at which the operations of an open loop are due, in units of the mean distance between two. The same seed
/// gives the same times.
struct ArrivalTimes {
    private let arrival: LoopPlan.Arrival
    private var random: SplitMix
    /// When the last operation was due.
    private(set) var time = 0.0

    init(_ arrival: LoopPlan.Arrival, seed: UInt64) {
        self.arrival = arrival
        random = SplitMix(seed: seed ^ 0x0A44_17A1)
    }

    mutating func next() -> Double {
        switch arrival {
        case .fixed: time += 1
        // Inversion: -log of an even draw from above 0 up to 1.
        case .poisson: time -= log(random.unit())
        }
        return time
    }
}
