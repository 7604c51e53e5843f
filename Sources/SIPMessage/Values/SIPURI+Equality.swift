import Bytes

extension SIPURI {
    /// Whether two URIs are the same by RFC 3261 §19.1.4.
    ///
    /// User and password are compared exactly with escapes resolved, host and parameters without regard to case.
    /// `user`, `ttl`, `method`, `maddr` and `transport` count when only one URI has them, other parameters only when
    /// both do. Headers count always. URIs that are not `sip:` or `sips:` are compared byte by byte, scheme in any case.
    public static func equal(_ a: SIPURI, _ aSpan: Span<UInt8>, _ b: SIPURI, _ bSpan: Span<UInt8>) -> Bool {
        guard a.scheme == b.scheme else { return false }
        guard a.isSIP else {
            return aSpan.equalsIgnoringCase(a.schemeRange, bSpan.extracting(b.schemeRange.indices))
                && aSpan.equals(
                    ByteRange(a.schemeRange.upper, a.range.upper),
                    bSpan.extracting(ByteRange(b.schemeRange.upper, b.range.upper).indices)
                )
        }
        return equalParts(aSpan, a.user, bSpan, b.user, ignoringCase: false)
            && equalParts(aSpan, a.password, bSpan, b.password, ignoringCase: false)
            && equalParts(aSpan, a.host, bSpan, b.host, ignoringCase: true)
            && a.port == b.port
            && sameParts(a, aSpan, b, bSpan)
    }

    /// Parameters, and headers, of a URI that are compared one by one, which takes time by their square.
    private static let partLimit = 64

    private static func sameParts(_ a: SIPURI, _ aSpan: Span<UInt8>, _ b: SIPURI, _ bSpan: Span<UInt8>) -> Bool {
        guard isShort(a.parameters, aSpan), isShort(b.parameters, bSpan), isShort(a.headers, aSpan),
            isShort(b.headers, bSpan)
        else {
            return sameBytes(a.parameters, aSpan, b.parameters, bSpan) && sameBytes(a.headers, aSpan, b.headers, bSpan)
        }
        return includes(a.parameters, aSpan, in: b.parameters, bSpan)
            && includes(b.parameters, bSpan, in: a.parameters, aSpan)
            && sameHeaders(a.headers, aSpan, b.headers, bSpan)
    }

    private static func isShort(_ range: ByteRange, _ span: Span<UInt8>) -> Bool {
        guard range.length > partLimit else { return true }
        var count = 0
        for index in range.indices where span[index] == 59 || span[index] == 38 {
            count += 1
            guard count < partLimit else { return false }
        }
        return true
    }

    private static func sameBytes(_ a: ByteRange, _ aSpan: Span<UInt8>, _ b: ByteRange, _ bSpan: Span<UInt8>) -> Bool {
        guard a.length > 0, b.length > 0 else { return a.length <= 0 && b.length <= 0 }
        return aSpan.equals(a, bSpan.extracting(b.indices))
    }

    /// Whether the parameters of the one do not contradict those of the other.
    private static func includes(
        _ parameters: ByteRange,
        _ span: Span<UInt8>,
        in others: ByteRange,
        _ otherSpan: Span<UInt8>
    ) -> Bool {
        var scanner = URIPartScanner(parameters, separator: 59)
        while scanner.next(span) {
            var other = URIPartScanner(others, separator: 59)
            var isThere = false
            var isSame = false
            // One that is there twice, which it should not be, has to have its like: a URI equals itself.
            while !isSame, other.next(otherSpan) {
                guard equalParts(span, scanner.name, otherSpan, other.name, ignoringCase: true) else { continue }
                isThere = true
                isSame = equalParts(span, scanner.value, otherSpan, other.value, ignoringCase: true)
            }
            guard isSame || (!isThere && !isDecisive(span, scanner.name)) else { return false }
        }
        return true
    }

    private static func isDecisive(_ span: Span<UInt8>, _ name: ByteRange) -> Bool {
        switch span.lowercasedWord(name) {
        case Word.user, Word.ttl, Word.method, Word.maddr: true
        default: Word.isTransport(span, name)
        }
    }

    /// Whether both have the same headers, in any order.
    private static func sameHeaders(
        _ a: ByteRange,
        _ aSpan: Span<UInt8>,
        _ b: ByteRange,
        _ bSpan: Span<UInt8>
    ) -> Bool {
        func count(_ range: ByteRange, _ span: Span<UInt8>) -> Int {
            var scanner = URIPartScanner(range, separator: 38)
            var count = 0
            while scanner.next(span) { count += 1 }
            return count
        }
        return count(a, aSpan) == count(b, bSpan) && hasHeaders(a, aSpan, of: b, bSpan)
            && hasHeaders(b, bSpan, of: a, aSpan)
    }

    private static func hasHeaders(
        _ a: ByteRange, _ aSpan: Span<UInt8>, of b: ByteRange, _ bSpan: Span<UInt8>
    ) -> Bool {
        var scanner = URIPartScanner(a, separator: 38)
        while scanner.next(aSpan) {
            var other = URIPartScanner(b, separator: 38)
            var found = false
            while !found, other.next(bSpan) {
                found =
                    equalParts(aSpan, scanner.name, bSpan, other.name, ignoringCase: true)
                    && equalParts(aSpan, scanner.value, bSpan, other.value, ignoringCase: false)
            }
            if !found { return false }
        }
        return true
    }
}

/// Whether two parts are the same once their escapes are resolved; absent equals only absent.
private func equalParts(
    _ a: Span<UInt8>,
    _ aRange: ByteRange,
    _ b: Span<UInt8>,
    _ bRange: ByteRange,
    ignoringCase: Bool
) -> Bool {
    guard aRange.isPresent == bRange.isPresent else { return false }
    guard aRange.isPresent else { return true }
    var left = aRange.lower
    var right = bRange.lower
    while left < aRange.upper, right < bRange.upper {
        let one = nextUnescaped(a, &left, aRange.upper)
        let two = nextUnescaped(b, &right, bRange.upper)
        guard one == two || (ignoringCase && one.lowercased == two.lowercased) else { return false }
    }
    return left == aRange.upper && right == bRange.upper
}

/// The byte at `index`, an escape `%41` counting as one byte; moves past it. A broken escape is a plain `%`.
func nextUnescaped(_ span: Span<UInt8>, _ index: inout Int, _ upper: Int) -> UInt8 {
    let byte = span[index]
    if byte == 37, index &+ 2 < upper, let high = span[index &+ 1].hexValue, let low = span[index &+ 2].hexValue {
        index &+= 3
        return high << 4 | low
    }
    index &+= 1
    return byte
}

extension SIPURI {
    /// Appends `range` of `span` with escapes `%41` resolved.
    public static func unescape(_ span: Span<UInt8>, _ range: ByteRange, into out: ByteBuffer) {
        guard range.isPresent else { return }
        var index = range.lower
        while index < range.upper { out.append(nextUnescaped(span, &index, range.upper)) }
    }

    /// `range` of `span` with escapes `%41` resolved.
    public static func unescaped(_ span: Span<UInt8>, _ range: ByteRange) -> ByteString {
        guard range.isPresent else { return ByteString() }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.length)
        var index = range.lower
        while index < range.upper { bytes.append(nextUnescaped(span, &index, range.upper)) }
        return ByteString(bytes)
    }
}
