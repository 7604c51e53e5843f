import Bytes
import SIPMessage

/// A part of a URI that scripts exchange for another.
public enum URIPart: Sendable {
    /// The password stays; an empty user takes it away too.
    case user
    case userAndPassword
    case host
    case hostPort
    /// `host:port;transport=tcp`; a transport parameter that is there goes.
    case hostPortTransport
    /// Empty: none.
    case port
}

extension URIPart {
    /// Appends the URI that `uri` is in `span`, with this part exchanged for `text`.
    ///
    /// The host of a `tel:` URI makes it a `sip:` URI with `user=phone` (RFC 3261 §19.1.6).
    /// - Returns: false, with nothing appended, when the URI has no such part (a port of `tel:`) or is of another kind.
    public func write(_ text: ByteString, in uri: SIPURI, _ span: Span<UInt8>, to out: ByteBuffer) -> Bool {
        switch uri.scheme {
        case .sip, .sips: self.writeSIP(text, uri, span, out)
        case .tel, .tels: return self.writeTel(text, uri, span, out)
        case .urn, .http, .other: return false
        }
        return true
    }

    private func writeSIP(_ text: ByteString, _ uri: SIPURI, _ span: Span<UInt8>, _ out: ByteBuffer) {
        out.append(span, ByteRange(uri.range.lower, uri.schemeRange.upper + 1))
        switch self {
        case .user:
            if !text.isEmpty {
                out.append(text)
                if uri.password.isPresent {
                    out.append(UInt8(ascii: ":"))
                    out.append(span, uri.password)
                }
                out.append(UInt8(ascii: "@"))
            }
        case .userAndPassword:
            if !text.isEmpty {
                out.append(text)
                out.append(UInt8(ascii: "@"))
            }
        case .host, .hostPort, .hostPortTransport, .port:
            out.append(span, ByteRange(uri.schemeRange.upper + 1, uri.host.lower))
        }
        let afterHost = uri.hostPort.upper
        switch self {
        case .user, .userAndPassword: out.append(span, ByteRange(uri.host.lower, uri.range.upper))
        case .host:
            out.append(text)
            out.append(span, ByteRange(uri.host.upper, uri.range.upper))
        case .hostPort:
            out.append(text)
            out.append(span, ByteRange(afterHost, uri.range.upper))
        case .port:
            out.append(span, uri.host)
            if !text.isEmpty {
                out.append(UInt8(ascii: ":"))
                out.append(text)
            }
            out.append(span, ByteRange(afterHost, uri.range.upper))
        case .hostPortTransport:
            out.append(text)
            var parts = URIPartScanner(uri.parameters, separator: UInt8(ascii: ";"))
            while parts.next(span) {
                guard !span.equalsIgnoringCase(parts.name, "transport") else { continue }
                out.append(UInt8(ascii: ";"))
                out.append(span, ByteRange(parts.name.lower, max(parts.name.upper, parts.value.upper)))
            }
            if uri.headers.isPresent { out.append(span, ByteRange(uri.headers.lower - 1, uri.range.upper)) }
        }
    }

    private func writeTel(_ text: ByteString, _ uri: SIPURI, _ span: Span<UInt8>, _ out: ByteBuffer) -> Bool {
        switch self {
        case .user, .userAndPassword:
            guard !text.isEmpty else { return false }
            out.append(span, ByteRange(uri.range.lower, uri.user.lower))
            out.append(text)
            out.append(span, ByteRange(uri.user.upper, uri.range.upper))
        case .host, .hostPort, .hostPortTransport:
            out.append(uri.scheme == .tels ? "sips:" : "sip:")
            out.append(span, ByteRange(uri.user.lower, uri.range.upper))
            out.append(UInt8(ascii: "@"))
            out.append(text)
            out.append(";user=phone")
        case .port: return false
        }
        return true
    }
}
