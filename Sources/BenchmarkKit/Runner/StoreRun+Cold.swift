import StorageBackends

// What is in memory of the stores' files when a pass begins: all of it, or with `--cold` nothing.
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

    /// Reads back what the system took out of memory of the stores' files while other engines had their turns.
    ///
    /// A kernel that gives up pages by their age (DAMON's reclamation, a control group's) takes those of an engine that
    /// waits, so that a figure would be of the disk. Where the stores leave half of the memory or less to others
    /// nothing is read: then a store may be larger than what is there for it. Under `--memory-limit` that is meant.
    func makeWarm() {
        if plan.isCold || plan.memoryLimitBytes != nil { return }
        let bytes = runners.reduce(0) { $0 + FileSystemProbe.allocatedBytes(under: $1.directory) }
        guard bytes <= MemoryGroup.availableBytes() / 2 else { return }
        for contestant in runners where PageCache.bring(filesUnder: contestant.directory) > 0 {
            warn(
                "the system took pages of \(contestant.name)'s files out of memory between its turns; "
                    + "they were read back",
                "figures are of stores in memory; --cold measures those that are not")
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
