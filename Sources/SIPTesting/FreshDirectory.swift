import Glibc
import ModuleKit

/// Directories for tests: all that were made go when the process ends, with what is in them.
public enum FreshDirectory {
    /// Holds those of this process.
    private static let root: String? = {
        guard let root = Self.make("/tmp/apus-test-XXXXXX") else { return nil }
        atexit { FreshDirectory.removeAll() }
        return root
    }()

    /// A new empty directory with a short path, as the address of a socket needs one.
    public static func make() throws -> String {
        guard let root = Self.root, let made = Self.make("\(root)/XXXXXX") else {
            throw ModuleError("no directory for a test can be made in /tmp")
        }
        return made
    }

    private static func make(_ template: String) -> String? {
        var name = Array(template.utf8CString)
        // mkdtemp writes into the array, which outlives the call.
        let isMade = unsafe name.withUnsafeMutableBufferPointer { bytes in
            unsafe bytes.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
        }
        return isMade ? String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    private static func removeAll() {
        guard let root = Self.root else { return }
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ["rm", "-rf", root].map { (word: String) in
            unsafe strdup(word)
        }
        unsafe words.append(nil)
        var process = pid_t(0)
        // The words end with nil and live until the process does.
        guard unsafe posix_spawn(&process, "/bin/rm", nil, nil, words, nil) == 0 else { return }
        waitpid(process, nil, 0)
    }
}
