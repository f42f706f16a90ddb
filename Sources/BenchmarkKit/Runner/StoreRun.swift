import StorageBackends

/// One repeat of one workload: fresh stores, one stream, the engines alternating slice by slice.
///
/// 1. Open every engine in a folder of its own.
/// 2. Load: the stream's inserts, each engine its turn on each slice. Where phases follow, settle each engine. Under a
///    memory limit, which the phases alone have, open it again: see `underMemoryLimit`.
/// 3. For each phase: warm-up, throughput, dependent, latency; each a pass of its own over the next part of the stream.
/// 4. After each row: every answer right, and all tallies the same as the stream's own and each other's.
/// 5. At the end, or when an engine leaves: the digest of its pairs is the stream's.
///
/// A turn is timed from before its first operation to after its last; making the slice, reading the resident size and
/// telling progress lie outside.
final class StoreRun {
    enum Pass: String {
        case load, settle
        case warmUp = "warm-up"
        case throughput, dependent, latency, open, objective, digest
    }

    let recorder: RunRecorder
    let plan: RunPlan
    let workload: Workload
    let `repeat`: Int
    /// Threads of the phases.
    let threads: Int
    /// The threads, idle between turns; `nil` until a phase needs them.
    var team: ThreadTeam?
    /// When the last operation of the pass that ended was due, in units of the mean distance between two.
    var scheduledUnits = 0.0
    /// The current slice as it was dealt out to them.
    let shares: ThreadShares
    let stream: OperationStream
    private(set) var contestants: [Contestant] = []
    var order: TurnOrder
    let memory = ResidentMemory()
    let resources = ResourceReader()
    /// Bytes that the stream had put when the row began.
    var putBytesBefore: UInt64 = 0
    /// Where `runTimed` puts a slice's nanoseconds.
    let clockBuffer: UnsafeMutableBufferPointer<UInt64>
    /// Whether the plan's memory limit holds right now.
    var isLimited = false
    /// What the stream says the current row's reads must come to.
    var expectedHits: UInt64 = 0
    var expectedMisses: UInt64 = 0

    init(_ workload: Workload, repeat: Int, threads: Int = 1, recorder: RunRecorder) {
        self.recorder = recorder
        self.threads = threads
        shares = ThreadShares(threads: threads)
        plan = recorder.plan
        self.workload = workload
        self.repeat = `repeat`
        stream = OperationStream(
            workload, seed: plan.streamSeed(repeat: `repeat`), countLimit: workload.recordsInsertedLimit(plan),
            trace: plan.trace, isRecorded: plan.recordsTrace && `repeat` == 1 && recorder.trace == nil)
        order = TurnOrder(plan.schedule, repeat: `repeat`, seed: plan.seed &+ UInt64(`repeat`))
        clockBuffer = .allocate(capacity: plan.sliceOperations)
    }

    deinit { clockBuffer.deallocate() }

    /// Runs it all with these engines and closes them, whatever happens.
    func run(_ backends: [BackendDescriptor], in directory: RunDirectory) throws(RunError) {
        try withStores(backends, in: directory) { () throws(RunError) in
            try load()
            try underMemoryLimit { () throws(RunError) in
                for phase in workload.phases { try run(phase) }
            }
            if let trace = stream.recorded() { recorder.trace = trace }
            try checkReplay()
            for contestant in contestants where contestant.isRunning { try verifyState(of: contestant) }
            addReceipt()
        }
    }

    /// Opens the engines, calls `body` and closes them, whatever happens.
    func withStores(
        _ backends: [BackendDescriptor], in directory: RunDirectory, _ body: () throws(RunError) -> Void
    ) throws(RunError) {
        do throws(RunError) {
            try open(backends, in: directory)
            try body()
        } catch {
            for contestant in contestants {
                try? contestant.closeCrew()
                if contestant.isOpen { try? contestant.backend.close() }
            }
            throw error
        }
        for contestant in contestants {
            do throws(BackendError) {
                try contestant.backend.close()
            } catch {
                throw RunError(error, backend: contestant.name, row: "close")
            }
        }
    }

    private func open(_ backends: [BackendDescriptor], in directory: RunDirectory) throws(RunError) {
        for descriptor in backends {
            let folder = try directory.makeStore("\(workload.name)/\(descriptor.name)")
            let options = options(in: folder)
            let before = memory.bytes()
            do throws(BackendError) {
                let contestant = Contestant(
                    descriptor, try descriptor.open(options), directory: folder,
                    intervalNanoseconds: plan.loop.intervalNanoseconds)
                contestants.append(contestant)
                contestant.residentBytes = memory.bytes() - before
                try recorder.addReceipt(contestant)
            } catch {
                throw RunError(error, backend: descriptor.name, row: "open")
            }
        }
    }

    func options(in folder: String) -> BackendOptions {
        var options = BackendOptions(
            directory: folder, durability: plan.durability,
            expectedRecords: workload.recordsInsertedLimit(plan), keys: stream.keys)
        options.threads = threads
        options.memoryBytes = plan.memoryBytes
        options.memoryLimitBytes = isLimited ? plan.memoryLimitBytes : nil
        return options
    }

    /// The load's row, its latency pass where it has one, and the settling.
    func load() throws(RunError) {
        let passes = PassPlan(load: workload)
        beginRow()
        try run(.load, row: workload.load.row, operations: passes.throughput, batch: workload.load.batch) {
            stream.inserts($0)
        }
        addThroughput(row: workload.load.row)
        for contestant in runners { contestant.loadNanoseconds = contestant.nanoseconds }
        if passes.latency > 0 {
            try run(.latency, row: workload.load.row, operations: passes.latency, batch: 1) { stream.inserts($0) }
            addLatency(row: workload.load.row)
        }
        try endRow(workload.load.row)
        try settle()
    }

    private func run(_ phase: Workload.Phase) throws(RunError) {
        let passes = plan.passes(phase)
        try leaveThoseWithout(phase)
        if plan.isCold { try makeCold(phase.name) }
        stream.begin(phase)
        beginRow()
        try openCrews(phase)
        let all: [(pass: Pass, operations: UInt64)] = [
            (.warmUp, passes.warmUp), (.throughput, passes.throughput), (.dependent, passes.dependent),
            (.latency, passes.latency), (.open, passes.open),
        ]
        for (pass, operations) in all where operations > 0 {
            makeWarm()
            try run(pass, row: phase.name, operations: operations, batch: phase.batch) { stream.slice($0) }
            switch pass {
            case .throughput: addThroughput(row: phase.name)
            case .dependent: addDependent(row: phase.name)
            case .latency: addLatency(row: phase.name)
            case .open: addResponses(row: phase.name)
            default: break
            }
        }
        if let objective = plan.loop.objective, passes.step > 0 {
            try findRates(objective, row: phase.name, stepOperations: passes.step)
        }
        try closeCrews(row: phase.name)
        try endRow(phase.name)
        for contestant in contestants { contestant.isSkipping = false }
    }
}
