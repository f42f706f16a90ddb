#if IndexPeers
    import CIndexPeers
    import StorageBackends

    /// A map of C++: the loops run in the shim, one call each.
    final class PeerUnderTest: IndexUnderTest {
        private let peer: OpaquePointer

        init(_ kind: index_peer_kind) { peer = index_peer_create(kind) }

        deinit { index_peer_destroy(peer) }

        var count: Int { index_peer_count(peer) }
        var allocatedBytes: Int { index_peer_bytes(peer) }
        var structure: [IndexFigure] { [] }

        func load(_ keys: IndexKeys) throws(BackendError) { index_peer_load(peer, keys.baseAddress, keys.count) }

        func insert(_ keys: IndexKeys) -> IndexTally {
            IndexTally(index_peer_insert(peer, keys.baseAddress, keys.count))
        }
        func insert(_ keys: IndexKeys, nanoseconds: UnsafeMutablePointer<UInt64>) -> IndexTally {
            IndexTally(index_peer_insert_timed(peer, keys.baseAddress, keys.count, nanoseconds))
        }
        func remove(_ keys: IndexKeys) -> IndexTally {
            IndexTally(index_peer_remove(peer, keys.baseAddress, keys.count))
        }
        func lookUp(_ keys: IndexKeys) -> IndexTally {
            IndexTally(index_peer_look_up(peer, keys.baseAddress, keys.count))
        }
        func lookUpDependent(_ keys: IndexKeys) -> IndexTally {
            IndexTally(index_peer_look_up_dependent(peer, keys.baseAddress, keys.count))
        }
        /// One by one: the descriptor says that there is no call for many.
        func lookUpBatched(_ keys: IndexKeys) -> IndexTally { lookUp(keys) }
        func scan(from keys: IndexKeys, length: Int) -> IndexTally {
            IndexTally(index_peer_scan(peer, keys.baseAddress, keys.count, length))
        }
        func walk() -> IndexTally { IndexTally(index_peer_walk(peer)) }
    }

    extension IndexTally {
        fileprivate init(_ tally: index_peer_tally) {
            self.init()
            hits = tally.hits
            pairs = tally.pairs
            wrong = tally.wrong
            checksum = tally.checksum
        }
    }
#endif
