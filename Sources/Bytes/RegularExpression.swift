import Glibc

/// A compiled POSIX extended regular expression, shared by all threads.
@safe
public final class RegularExpression: @unchecked Sendable {  // only init and deinit change it; regexec locks inside
    /// What the C library has against a pattern.
    public struct Failure: Error, Sendable {
        public var message: String
    }

    /// The pattern as it was written.
    public let pattern: ByteString
    /// How large it is when compiled, about: nodes after repetitions such as `{20}` are written out.
    public var cost: Int { self.measure.nodes }
    let measure: PatternCost.Measure
    let flags: Int32
    /// What the pattern looks for, when it is only texts.
    private let literals: LiteralPattern?
    /// Made when the first long text comes; see `mayMatch`.
    let sieve = Lock<RegularExpression??>(nil)
    // A cell of its own, so that matching takes its address without touching the object.
    let compiled: UnsafeMutablePointer<regex_t>

    /// - Parameter isLineWise: `^` and `$` match at line ends too, `.` and `[^x]` match no line feed.
    /// - Throws: `Failure` for a pattern that is not well formed, or too large or too deep to be compiled safely.
    public convenience init(
        _ pattern: ByteString, ignoringCase: Bool = false, isLineWise: Bool = false
    ) throws(Failure) {
        try self.init(
            pattern, flags: (ignoringCase ? REG_ICASE : 0) | (isLineWise ? REG_NEWLINE : 0))
    }

    init(_ pattern: ByteString, flags: Int32) throws(Failure) {
        self.pattern = pattern
        let measure = PatternCost.measure(pattern.bytes)
        self.measure = measure
        self.flags = flags
        self.literals = LiteralPattern(pattern, ignoringCase: flags & REG_ICASE != 0)
        unsafe self.compiled = .allocate(capacity: 1)
        unsafe self.compiled.initialize(to: regex_t())
        let text = pattern.bytes.map { CChar(bitPattern: $0) } + [0]
        // The pattern ends with a NUL and is only read during the call.
        var status: Int32 = 2  // REG_BADPAT
        if measure.refusal == nil, !pattern.bytes.contains(0) {
            status = unsafe text.withUnsafeBufferPointer {
                unsafe regcomp(self.compiled, $0.baseAddress, REG_EXTENDED | flags)
            }
        }
        guard status != 0 else { return }
        if let refusal = measure.refusal { throw Failure(message: refusal) }
        var message = [CChar](repeating: 0, count: 200)
        // regerror writes at most `count` bytes, the terminator included.
        _ = unsafe message.withUnsafeMutableBufferPointer { buffer in
            unsafe regerror(status, self.compiled, buffer.baseAddress, buffer.count)
        }
        throw Failure(
            message: String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    deinit {
        unsafe regfree(self.compiled)
        unsafe self.compiled.deallocate()
    }

    /// Whether some part of `text` matches. NUL bytes are bytes like others.
    public func matches(_ text: Span<UInt8>) -> Bool {
        if let literals = self.literals, text.count < Self.longText { return literals.matches(text) }
        return self.mayMatch(text) && self.search(text)
    }

    /// - Parameter flags: beside those that say where the text ends.
    func search(_ text: Span<UInt8>, flags: Int32 = 0) -> Bool {
        var group = regmatch_t(rm_so: 0, rm_eo: regoff_t(text.count))
        // REG_STARTEND bounds the text by `group`, so it needs no terminator.
        return unsafe text.withUnsafeBytes { bytes in
            var empty: CChar = 0
            if let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self) {
                return unsafe regexec(self.compiled, base, 1, &group, REG_STARTEND | flags) == 0
            }
            return unsafe regexec(self.compiled, &empty, 1, &group, REG_STARTEND | flags) == 0
        }
    }
}
