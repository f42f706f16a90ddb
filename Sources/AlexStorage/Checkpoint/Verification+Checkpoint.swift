import LearnedIndex

extension Verification {
    /// Step 5: reads the checkpoint as opening does.
    ///
    /// - Parameter rebuilt: An index made of the whole log, which ends at `end`.
    mutating func readCheckpoint(against rebuilt: borrowing AlexIndex, end: LogPlace) {
        guard files.manifest.checkpoint != 0 else { return }
        do throws(CheckpointRefusal) {
            let reader = try CheckpointReader.open(files.manifest, files.fileSystem, in: files.directory)
            defer { reader.close() }
            let index = try reader.load()
            // One that opening left aside may mean other places.
            guard reader.checkpoint.position == end, files.checkpointed?.position == end else { return }
            var wrong: Int64?
            index.forEach(in: .min ... .max) { key, place in
                if rebuilt.value(forKey: key) != place { wrong = key }
                return wrong == nil
            }
            if let wrong { throw CheckpointRefusal("key \(wrong) has another place than in the log") }
            guard index.count == rebuilt.count else {
                throw CheckpointRefusal("it has \(index.count) keys, the log \(rebuilt.count)")
            }
        } catch {
            guard error.isDamage else { return }
            let path = CheckpointFile.path(files.manifest.checkpoint, in: files.directory)
            report.damage = .init(file: path, offset: 0, reason: error.reason)
        }
    }
}
