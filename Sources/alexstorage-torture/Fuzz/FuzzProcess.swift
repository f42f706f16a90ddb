import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a child says: two words, and a text behind those of a violation.
enum FuzzMessage {
    case begin(UInt64)
    case end(FuzzTrial.Outcome, isForged: Bool)
    case violation(String)

    /// Writes it to standard output; without a reader there is nothing left to do.
    func send() {
        var bytes: [UInt8] = []
        func put(_ word: UInt64) { withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) } }
        switch self {
        case .begin(let seed):
            put(0)
            put(seed)
        case .end(let outcome, let isForged):
            put(isForged ? 2 : 1)
            put(UInt64(outcome.rawValue))
        case .violation(let text):
            put(3)
            put(UInt64(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { write(1, $0.baseAddress! + sent, bytes.count - sent) }
            if count <= 0 { exit(3) }
            sent += count
        }
    }
}

/// A child that fuzzes, and the pipe that it tells on.
final class FuzzProcess {
    private let child: pid_t
    private let pipeEnd: Int32
    private var isHanging = false

    /// Seconds after which a case counts as hanging; one takes some milliseconds.
    private static let hangSeconds: Int32 = 60
    /// While it is held no other thread starts a child, which would inherit the pipe's ends.
    private static let spawning = Mutex(())

    init(first: UInt64, step: UInt64, seconds: Double) throws {
        var ends: [Int32] = [0, 0]
        var spawned: Int32 = 0
        var child = pid_t()
        Self.spawning.withLock { _ in
            spawned = pipe(&ends)
            if spawned != 0 { return }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
            let words = ["torture", "--fuzz-child", "\(first)", "\(step)", "\(seconds)"]
            var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
            arguments.append(nil)
            defer { for argument in arguments { free(argument) } }
            // How it ended is all that is asked of it; --fuzz-case tells the place.
            setenv("SWIFT_BACKTRACE", "enable=no", 1)
            spawned = posix_spawn(&child, "/proc/self/exe", &actions, nil, arguments, environ)
            close(ends[1])
        }
        pipeEnd = ends[0]
        self.child = child
        if spawned != 0 { throw FuzzError(description: "a child can't be started: \(spawned)") }
    }

    deinit { close(pipeEnd) }

    /// The next message; `nil` when there is none any more, because the child has ended or hangs.
    func hear() -> FuzzMessage? {
        guard let kind = word(), let number = word() else { return nil }
        switch kind {
        case 0: return .begin(number)
        case 1, 2: return FuzzTrial.Outcome(rawValue: Int(number)).map { .end($0, isForged: kind == 2) }
        default: return read(Int(number)).map { .violation(String(decoding: $0, as: UTF8.self)) }
        }
    }

    private func word() -> UInt64? { read(8)?.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            var waited = pollfd(fd: pipeEnd, events: Int16(POLLIN), revents: 0)
            if poll(&waited, 1, Self.hangSeconds * 1000) == 0 {
                isHanging = true
                return nil
            }
            let received = bytes.withUnsafeMutableBytes { bytes in
                // Safe: `filled` is less than the buffer's size.
                readSome(pipeEnd, bytes.baseAddress! + filled, count - filled)
            }
            if received <= 0 { return nil }
            filled += received
        }
        return bytes
    }

    /// Waits for its end. Returns how it ended, `nil` for what it should.
    func end() -> String? {
        if isHanging { kill(child, SIGKILL) }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        if isHanging { return "did not come to an end within \(Self.hangSeconds) s" }
        let signal = status & 0x7F
        if signal != 0 { return "was ended by signal \(signal)" }
        return status == 0 ? nil : "ended with code \(status >> 8)"
    }
}

/// read(2), for where another function has its name.
private func readSome(_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(file, buffer, count)
}
