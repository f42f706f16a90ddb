import BenchmarkKit
import Foundation

/// Two processes at once, one of them working at any time: see `TurnRelay`.
enum PairInTurns {
    /// The FIFOs of one of the two.
    struct End {
        let reading: String
        let writing: String
    }

    /// Starts a process with its FIFOs and a folder of its own; it has to call the closure once it has ended.
    typealias Begin = (End, String, @escaping @Sendable () -> Void) throws(Failure) -> RunningChild

    /// Runs both to their ends; the first begins. What each has measured.
    static func run<First, Second>(
        _ first: @escaping Begin, _ firstResult: (RunningChild) throws(Failure) -> First,
        _ second: @escaping Begin, _ secondResult: (RunningChild) throws(Failure) -> Second
    ) throws(Failure) -> (First, Second) {
        try withScratchFolder { (scratch: String) throws(Failure) -> (First, Second) in
            let fifos = [try TurnFIFO(scratch + "/first"), try TurnFIFO(scratch + "/second")]
            // Both processes have ended then, and with them what writes here.
            defer { for fifo in fifos { fifo.close() } }
            var children: [RunningChild] = []
            for (place, begin) in [first, second].enumerated() {
                let (own, other) = (fifos[place], fifos[1 - place])
                let folder = try makeFolder("\(scratch)/\(place)")
                do throws(Failure) {
                    // Whoever ends first, however it ends, leaves the other to itself.
                    children.append(
                        try begin(End(reading: own.path, writing: other.path), folder) { other.put(TurnRelay.end) })
                } catch {
                    for fifo in fifos { fifo.put(TurnRelay.end) }
                    for child in children { _ = try? child.output() }
                    throw error
                }
            }
            fifos[0].put(TurnRelay.turn)
            let one = Result { () throws(Failure) in try firstResult(children[0]) }
            let two = Result { () throws(Failure) in try secondResult(children[1]) }
            return (try one.get(), try two.get())
        }
    }

    private static func makeFolder(_ path: String) throws(Failure) -> String {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure(.failure, "\(path): can't be made: \(error)\nfree some space there")
        }
        return path
    }
}

/// A FIFO that one of two processes waits at.
private final class TurnFIFO: Sendable {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws(Failure) {
        self.path = path
        guard mkfifo(path, 0o600) == 0 else {
            throw Failure(
                .failure, "\(path): no FIFO can be made: \(Console.systemMessage(errno))\nfree some space there")
        }
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(.failure, "\(path): can't be opened: \(Console.systemMessage(errno))\nclose some files")
        }
    }

    /// Once. Not left to `deinit`: a process that has ended keeps what it was to call then.
    func close() { _ = Glibc.close(descriptor) }

    func put(_ byte: UInt8) {
        var byte = byte
        _ = write(descriptor, &byte, 1)
    }
}
