import Bytes
import ModuleKit

/// `{s.encode.…}`, `{s.escape.…}` and their inverses, and digests.
enum StringEncodings {
    static let names = [
        "encode.hexa", "decode.hexa", "encode.base64", "encode.base64t", "encode.base64url", "encode.base64urlt",
        "decode.base64", "decode.base64t", "decode.base64url", "decode.base64urlt", "encode.base58", "decode.base58",
        "encode.7bit", "decode.7bit",
        "escape.common", "unescape.common", "escape.user", "unescape.user", "escape.param", "unescape.param",
        "escape.csv", "urlencode.param", "urldecode.param", "md5", "sha1", "sha256", "sha384", "sha512",
    ]

    static func transform(
        _ name: String, _ parameters: [TransformationClass.Parameter]
    ) throws -> VariableReference.Transform? {
        switch name {
        case "encode.hexa":
            return Transforming.building { _, span, out in
                for index in 0..<span.count { out.append(hex: UInt64(span[index]), digits: 2) }
            }
        case "decode.hexa": return Self.decoding { Base16.decode($0, to: $1) }
        case "encode.base64", "encode.base64t", "encode.base64url", "encode.base64urlt":
            let isURL = name.contains("url")
            let isPadded = !name.hasSuffix("t")
            return Transforming.building { _, span, out in
                Base64.encode(span, isURL: isURL, isPadded: isPadded, to: out)
            }
        case "decode.base64": return Self.decoding { $0.count % 4 == 0 && Base64.decode($0, to: $1) }
        case "decode.base64t", "decode.base64url", "decode.base64urlt":
            return Self.decoding { Base64.decode($0, to: $1) }
        case "encode.base58": return Self.decoding { Base58.encode($0, to: $1) }
        case "decode.base58": return Self.decoding { Base58.decode($0, to: $1) }
        case "encode.7bit": return Transforming.building { _, span, out in Septets.encode(span, to: out) }
        case "decode.7bit": return Self.decoding { Septets.decode($0, to: $1) }
        case "escape.common": return Transforming.building { _, span, out in Escapes.common(span, to: out) }
        case "unescape.common": return Transforming.building { _, span, out in Escapes.uncommon(span, to: out) }
        case "escape.user": return Self.escaping(Escapes.isUserByte)
        case "escape.param": return Self.escaping(Escapes.isParameterByte)
        case "urlencode.param": return Self.escaping(Escapes.isUnreserved)
        case "unescape.user", "unescape.param": return Self.decoding { Escapes.unescape($0, to: $1) }
        case "urldecode.param":
            return Transforming.building { _, span, out in Escapes.decodeURL(span, to: out) }
        case "escape.csv":
            return Transforming.building { _, span, out in
                out.append(UInt8(ascii: "\""))
                for index in 0..<span.count {
                    if span[index] == UInt8(ascii: "\"") { out.append(UInt8(ascii: "\"")) }
                    out.append(span[index])
                }
                out.append(UInt8(ascii: "\""))
            }
        case "md5": return Self.digesting { MD5.digest($0) }
        case "sha1": return Self.digesting { SHA1.digest($0) }
        case "sha256": return Self.digesting { SHA256.digest($0) }
        case "sha384": return Self.digesting { SHA512.digest384($0) }
        case "sha512": return Self.digesting { SHA512.digest($0) }
        default: return nil
        }
    }

    private static func digesting(
        _ body: @escaping @Sendable (Span<UInt8>) -> [UInt8]
    ) -> VariableReference.Transform {
        Transforming.building { _, span, out in
            for byte in body(span) { out.append(hex: UInt64(byte), digits: 2) }
        }
    }

    /// Text that cannot be decoded, or is too long for it, gives `$null`.
    private static func decoding(
        _ body: @escaping @Sendable (Span<UInt8>, ByteBuffer) -> Bool
    ) -> VariableReference.Transform {
        Transforming.text { route, span in
            let out = ByteBuffer(capacity: span.count)
            guard body(span, out) else {
                route.log(.error, "a text cannot be encoded or decoded")
                return .failed
            }
            return .value(.bytes(ByteString(out.span)))
        }
    }

