import Foundation

/// Reads a whole file, with errors that name it.
enum InputFile {
    /// - Parameter missing: The exit code where there is no such file.
    static func contents(ofFile path: String, missing: ExitCode) throws(Failure) -> Data {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code: ExitCode = errno == ENOENT ? missing : .failure
            throw Failure(code, "\(path): can't be read: \(Console.systemMessage(errno))\ncheck the path")
        }
        defer { close(descriptor) }
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw Failure(.failure, "\(path): can't be read: \(Console.systemMessage(errno))") }
            if count == 0 { return data }
            data.append(contentsOf: buffer[..<count])
        }
    }
}

/// Where a result goes: standard output, or a file that is replaced whole, so that no reader sees half of it.
struct OutputFile: Sendable {
    /// `nil` is standard output.
    let path: String?
    /// The flag that names it, for messages.
    let flag: String

    /// Checks the place before anything runs, so that no run is lost to a mistyped path.
    init(_ path: String?, flag: String = "--output") throws(Failure) {
        self.flag = flag
        self.path = path == "-" ? nil : path
        guard let path = self.path else { return }
        var status = stat()
        if stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR {
                throw .usage("\(flag) \(path)", "is a directory", remedy: "name a file: \(flag) \(path)/result.json")
            }
            if access(path, W_OK) != 0 {
                throw .usage(
                    "\(flag) \(path)", "can't be written: \(Console.systemMessage(errno))", remedy: "name another file"
                )
            }
            return
        }
        let folder = Self.folder(of: path)
        if access(folder, W_OK | X_OK) != 0 {
            throw .usage(
                "\(flag) \(path)", "can't be created in \(folder): \(Console.systemMessage(errno))",
                remedy: "create the folder, or name another")
        }
    }

    /// Writes the whole text. A regular file is replaced by renaming; anything else (a pipe, a device) is written to.
    func write(_ text: String) throws(Failure) {
        guard let path else { return try Console.data(text) }
        try write(to: path) { Console.write(text, to: $0) }
    }

    /// The same for bytes that are no text, which never go to standard output.
    func write(_ data: Data) throws(Failure) {
        guard let path else { throw .usage(flag, "can't write to standard output", remedy: "name a file") }
        try write(to: path) { descriptor in data.withUnsafeBytes { Console.write($0, to: descriptor) } }
    }

    /// Has `content` write piece by piece to the descriptor that it gets; it returns why it could not.
    func stream(_ content: (Int32) -> String?) throws(Failure) {
        if let path { return try write(to: path, content) }
        if let problem = content(STDOUT_FILENO) {
            throw Failure(.failure, "can't write to standard output: \(problem)")
        }
    }

    private func write(to path: String, _ content: (Int32) -> String?) throws(Failure) {
        var status = stat()
        let isPlain = stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
        let target = isPlain ? "\(path).partial" : path
        let descriptor = open(target, O_WRONLY | O_CLOEXEC | (isPlain ? O_CREAT | O_TRUNC : 0), 0o644)
        var problem = descriptor < 0 ? Console.systemMessage(errno) : content(descriptor)
        if descriptor >= 0 {
            if problem == nil, isPlain, fsync(descriptor) != 0 { problem = Console.systemMessage(errno) }
            if close(descriptor) != 0, problem == nil { problem = Console.systemMessage(errno) }
        }
        if problem == nil, isPlain, rename(target, path) != 0 { problem = Console.systemMessage(errno) }
        if let problem {
            if isPlain { unlink(target) }
            throw Failure(
                .failure, "\(flag) \(path): can't be written: \(problem)\nfree some space, or name another file")
        }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
