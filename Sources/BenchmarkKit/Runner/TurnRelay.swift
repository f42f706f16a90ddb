import CSystemTrace
import Glibc

// Two processes that measure in turns, slice by slice, as the engines inside one process do.
//
// 1. Each process reads from one FIFO and writes to the other's. A byte in a FIFO is the turn, and names the processor
//    that the giver ran on: the taker goes on there (sched_setaffinity(2), taken back at once). Of two processors, one
//    may have the busier neighbour for seconds.
// 2. Before each slice a process gives the turn away and waits until it comes back. Whatever it does in between, timed
//    or not, it does alone.
// 3. Whoever started the two puts one byte into the FIFO of the one that begins, and the byte `end` into the other's
//    FIFO once a process has ended. From then on nobody waits.
//
// Both run the same plan, so they have the same number of slices. A virtual machine's neighbours speed up and slow down
// within tenths of a second: of two runs one after the other, one has the luck; of two that alternate every few
// milliseconds, neither.

/// A process's part in measuring in turns with another one.
public final class TurnRelay: @unchecked Sendable {
    // Safe to share: used by the runner's thread alone.
    private let incoming: Int32
    private let outgoing: Int32
    private var isAlone = false

    /// Hands the turn on, wherever the taker runs. Lower bytes are processors.
    public static let turn: UInt8 = 254
    /// Says that the other process has ended.
    public static let end: UInt8 = 255

    /// Opens two FIFOs, which exist. Opening does not wait for the other process (fifo(7): both ends at once).
    ///
    /// - Throws: `RunError` naming the path that can't be opened.
    public init(reading: String, writing: String) throws(RunError) {
        incoming = try Self.open(reading)
        do throws(RunError) {
            outgoing = try Self.open(writing)
        } catch {
            close(incoming)
            throw error
        }
    }

    deinit {
        close(incoming)
        close(outgoing)
    }

    private static func open(_ path: String) throws(RunError) -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else {
            if descriptor >= 0 { close(descriptor) }
            throw RunError(
                .usage, "--turns \(path): it is no FIFO that can be opened: make it with mkfifo, or leave the flag out")
        }
        return descriptor
    }

    /// Waits for the turn. A signal ends the wait.
    func take() {
        guard !isAlone else { return }
        var byte: UInt8 = 0
        guard read(incoming, &byte, 1) == 1 else { return }
        isAlone = byte == Self.end
        if byte < Self.turn { system_move_to_processor(Int32(byte)) }
    }

    /// Gives the turn away and waits for it.
    func passOn() {
        guard !isAlone else { return }
        var byte = UInt8(clamping: min(UInt32(bitPattern: system_processor()), UInt32(Self.turn)))
        guard write(outgoing, &byte, 1) == 1 else { return }
        take()
    }
}
