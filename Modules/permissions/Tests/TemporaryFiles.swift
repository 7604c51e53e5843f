import Bytes
import Foundation

/// Files in a directory of their own that goes with the object.
final class TemporaryFiles {
    private let directory: URL

    init(_ files: [String: String]) throws {
        self.directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "permissions-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        for (name, text) in files {
            try Data(text.utf8).write(to: self.directory.appendingPathComponent(name))
        }
    }

    deinit { try? FileManager.default.removeItem(at: self.directory) }

    func path(_ name: String) -> ByteString { ByteString(self.directory.appendingPathComponent(name).path) }
}
