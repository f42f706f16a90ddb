#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// strerror_r(3), which is safe beside other threads.
func errorText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let words = buffer.withUnsafeMutableBufferPointer { buffer -> String in
        // Safe: the buffer is 256 bytes long and strerror_r ends its text with a zero.
        guard let start = buffer.baseAddress, strerror_r(code, start, buffer.count) == 0 else { return "" }
        return String(cString: start)
    }
    return words.isEmpty ? "error \(code)" : "\(words) (\(code))"
}
