import Bytes
import SIPMessage

/// A URI hidden in the user part of another: `prefix*user*password*host*port*transport`.
struct ContactEncoding {
    /// Codes that scripts get for text that is not so encoded.
    static let hasNoUser = -23
    static let hasOtherFields = -26

    let separator: UInt8

    /// `sip:prefix*user*password*host*port*transport@host`; other parameters are lost.
    func encoded(_ uri: SIPURI, _ span: Span<UInt8>, prefix: ByteString, host: ByteString) -> ByteString {
        let out = ByteBuffer(capacity: uri.range.length + prefix.count + host.count + 16)
        out.append(span, ByteRange(uri.range.lower, uri.schemeRange.upper + 1))
        out.append(prefix)
        for part in [uri.user, uri.password, uri.host, uri.portRange, uri.transportRange] {
            out.append(self.separator)
            if part.isPresent { out.append(span, part) }
        }
        out.append(UInt8(ascii: "@"))
        out.append(host)
        return ByteString(out.span)
    }

    enum Decoded {
        case uri(ByteString)
        case failure(Int)
    }

    func decoded(_ uri: SIPURI, _ span: Span<UInt8>) -> Decoded {
        guard uri.user.count > 0 else { return .failure(Self.hasNoUser) }
        let user = ByteString(span, ByteRange(uri.user.lower, uri.host.lower - 1))
        let fields = user.bytes.split(separator: self.separator, omittingEmptySubsequences: false)
        guard fields.count == 6, !fields[3].isEmpty else { return .failure(Self.hasOtherFields) }
        let out = ByteBuffer(capacity: user.count + 24)
        out.append(span, ByteRange(uri.range.lower, uri.schemeRange.upper + 1))
        func append(_ field: Int) { for byte in fields[field] { out.append(byte) } }
        if !fields[1].isEmpty {
            append(1)
            if !fields[2].isEmpty {
                out.append(UInt8(ascii: ":"))
                append(2)
            }
            out.append(UInt8(ascii: "@"))
        }
        append(3)
        if !fields[4].isEmpty {
            out.append(UInt8(ascii: ":"))
            append(4)
        }
        if !fields[5].isEmpty {
            out.append(";transport=")
            append(5)
        }
        let text = ByteString(out.span)
        guard SIPURI(text.span, ByteRange(start: 0, count: text.count)) != nil else {
            return .failure(Self.hasOtherFields)
        }
        return .uri(text)
    }
}

/// A URI hidden in a parameter of another, in base 64 without padding.
enum ContactParameter {
    static func encoded(_ uri: ByteString, name: ByteString, address: ByteString) -> ByteString {
        let out = ByteBuffer(capacity: uri.count * 2 + address.count + name.count + 8)
        out.append(address)
        out.append(UInt8(ascii: ";"))
        out.append(name)
        out.append(UInt8(ascii: "="))
        Base64.encode(uri.span, isURL: true, isPadded: false, to: out)
        return ByteString(out.span)
    }

    /// nil when there is no such parameter, or it holds no URI.
    static func decoded(_ uri: SIPURI, _ span: Span<UInt8>, name: ByteString) -> ByteString? {
        let value = uri.parameter(span, named: name.span).value
        guard value.count > 0 else { return nil }
        let out = ByteBuffer(capacity: value.length)
        guard Base64.decode(span.extracting(value.indices), to: out) else { return nil }
        let text = ByteString(out.span)
        guard text.bytes.allSatisfy({ $0 > 32 && $0 != 127 }) else { return nil }
        return SIPURI(text.span, ByteRange(start: 0, count: text.count)) == nil ? nil : text
    }
}
