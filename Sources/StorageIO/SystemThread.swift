import CStorageIO

/// What a thread asks of the system for itself.
public enum SystemThread {
    /// Lets the calling thread come behind others that want the same processor: nice value 10, setpriority(2), which
    /// means a thread on Linux. A refusal changes nothing.
    public static func comeBehindOthers() { storage_io_thread_yields() }
}
