#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What adapters check about their directory before the engine sees it.
public enum StoreDirectory {
    /// Refuses a directory that holds something other than the engine's own store, which the engine itself would mix
    /// its files into. An empty directory passes, and so does one that holds `marker`.
    ///
    /// - Parameters:
    ///   - marker: The name of a file that each store of this engine has.
    ///   - engine: The engine's name for the message.
    /// - Throws: `.io` when the directory can't be listed, `.incompatible` when it holds something else.
    public static func check(_ directory: String, marker: String, engine: String) throws(BackendError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw BackendError(.io, "can't list the directory '\(directory)' (\(error)): name one that exists")
        }
        guard let stranger = names.min(), !names.contains(marker) else { return }
        throw BackendError(
            .incompatible,
            "'\(directory)' holds '\(stranger)' and no \(engine) store (no '\(marker)'): name an empty directory")
    }
}
