#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Starts a thread; `nil` when the system has none to give.
@discardableResult
func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let box = Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let started = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            // Safe: a reference to the object was passed, taken over here.
            Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }, box.toOpaque())
    if started == 0 { return thread }
    box.release()
    return nil
}

/// Runs `body` on so many threads and waits for all of them.
func onThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    for thread in (0..<count).compactMap({ _ in startThread(body) }) { pthread_join(thread, nil) }
}
