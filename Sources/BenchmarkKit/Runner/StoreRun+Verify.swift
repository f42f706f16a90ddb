import StorageBackends

extension StoreRun {
    /// Every answer of the row was right, and every engine's tally is the stream's and the first engine's.
    func verifyAnswers(row: String) throws(RunError) {
        for contestant in runners where contestant.isVerified {
            let tally = contestant.tally
            if tally.mismatches > 0 {
                throw failure(
                    contestant, row: row,
                    "\(tally.mismatches) wrong answers, the first for key "
                        + (tally.firstMismatch.map(String.init) ?? "unknown")
                )
            }
            guard tally.hits == expectedHits, tally.misses == expectedMisses else {
                throw failure(
                    contestant, row: row,
                    "\(tally.hits) hits and \(tally.misses) misses where the stream has \(expectedHits) and "
                        + "\(expectedMisses)")
            }
            let place = "\(workload.name)/\(workload.records)/\(`repeat`)/\(threads)/\(row)"
            guard let first = recorder.tallies[place] else {
                recorder.tallies[place] = (contestant.name, tally)
                continue
            }
            if !agree(first.tally, tally) {
                throw failure(
                    contestant, row: row,
                    "its answers differ from \(first.backend)'s: \(tally.scannedPairs) and \(first.tally.scannedPairs) "
                        + "pairs scanned, \(tally.checkedValues) and \(first.tally.checkedValues) values checked, sums "
                        + "\(hexadecimal(tally.readSum)) and \(hexadecimal(first.tally.readSum))")
            }
        }
    }

    /// With several threads a scan may or may not see what another thread just wrote: each pair is checked, the number
    /// of pairs and the sum over them are not compared.
    private func agree(_ first: Tally, _ second: Tally) -> Bool {
        guard threads > 1 else { return first == second }
        return first.hits == second.hits && first.misses == second.misses && first.mismatches == second.mismatches
    }

    /// The engine holds exactly the pairs that the stream says it must.
    func verifyState(of contestant: Contestant) throws(RunError) {
        guard contestant.isVerified else { return }
        try recorder.checkCancelled()
        var digest = StateDigest()
        let wrong: String
        do throws(BackendError) {
            try contestant.backend.forEachPair { digest.add($0, $1) }
            if digest == stream.expected { return }
            wrong = try firstWrongPair(in: contestant.backend)
        } catch {
            throw RunError(error, backend: contestant.name, row: Pass.digest.rawValue)
        }
        throw failure(
            contestant, row: workload.rows.last ?? "",
            "its final state is another than the stream's (digest \(digest.text), not \(stream.expected.text); "
                + "\(digest.pairs) pairs, not \(stream.expected.pairs)): \(wrong)")
    }

    /// What is wrong with the state, found pair by pair: only after the digest said that something is.
    private func firstWrongPair(in backend: any StorageBackend) throws(BackendError) -> String {
        var wrong: Int64?
        try backend.forEachPair { key, bytes in
            if wrong == nil, !stream.holds(key, bytes) { wrong = key }
        }
        if let wrong { return "key \(wrong) is not in the stream's state, or has another value" }
        for place in 0..<stream.count {
            guard let key = stream.liveKey(ofRecord: stream.shard.number(place)) else { continue }
            if try backend.get(key, { _ in true }) == nil { return "key \(key) is missing" }
        }
        return "every key is there, and some more than once"
    }

    private func failure(_ contestant: Contestant, row: String, _ what: String) -> RunError {
        RunError(
            .verificationFailed,
            "verification failed: \(contestant.name), \(row), repeat \(`repeat`): \(what). No figure of this engine "
                + "can be trusted: run it alone with --backend \(contestant.name) --seed \(plan.seed) to see it again")
    }
}

extension OperationStream {
    /// Whether the state that the stream expects holds this pair.
    func holds(_ key: Int64, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let record = keys.record(ofKey: key)
        guard liveKey(ofRecord: record) != nil else { return false }
        let version = currentVersion(ofRecord: record)
        return bytes.count == Int(valueBytes(record, version))
            && pattern.matches(bytes, record: record, version: version)
    }

    /// The key of a record that is there, `nil` for one that is not.
    func liveKey(ofRecord record: UInt64) -> Int64? {
        guard shard.holds(record), shard.place(record) < count, !isRemoved(record) else { return nil }
        return keys.key(ofRecord: record)
    }
}
