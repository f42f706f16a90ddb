import CSystemTrace
import StorageBackends

// `--memory-limit`: the phases run under a limit of the system's memory, the load and the final check without it.
//
// 1. What is in memory already is charged to whoever had it first, and would come for nothing: so the stores are
//    closed, the heap's free pages given back, the files' pages dropped.
// 2. The process enters a control group with the limit, and the stores are opened there: index, caches and pages of
//    files are charged to the group.
// 3. Afterwards the process leaves and the group is removed, whatever happened.
extension StoreRun {
    /// Runs `body` under the plan's limit; without one just so.
    func underMemoryLimit(_ body: () throws(RunError) -> Void) throws(RunError) {
        guard let bytes = plan.memoryLimitBytes else { return try body() }
        try recorder.checkCancelled()
        let before = memory.bytes()
        for contestant in contestants {
            do throws(BackendError) {
                try contestant.closeStore()
            } catch {
                throw RunError(error, backend: contestant.name, row: "close")
            }
        }
        system_release_heap()
        for contestant in contestants { dropPages(of: contestant) }
        let limit = try MemoryLimit(bytes)
        isLimited = true
        var failure: RunError?
        do throws(RunError) {
            try openUnderLimit()
            for contestant in contestants { contestant.residentBytes += memory.bytes() - before }
            try body()
        } catch {
            failure = error
        }
        isLimited = false
        do throws(RunError) { try limit.leave() } catch { failure = failure ?? error }
        if let failure { throw failure }
    }

    private func openUnderLimit() throws(RunError) {
        for contestant in contestants {
            do throws(BackendError) {
                try contestant.openStore(options(in: contestant.directory))
                if contestant.descriptor.memoryLimitSettings != nil { try recorder.renewReceipt(of: contestant) }
            } catch {
                throw RunError(error, backend: contestant.name, row: "open")
            }
        }
    }
}
