import Foundation

/// Writes pairs one by one, in pieces of about 64 KiB.
final class DumpWriter {
    private let format: StoreFormat
    private let encoding: ValueEncoding
    private var buffer: [UInt8] = []
    var descriptor: Int32 = 1
    /// Why nothing more can be written.
    private(set) var problem: String?

    private static let pieceBytes = 64 << 10
    private static let hexDigits = Array("0123456789abcdef".utf8)

    init(format: StoreFormat, encoding: ValueEncoding) { (self.format, self.encoding) = (format, encoding) }

    /// The header line of the CSV.
    func begin() { if format == .csv { buffer += Array("key,value\r\n".utf8) } }

    func add(_ key: Int64, _ value: UnsafeRawBufferPointer) {
        let (before, between, after) =
            switch format {
            case .csv: ("", ",", "\r\n")
            case .json: ("{\"key\":", ",\"value\":\"", "\"}\n")
            case .text: ("", "\t", "\n")
            }
        buffer += Array("\(before)\(key)\(between)".utf8)
        switch encoding {
        case .hex:
            for byte in value {
                buffer.append(Self.hexDigits[Int(byte >> 4)])
                buffer.append(Self.hexDigits[Int(byte & 15)])
            }
        case .base64: buffer += Array(Data(value).base64EncodedString().utf8)
        }
        buffer += Array(after.utf8)
        if buffer.count >= Self.pieceBytes { flush() }
    }

    /// Writes what has gathered.
    func flush() {
        if problem == nil { problem = buffer.withUnsafeBytes { Console.write($0, to: descriptor) } }
        buffer.removeAll(keepingCapacity: true)
    }
}
