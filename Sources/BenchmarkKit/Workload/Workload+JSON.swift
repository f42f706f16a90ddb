import Foundation

extension Workload {
    /// Reads a workload file, strictly: an unknown key, a wrong type or an impossible mix is an error that names file,
    /// key, value and remedy.
    /// - Parameter file: The file's name, for messages only.
    public init(json: Data, file: String) throws(RunError) {
        throw RunError(.invalid, "\(file): not read")
    }
}
