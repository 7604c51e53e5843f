import Glibc

/// A compiled POSIX extended regular expression of the C library.
///
/// Not `Sendable`: it lives as long as one run of the preprocessor. Safe to use: the C structure never leaves it.
@safe
final class SubstitutionRegex {
    struct Failure: Error {
        var message: String
    }

    /// Groups that can be asked for: the whole match and nine subexpressions.
    static let groupCount = 10

    // Owned by this object: compiled in `init`, freed in `deinit`, never copied.
    private var compiled = unsafe regex_t()

    init(_ pattern: [UInt8], ignoringCase: Bool) throws(Failure) {
        guard !pattern.contains(0) else { throw Failure(message: "the expression contains a NUL byte") }
        let flags = REG_EXTENDED | (ignoringCase ? REG_ICASE : 0)
        let text = pattern.map { CChar(bitPattern: $0) } + [0]
        // The pattern is NUL-terminated and only read during the call.
        let status = unsafe text.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return Int32(1) }
            return unsafe regcomp(&self.compiled, base, flags)
        }
        guard status == 0 else {
            var message = [CChar](repeating: 0, count: 200)
            // regerror writes at most `count` bytes, the terminator included.
            _ = unsafe message.withUnsafeMutableBufferPointer { buffer in
                unsafe regerror(status, &self.compiled, buffer.baseAddress, buffer.count)
            }
            let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw Failure(message: String(decoding: bytes, as: UTF8.self))
        }
    }

    deinit {
        unsafe regfree(&self.compiled)
    }

    /// The groups of the first match that begins at or after `start`; nil for none. Group 0 is the whole match, groups
    /// that took no part are nil.
    func firstMatch(in bytes: [UInt8], from start: Int) -> [Range<Int>?]? {
        guard start <= bytes.count, !bytes.isEmpty || start == 0 else { return nil }
        let text = bytes.isEmpty ? [0] : bytes
        var groups = [regmatch_t](repeating: regmatch_t(), count: Self.groupCount)
        groups[0].rm_so = regoff_t(start)
        groups[0].rm_eo = regoff_t(bytes.count)
        // REG_STARTEND bounds the subject by the first group instead of a terminator.
        let flags = Int32(REG_STARTEND) | (start > 0 ? REG_NOTBOL : 0)
        let status = unsafe text.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return Int32(1) }
            return unsafe regexec(
                &self.compiled, base.assumingMemoryBound(to: CChar.self), Self.groupCount, &groups, flags
            )
        }
        guard status == 0 else { return nil }
        return groups.map { group in
            let lower = Int(group.rm_so)
            let upper = Int(group.rm_eo)
            guard lower >= 0, upper >= lower, upper <= bytes.count else { return nil }
            return lower..<upper
        }
    }
}
