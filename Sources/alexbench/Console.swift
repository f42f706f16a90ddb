import Glibc

/// Standard output and error, with failures that are seen: a full disk behind a pipe is an error, not silence.
enum Console {
    /// Writes data for the user or the next program.
    static func data(_ text: String) throws(Failure) {
        if let problem = write(text, to: STDOUT_FILENO) {
            throw Failure(.failure, "can't write to standard output: \(problem)")
        }
    }

    /// Writes a message. A failure has nowhere to go.
    static func message(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The width of the terminal behind a descriptor; `nil` where there is none.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1 ? Int(size.ws_col) : nil
    }

    /// Writes all bytes, or returns why not.
    static func write(_ text: String, to descriptor: Int32) -> String? {
        var text = text
        return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> String? {
        var written = 0
        while written < bytes.count {
            // Safe: a buffer with bytes has an address, and `written` is less than their count.
            let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return systemMessage(errno) }
            written += count
        }
        return nil
    }

    /// The system's words for an error number.
    static func systemMessage(_ number: Int32) -> String { String(cString: strerror(number)) }
}
