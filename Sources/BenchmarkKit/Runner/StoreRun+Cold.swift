import StorageBackends

// `--cold`: a phase begins with a store that was just opened and whose files are not in the page cache.
extension StoreRun {
    /// Closes each store, asks the system to drop its files from the page cache, and opens it again. A mapped page
    /// can't be dropped, so the store has to be closed first. An engine that can't reopen stays warm, with a warning.
    func makeCold(_ row: String) throws(RunError) {
        for contestant in runners {
            guard contestant.descriptor.capabilities.contains(.reopen) else {
                warn("\(contestant.name) can't reopen its store, so it is not cold", "leave it out of --cold")
                continue
            }
            try recorder.checkCancelled()
            let folder = contestant.directory
            do throws(BackendError) {
                try contestant.reopen(options(in: folder)) { dropPages(of: contestant) }
            } catch {
                throw RunError(error, backend: contestant.name, row: row)
            }
        }
    }

    /// Drops the files of a closed store from the page cache, with a warning where they stay.
    func dropPages(of contestant: Contestant) {
        let left = PageCache.drop(filesUnder: contestant.directory)
        guard left > PageCache.shareLeftLimit else { return }
        warn(
            "\(Figures.percent(left)) of the files of \(contestant.name) stayed in the page cache",
            "not a cold figure: run on a file system that lets pages be dropped")
    }

    private func warn(_ text: String, _ remedy: String) {
        let warning = RunResult.Warning(text: text, remedy: remedy)
        if !recorder.result.warnings.contains(warning) { recorder.result.warnings.append(warning) }
    }
}
