import Glibc

/// A child process, the running program itself, whose standard output comes here through a pipe. It is killed and
/// waited for at the latest when this value goes.
final class PipedChild {
    private let pid: pid_t
    private let output: Int32
    private var isEnded = false

    /// Starts the running program with these words.
    init(_ words: [String]) throws(RunError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Self.failure("pipe", errno) }
        // Another child of this process must not keep the ends open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        var arguments: [UnsafeMutablePointer<CChar>?] = (["alexbench"] + words).map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var pid = pid_t()
        let spawned = posix_spawn(&pid, "/proc/self/exe", &actions, nil, arguments, environ)
        close(ends[1])
        guard spawned == 0 else {
            close(ends[0])
            throw Self.failure("posix_spawn of /proc/self/exe", spawned)
        }
        self.pid = pid
        output = ends[0]
    }

    deinit {
        if isEnded { return }
        Glibc.kill(pid, SIGKILL)
        close(output)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }

    private static func failure(_ call: String, _ code: Int32) -> RunError {
        RunError(
            .environment,
            "a child process can't be started: \(call): \(String(cString: strerror(code))); end other programs")
    }

    /// SIGKILL: nothing of the child runs any more once it is waited for.
    func kill() { Glibc.kill(pid, SIGKILL) }

    /// Waits for output at most so long. Returns the bytes that came; `nil` at the end of the output.
    func read(milliseconds: Int32) -> [UInt8]? {
        var end = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        guard poll(&end, 1, milliseconds) > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(output, &buffer, buffer.count)
        if count < 0 { return errno == EINTR ? [] : nil }
        if count == 0 { return nil }
        buffer.removeLast(buffer.count - count)
        return buffer
    }

    /// Waits for the child's end. Returns how it ended.
    func wait() -> Ending {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        close(output)
        isEnded = true
        let signal = status & 0x7F
        return signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
    }

    enum Ending: Equatable {
        case exit(Int32)
        case signal(Int32)

        var text: String {
            switch self {
            case .exit(let code): "it ended with exit code \(code)"
            case .signal(SIGALRM): "it took longer than \(CrashChild.readerSecondsMax) s"
            case .signal(let number): "signal \(number) (\(String(cString: strsignal(number)))) ended it"
            }
        }
    }
}

/// 64-bit words out of bytes that come in pieces.
struct WordReader {
    private var bytes: [UInt8] = []
    /// How many bytes were read as words.
    private var start = 0

    mutating func append(_ more: [UInt8]) {
        bytes.removeFirst(start)
        start = 0
        bytes += more
    }

    /// The next word, once all of it has come.
    mutating func next() -> UInt64? {
        guard bytes.count - start >= 8 else { return nil }
        defer { start += 8 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: UInt64.self) }
    }

    /// What has come and was not read as words.
    var rest: [UInt8] { Array(bytes[start...]) }
}
