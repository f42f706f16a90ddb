import Glibc
import StorageBackends

/// The two child processes of `alexbench crash`: one writes until it is killed, one reads what is left.
///
/// Both talk on standard output in 64-bit words. The writer tells the stamp of each commit once the engine has returned
/// from it, the reader its times and what it found. A failure is the word `failureWord`, then the reason as text.
public struct CrashChild: Sendable {
    /// The first argument of the child: `childWord ROLE BACKEND DIRECTORY CLASS SEED RECORDS VALUE-BYTES FIRST LAST`.
    public static let childWord = "--crash-child"
    static let failureWord = UInt64.max
    /// A reader that takes longer than so many seconds is ended by SIGALRM.
    static let readerSecondsMax: UInt32 = 600

    enum Role: String, Sendable { case write, read }

    var role: Role
    var backend: BackendDescriptor
    var directory: String
    var durability: DurabilityClass
    var script: CrashScript
    /// The stamps that the writer commits.
    var stamps: ClosedRange<UInt32>

    /// The child's words, as `init(_:backends:)` understands them.
    var words: [String] {
        [
            Self.childWord, role.rawValue, backend.name, directory, durability.rawValue, "\(script.seed)",
            "\(script.records)", "\(script.valueBytes)", "\(stamps.lowerBound)", "\(stamps.upperBound)",
        ]
    }

    init(
        _ role: Role, backend: BackendDescriptor, directory: String, durability: DurabilityClass, script: CrashScript,
        stamps: ClosedRange<UInt32>
    ) {
        (self.role, self.backend, self.directory) = (role, backend, directory)
        (self.durability, self.script, self.stamps) = (durability, script, stamps)
    }

    /// Understands the words of a command line; `nil` for any other.
    public init?(_ words: [String], backends: (String) -> BackendDescriptor?) {
        guard words.count == 10, words[0] == Self.childWord, let role = Role(rawValue: words[1]),
            let backend = backends(words[2]), let durability = DurabilityClass(rawValue: words[4]),
            let seed = UInt64(words[5]), let records = UInt64(words[6]), let valueBytes = Int(words[7]),
            let first = UInt32(words[8]), let last = UInt32(words[9]), first <= last
        else { return nil }
        self.init(
            role, backend: backend, directory: words[3], durability: durability,
            script: CrashScript(seed: seed, records: records, valueBytes: valueBytes), stamps: first...last)
    }

    /// Does the child's work. Returns the exit code; the writer returns only when its parent is gone or it failed.
    public func run() -> Int32 {
        // Ctrl-C is the parent's to answer: it ends its children.
        signal(SIGINT, SIG_IGN)
        signal(SIGTERM, SIG_IGN)
        if role == .read { alarm(Self.readerSecondsMax) }
        do throws(BackendError) {
            switch role {
            case .write: try write()
            case .read: try read()
            }
            return 0
        } catch {
            var words = [Self.failureWord]
            if tell(&words) { _ = tell(Array(error.message.utf8)) }
            return 1
        }
    }

    private func open() throws(BackendError) -> any StorageBackend {
        try backend.open(
            BackendOptions(
                directory: directory, durability: durability, expectedRecords: script.recordsEver, keys: script.keys))
    }

    // MARK: Writing

    private func write() throws(BackendError) {
        let store = try open()
        let keys = script.keys
        var buffers = CrashBuffers(script)
        defer { buffers.release() }
        for stamp in stamps {
            let commit = script.commit(stamp)
            if let removed = commit.removed {
                _ = try store.remove(keys.key(ofRecord: removed))
            } else if commit.isBatch {
                try store.putBatch(PutBatch(buffers.slice(commit.puts, stamp: stamp, keys: keys)))
            } else {
                let slice = buffers.slice(commit.puts, stamp: stamp, keys: keys)
                try store.put(slice.operations[0].key, slice.value(of: slice.operations[0]))
            }
            var words = [UInt64(stamp)]
            guard tell(&words) else { return }
        }
        // All is written: wait to be killed, or for the parent's end of the pipe to close.
        var end = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        while poll(&end, 1, -1) < 0, errno == EINTR {}
    }

    // MARK: Reading

    private func read() throws(BackendError) {
        let begin = monotonicNanoseconds()
        let store = try open()
        let opened = monotonicNanoseconds()
        _ = try store.get(script.keys.key(ofRecord: 0)) { $0.last ?? 0 }
        let firstRead = monotonicNanoseconds()
        var words = [opened - begin, firstRead - begin, 0, 0]
        var seen: Set<UInt64> = []
        let keys = script.keys
        try store.forEachPair { key, bytes in
            let record = keys.record(ofKey: key)
            if record >= script.recordsEver {
                words[3] += 1
            } else if seen.insert(record).inserted, let stamp = script.stamp(of: bytes, record: record) {
                words.append(record)
                words.append(UInt64(stamp))
            } else {
                words[2] += 1
            }
        }
        _ = tell(&words)
        // The store is left as it is: whoever opens it next finds it as after another kill.
        _exit(0)
    }

    // MARK: Telling

    private func tell(_ words: inout [UInt64]) -> Bool {
        words.withUnsafeBytes { Self.write($0) }
    }

    private func tell(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { Self.write($0) } }

    private static func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var written = 0
        while written < bytes.count {
            // Safe: a buffer with bytes has an address, and `written` is less than their count.
            let count = Glibc.write(STDOUT_FILENO, bytes.baseAddress! + written, bytes.count - written)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return false }
            written += count
        }
        return true
    }
}

/// Room for the operations and values of one commit, used again for each.
struct CrashBuffers {
    private let script: CrashScript
    private let operations: UnsafeMutableBufferPointer<Operation>
    private let values: UnsafeMutableRawBufferPointer

    init(_ script: CrashScript) {
        self.script = script
        operations = .allocate(capacity: Int(CrashScript.loadBatch))
        values = .allocate(byteCount: Int(CrashScript.loadBatch) * script.valueBytes, alignment: 16)
    }

    func release() {
        operations.deallocate()
        values.deallocate()
    }

    /// The puts of a commit. Valid until the next.
    mutating func slice(_ records: [UInt64], stamp: UInt32, keys: KeyMapping) -> OperationSlice {
        precondition(records.count <= operations.count, "a commit outgrows its buffers")
        let bytes = script.valueBytes
        for (place, record) in records.enumerated() {
            let range = place * bytes..<(place + 1) * bytes
            script.fill(UnsafeMutableRawBufferPointer(rebasing: values[range]), record: record, stamp: stamp)
            operations.initializeElement(
                at: place,
                to: Operation(
                    .update, key: keys.key(ofRecord: record), record: record, version: stamp, length: UInt32(bytes),
                    valueOffset: UInt32(place * bytes)))
        }
        return OperationSlice(
            operations: UnsafeBufferPointer(rebasing: operations[..<records.count]),
            values: UnsafeRawBufferPointer(values), pattern: ValuePattern(isText: false), keys: keys,
            checksValues: false)
    }
}