    private static func escaping(_ isPlain: @escaping @Sendable (UInt8) -> Bool) -> VariableReference.Transform {
        Transforming.building { _, span, out in
            for index in 0..<span.count {
                if isPlain(span[index]) {
                    out.append(span[index])
                } else {
                    out.append(UInt8(ascii: "%"))
                    out.append(hex: UInt64(span[index]), digits: 2)
                }
            }
        }
    }
}

/// Escapes of URIs (RFC 3261 §25.1) and of SQL-like strings.
enum Escapes {
    static func isUnreserved(_ byte: UInt8) -> Bool { byte.isLetter || byte.isDigit || "-_.~".utf8.contains(byte) }
    static func isUserByte(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || "-_.!~*'()&=+$,;?".utf8.contains(byte)
    }
    static func isParameterByte(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || "-_.!~*'()[]/:&+$".utf8.contains(byte)
    }

    static func common(_ span: Span<UInt8>, to out: ByteBuffer) {
        for index in 0..<span.count {
            switch span[index] {
            case 0: out.append("\\0")
            case 34, 39, 92:
                out.append(92)
                out.append(span[index])
            default: out.append(span[index])
            }
        }
    }

    static func uncommon(_ span: Span<UInt8>, to out: ByteBuffer) {
        var index = 0
        while index < span.count {
            if span[index] == 92, index + 1 < span.count {
                index += 1
                out.append(span[index] == UInt8(ascii: "0") ? 0 : span[index])
            } else {
                out.append(span[index])
            }
            index += 1
        }
    }

    /// False when a `%` is not followed by two hexadecimal digits.
    static func unescape(_ span: Span<UInt8>, to out: ByteBuffer) -> Bool {
        var index = 0
        while index < span.count {
            guard span[index] == UInt8(ascii: "%") else {
                out.append(span[index])
                index += 1
                continue
            }
            guard index + 2 < span.count, let high = span[index + 1].hexValue, let low = span[index + 2].hexValue else {
                return false
            }
            out.append(high << 4 | low)
            index += 3
        }
        return true
    }

    /// `+` is a space; a broken escape stays as it is.
    static func decodeURL(_ span: Span<UInt8>, to out: ByteBuffer) {
        var index = 0
        while index < span.count {
            let byte = span[index]
            if byte == UInt8(ascii: "%"), index + 2 < span.count, let high = span[index + 1].hexValue,
                let low = span[index + 2].hexValue
            {
                out.append(high << 4 | low)
                index += 3
                continue
            }
            out.append(byte == UInt8(ascii: "+") ? 32 : byte)
            index += 1
        }
    }
}

enum Base16 {
    static func decode(_ span: Span<UInt8>, to out: ByteBuffer) -> Bool {
        guard span.count % 2 == 0 else { return false }
        for index in stride(from: 0, to: span.count, by: 2) {
            guard let high = span[index].hexValue, let low = span[index + 1].hexValue else { return false }
            out.append(high << 4 | low)
        }
        return true
    }
}

/// Characters of seven bits packed into bytes and written in hexadecimal (3GPP TS 23.038 §6.1.2).
enum Septets {
    static func encode(_ span: Span<UInt8>, to out: ByteBuffer) {
        var bits: UInt32 = 0
        var count: UInt32 = 0
        func append(_ byte: UInt8) {
            for digit in [byte >> 4, byte & 15] { out.append(digit < 10 ? digit + 48 : digit + 55) }
        }
        for index in 0..<span.count {
            bits |= UInt32(span[index] & 0x7f) << count
            count += 7
            if count >= 8 {
                append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
                count -= 8
            }
        }
        if count > 0 { append(UInt8(truncatingIfNeeded: bits)) }
    }

    static func decode(_ span: Span<UInt8>, to out: ByteBuffer) -> Bool {
        guard span.count % 2 == 0 else { return false }
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for index in stride(from: 0, to: span.count, by: 2) {
            guard let high = span[index].hexValue, let low = span[index + 1].hexValue else { return false }
            bits |= UInt32(high << 4 | low) << count
            count += 8
            while count >= 7 {
                // Seven zero bits at the very end are what filled up the last byte.
                if !(index + 2 == span.count && count == 7 && bits == 0) { out.append(UInt8(bits & 0x7f)) }
                bits >>= 7
                count -= 7
            }
        }
        return true
    }
}
