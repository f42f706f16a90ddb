import LearnedIndex
import Testing

@Suite struct EpochTests {
    @Test func aPinHoldsItsEpoch() throws {
        let index = try AlexIndex()
        let epochs = index.epochs
        #expect(epochs.oldestPinned == .max)
        let first = epochs.enter(home: 7)
        let stamp = epochs.advance()
        let second = epochs.enter(home: 7)
        #expect(epochs.oldestPinned == stamp, "the first reader entered in the epoch that ended")
        epochs.leave(first)
        #expect(epochs.oldestPinned == stamp + 1 && epochs.epoch == stamp + 1)
        epochs.leave(second)
        #expect(epochs.oldestPinned == .max)
    }

    /// More readers at once than there are slots: the rest share one, which keeps the oldest epoch until it is empty.
    @Test func readersBeyondTheSlotsShareOne() throws {
        let index = try AlexIndex()
        let epochs = index.epochs
        let first = epochs.epoch
        var pins: [EpochPin] = []
        for home in 0..<(EpochRegistry.slotCount + 3) {
            pins.append(epochs.enter(home: home))
            epochs.advance()
        }
        #expect(epochs.oldestPinned == first)
        let own = pins.prefix(EpochRegistry.slotCount)
        let shared = pins.dropFirst(EpochRegistry.slotCount)
        for pin in own { epochs.leave(pin) }
        let firstShared = first + UInt64(EpochRegistry.slotCount)
        for pin in shared {
            #expect(epochs.oldestPinned == firstShared)
            epochs.leave(pin)
        }
        #expect(epochs.oldestPinned == .max)
    }

    @Test func limboHandsOutWhatNobodyCanHold() {
        var limbo = Limbo<Int>()
        defer { limbo.release() }
        var out: [Int] = []
        for round in 0..<40 {
            limbo.retire(2 * round)
            limbo.retire(2 * round + 1)
            #expect(limbo.isOpen)
            limbo.seal(UInt64(round + 1))
            limbo.reclaim(below: UInt64(max(round - 20, 0))) { out.append($0) }
        }
        #expect(out == Array(0..<36) && limbo.count == 44, "\(out), \(limbo.count) left")
        limbo.retire(80)
        limbo.reclaim(below: .max) { out.append($0) }
        #expect(out == Array(0..<80) && limbo.count == 1, "what is not sealed stays")
        limbo.seal(50)
        #expect(limbo.items == [80])
        limbo.reclaim(below: 50) { out.append($0) }
        #expect(limbo.count == 1, "a reader may be pinned in the epoch of the stamp")
        limbo.reclaim(below: 51) { out.append($0) }
        #expect(limbo.count == 0)
    }
}
