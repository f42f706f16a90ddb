import Synchronization
import Testing

@testable import AlexStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The doors before which threads wait for their groups of commits.
@Suite struct CommitDoorsTests {
    /// Starts threads that wait before a door, each with a ticket that is taken first, and counts those let through.
    private func wait(
        _ count: Int, before door: Int, _ doors: CommitDoors, _ through: CountOfThreads
    ) -> [pthread_t] {
        let tickets = (0..<count).map { _ in doors.ticket(before: door) }
        return startThreads(count) { number in
            doors.wait(before: door, tickets[number])
            through.add()
        }
    }

    private final class CountOfThreads: Sendable {
        private let count = Mutex(0)
        func add() { count.withLock { $0 += 1 } }
        var value: Int { count.withLock { $0 } }

        /// Waits until so many were let through, ten seconds at most.
        func reaches(_ wanted: Int) -> Bool {
            for _ in 0..<10_000 where value < wanted { usleep(1000) }
            return value == wanted
        }
    }

    @Test func anOpenedDoorLetsEveryoneThrough() {
        let doors = CommitDoors(durableSequence: 0)
        let (own, other) = (CountOfThreads(), CountOfThreads())
        let threads = wait(5, before: 1, doors, own) + wait(2, before: 2, doors, other)
        usleep(20_000)
        #expect(own.value == 0 && other.value == 0)
        #expect(doors.open(1))
        doors.wakeAll(1)
        #expect(own.reaches(5))
        usleep(20_000)
        #expect(other.value == 0)
        doors.openAll()
        #expect(other.reaches(2))
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Whoever took a ticket before the door was opened does not fall asleep behind it.
    @Test func anOldTicketDoesNotWait() {
        let doors = CommitDoors(durableSequence: 0)
        let ticket = doors.ticket(before: 3)
        #expect(doors.open(3))
        doors.wait(before: 3, ticket)
        // Nobody has come since.
        #expect(!doors.open(3) && !doors.openForOne(3) && !doors.openForOne(2))
    }

    @Test func oneOfManyIsLetThrough() {
        let doors = CommitDoors(durableSequence: 0)
        let through = CountOfThreads()
        let threads = wait(4, before: 0, doors, through)
        usleep(50_000)
        #expect(doors.openForOne(0))
        doors.wakeOne(0)
        #expect(through.reaches(1))
        usleep(50_000)
        // A system call that was interrupted lets its thread through early; four are not.
        #expect(through.value < 4)
        doors.openAll()
        #expect(through.reaches(4))
        for thread in threads { pthread_join(thread, nil) }
    }

    @Test func theDurableSequenceIsSeenWithoutTheLock() {
        let doors = CommitDoors(durableSequence: 41)
        #expect(doors.durableSequence == 41)
        doors.durableSequence = 42
        #expect(doors.durableSequence == 42)
    }
}
