import CIntrinsics
import LearnedIndex

/// What one or more snapshots of the same state share: the places that keys had then and have lost since. A line of
/// memory, found by a plain pointer.
///
/// The chain: each view knows the next newer one. See `SnapshotViews` for the rules.
struct SnapshotView: BitwiseCopyable, @unchecked Sendable {
    // Words of 8 bytes: the next newer view or 0; snapshots that are open; the overlay or 0; whether an entry could not
    // be kept; the view's number.
    let line: UnsafeMutableRawPointer

    /// What the overlay says of a key that was not there.
    static let absent = UInt64.max

    static func make(number: UInt64) throws(IndexError) -> SnapshotView {
        guard let line = intrinsics_lines_allocate(64) else { throw .outOfMemory(bytes: 64) }
        let view = SnapshotView(line: line)
        intrinsics_store_relaxed(line + 8, 1)
        intrinsics_store_relaxed(line + 32, number)
        return view
    }

    /// Frees it; nobody may be able to find it any more.
    func release() {
        if let overlay {
            overlay.deinitialize(count: 1)
            overlay.deallocate()
        }
        intrinsics_lines_release(line)
    }

    // MARK: Anyone

    /// The next newer view. To be asked before this one is searched.
    var next: SnapshotView? {
        UnsafeMutableRawPointer(bitPattern: UInt(intrinsics_load_acquire(line))).map(SnapshotView.init)
    }

    var overlay: UnsafeMutablePointer<Overlay>? {
        // Safe: the word holds 0 or the pointer that `makeOverlay` put there.
        UnsafeMutableRawPointer(bitPattern: UInt(intrinsics_load_acquire(line + 16)))?
            .assumingMemoryBound(to: Overlay.self)
    }

    /// The place that `key` had, `absent` if it had none, `nil` if it has not changed.
    func place(forKey key: Int64) -> UInt64? { overlay?.pointee.reader.value(forKey: key) }

    /// Whether a key may have changed without its place being kept.
    var isLost: Bool { intrinsics_load_acquire(line + 24) != 0 }

    var snapshots: UInt64 { intrinsics_load_acquire(line + 8) }
    func endSnapshot() { _ = intrinsics_add(line + 8, ~0) }

    // MARK: The writer

    var number: UInt64 { intrinsics_load_relaxed(line + 32) }
    func addSnapshot() { _ = intrinsics_add(line + 8, 1) }
    func setNext(_ view: SnapshotView?) {
        intrinsics_store_release(line, UInt64(UInt(bitPattern: view?.line)))
    }

    func setLost() { intrinsics_store_release(line + 24, 1) }

    /// Whether the place of `key` is kept here.
    func keeps(_ key: Int64) -> Bool { overlay?.pointee.index.value(forKey: key) != nil }

    /// Keeps a place, or says that one is lost.
    func keep(_ place: UInt64, forKey key: Int64) {
        do throws(IndexError) {
            if overlay == nil { try makeOverlay() }
            try overlay?.pointee.index.updateValue(place, forKey: key)
        } catch {
            setLost()
        }
    }

    private func makeOverlay() throws(IndexError) {
        let made = try Overlay()
        let overlay = UnsafeMutablePointer<Overlay>.allocate(capacity: 1)
        overlay.initialize(to: made)
        intrinsics_store_release(line + 16, UInt64(UInt(bitPattern: overlay)))
    }

    /// Keys and the places that they had, with a way to read them beside the writer.
    struct Overlay: ~Copyable {
        var index: AlexIndex
        let reader: IndexReader

        init() throws(IndexError) {
            var configuration = AlexIndex.Configuration()
            // Address space: there may be many of them.
            configuration.reservedBytes = 1 << 30
            configuration.bytesMax = 1 << 34
            var index = try AlexIndex(configuration: configuration)
            reader = index.reader()
            self.index = index
        }
    }
}
