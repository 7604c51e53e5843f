import Glibc

/// A compiled POSIX extended regular expression of the C library.
///
/// Shared by all workers: the library guards what it changes while it matches.
@safe
public final class PosixRegex: @unchecked Sendable {  // compiled once in init; regexec takes it as const
    /// Why an expression cannot be compiled, in the library's words.
    public struct Failure: Error {
        public var message: String
    }

    /// Groups that a match reports: the whole match and nine subexpressions.
    public static let groupCount = 10

    private let compiled: UnsafeMutablePointer<regex_t>
    public let pattern: ByteString

    /// - Parameters:
    ///   - ignoringCase: as `=~` does.
    ///   - multiline: `^` and `$` match at line ends, `.` does not match a line end.
    public init(_ pattern: ByteString, ignoringCase: Bool = true, multiline: Bool = false) throws(Failure) {
        self.pattern = pattern
        guard !pattern.bytes.contains(0) else { throw Failure(message: "the expression contains a NUL byte") }
        unsafe self.compiled = .allocate(capacity: 1)
        let flags = REG_EXTENDED | (ignoringCase ? REG_ICASE : 0) | (multiline ? REG_NEWLINE : 0)
        let text = pattern.bytes.map { CChar(bitPattern: $0) } + [0]
        // The pattern is NUL-terminated and only read during the call.
        let status = unsafe text.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return Int32(1) }
            return unsafe regcomp(self.compiled, base, flags)
        }
        guard status == 0 else {
            let message = unsafe Self.message(status, self.compiled)
            unsafe self.compiled.deallocate()
            throw Failure(message: message)
        }
    }

    deinit {
        unsafe regfree(self.compiled)
        unsafe self.compiled.deallocate()
    }

    private static func message(_ status: Int32, _ compiled: UnsafeMutablePointer<regex_t>) -> String {
        var text = [CChar](repeating: 0, count: 200)
        // regerror writes at most `count` bytes, the terminator included.
        _ = unsafe text.withUnsafeMutableBufferPointer { buffer in
            unsafe regerror(status, compiled, buffer.baseAddress, buffer.count)
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the expression matches anywhere in `text`.
    public func matches(_ text: Span<UInt8>) -> Bool {
        var groups = regmatch_t()
        return unsafe self.execute(text, from: 0, &groups, 1)
    }

    /// The match at or after `start`: its groups, absent where a group took no part. nil when there is none.
    /// - Parameter start: offset into `text`; past 0, `^` matches only after a line end of a multiline expression.
    public func firstMatch(in text: Span<UInt8>, from start: Int = 0) -> [ByteRange]? {
        guard start <= text.count else { return nil }
        var groups = [regmatch_t](repeating: regmatch_t(), count: Self.groupCount)
        let isFound = unsafe groups.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            return unsafe self.execute(text, from: start, base, buffer.count)
        }
        guard isFound else { return nil }
        return groups.map { $0.rm_so < 0 ? .absent : ByteRange(Int($0.rm_so), Int($0.rm_eo)) }
    }

    private func execute(
        _ text: Span<UInt8>, from start: Int, _ groups: UnsafeMutablePointer<regmatch_t>, _ count: Int
    ) -> Bool {
        unsafe groups[0].rm_so = regoff_t(start)
        unsafe groups[0].rm_eo = regoff_t(text.count)
        // REG_STARTEND bounds the search by the two offsets just set: nothing past the span is read.
        let flags = REG_STARTEND | (start > 0 ? REG_NOTBOL : 0)
        return unsafe text.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else {
                var empty: CChar = 0
                return unsafe regexec(self.compiled, &empty, count, groups, REG_STARTEND) == 0
            }
            let characters = unsafe UnsafeRawPointer(base).assumingMemoryBound(to: CChar.self)
            return unsafe regexec(self.compiled, characters, count, groups, flags) == 0
        }
    }
}
