#if RocksDB
    import CRocksDB
    import Glibc

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// Which library this program runs: the release build of `make rivals`, or the system's.
    struct RocksDBBuild: Sendable {
        /// `RocksDB 7.8.3 (release build)`
        let version: String
        /// Set when the library was compiled with its assertions on, which makes it 1.4 to 1.8 times slower.
        let warning: String?

        static let current: RocksDBBuild = {
            let release = String(cString: crocksdb_release_version())
            if !release.isEmpty { return RocksDBBuild(version: "RocksDB \(release) (release build)", warning: nil) }
            guard let path = sharedLibraryPath() else {
                return RocksDBBuild(
                    version: "RocksDB (static library of unknown build)",
                    warning: "RocksDB is linked statically and may have its assertions on: run 'make rivals'")
            }
            // `librocksdb.so.7.8.3` bears its version in its name.
            let number = path.components(separatedBy: ".so.").dropFirst().last ?? "of unknown version"
            guard callsAssertions(path) else {
                return RocksDBBuild(version: "RocksDB \(number) (system library)", warning: nil)
            }
            return RocksDBBuild(
                version: "RocksDB \(number) (system library, assertions on)",
                warning:
                    "RocksDB is built with assertions, 1.4 to 1.8 times slower: run 'make rivals', then build again")
        }()

        /// The file that the dynamic linker took RocksDB from, as the system's map of this process names it.
        private static func sharedLibraryPath() -> String? {
            guard let maps = fopen("/proc/self/maps", "r") else { return nil }
            defer { fclose(maps) }
            var text: UnsafeMutablePointer<CChar>?
            var capacity = 0
            defer { free(text) }
            while getline(&text, &capacity, maps) > 0, let text {
                let line = String(cString: text)
                guard line.contains("/librocksdb.so"), let start = line.firstIndex(of: "/") else { continue }
                return String(line[start...].dropLast())
            }
            return nil
        }

        /// Whether the library names glibc's assertion handler, which a build with NDEBUG does not.
        private static func callsAssertions(_ path: String) -> Bool {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            defer { close(descriptor) }
            let bytes = Int(lseek(descriptor, 0, SEEK_END))
            guard bytes > 0, let map = mmap(nil, bytes, PROT_READ, MAP_PRIVATE, descriptor, 0), map != MAP_FAILED
            else { return false }
            defer { munmap(map, bytes) }
            let name = "__assert_fail"
            return crocksdb_contains(map, bytes, name) != 0
        }
    }
#endif
