import Bytes
import ModuleKit
import SIPMessage

extension AddressTransformations {
    /// `{sock.…}`: `protocol:host:port`.
    static let sockets = TransformationClass(
        "sock", operations: ["proto", "host", "port", "touri"], summary: "Parts of protocol:host:port."
    ) { operation, _, _ in
        guard ["proto", "host", "port", "touri"].contains(operation) else {
            throw ArgumentError("there is no such operation")
        }
        return Transforming.text { route, span in
            guard let socket = SocketText(span) else {
                route.log(.error, "[\(ByteString(span).string)] is no socket")
                return .failed
            }
            switch operation {
            case "proto": return .part(socket.transport)
            case "host": return .part(socket.host)
            case "port": return .part(socket.port)
            default:
                let out = ByteBuffer(capacity: span.count + 24)
                out.append("sip:")
                out.append(span, socket.host)
                if socket.port.count > 0 {
                    out.append(UInt8(ascii: ":"))
                    out.append(span, socket.port)
                }
                if socket.transport.count > 0 {
                    out.append(";transport=")
                    out.append(span, socket.transport)
                }
                return .value(.bytes(ByteString(out.span)))
            }
        }
    }

    /// `{urialias.…}`: `address~port~protocol`, as NAT traversal keeps it in URIs.
    static let aliases = TransformationClass(
        "urialias", operations: ["encode", "decode"], summary: "Between URIs and address~port~protocol."
    ) { operation, _, _ in
        switch operation {
        case "encode":
            return Transforming.text { route, span in
                guard let uri = SIPURI(span, ByteRange(0, span.count)), uri.isSIP else {
                    if span.count > 0 { route.log(.error, "invalid uri [\(ByteString(span).string)]") }
                    return .failed
                }
                let out = ByteBuffer(capacity: span.count)
                out.append(span, uri.host)
                out.append(UInt8(ascii: "~"))
                out.append(decimal: uri.effectivePort)
                out.append(UInt8(ascii: "~"))
                out.append(decimal: Int((uri.transport ?? .udp).rawValue))
                return .value(.bytes(ByteString(out.span)))
            }
        case "decode":
            return Transforming.text { _, span in
                let first = span.firstIndex(of: UInt8(ascii: "~"), from: 0, to: span.count)
                let second = span.firstIndex(of: UInt8(ascii: "~"), from: min(first + 1, span.count), to: span.count)
                guard first > 0, second < span.count,
                    let number = span.decimal(in: ByteRange(second + 1, span.count), limit: 6),
                    let transport = TransportProtocol(rawValue: UInt8(number))
                else { return .failed }
                let out = ByteBuffer(capacity: span.count + 24)
                out.append("sip:")
                out.append(span, ByteRange(0, first))
                out.append(UInt8(ascii: ":"))
                out.append(span, ByteRange(first + 1, second))
                if transport != .udp {
                    out.append(";transport=")
                    out.append(transport.name)
                }
                return .value(.bytes(ByteString(out.span)))
            }
        default: throw ArgumentError("there is no such operation")
        }
    }
}

/// `protocol:host:port`; protocol and port may be missing, IPv6 addresses stand in brackets.
private struct SocketText {
    var transport = ByteRange(0, 0)
    var host = ByteRange(0, 0)
    var port = ByteRange(0, 0)

    init?(_ span: Span<UInt8>) {
        guard span.count > 0 else { return nil }
        var start = 0
        let colon = span.firstIndex(of: UInt8(ascii: ":"), from: 0, to: span.count)
        if colon < span.count, TransportProtocol(parsing: span, ByteRange(0, colon)) != nil {
            self.transport = ByteRange(0, colon)
            start = colon + 1
        }
        var end = span.firstIndex(of: UInt8(ascii: ":"), from: start, to: span.count)
        if start < span.count, span[start] == UInt8(ascii: "[") {
            let close = span.firstIndex(of: UInt8(ascii: "]"), from: start, to: span.count)
            guard close < span.count else { return nil }
            end = close + 1
        }
        guard end > start else { return nil }
        self.host = ByteRange(start, end)
        guard end < span.count else { return }
        guard span[end] == UInt8(ascii: ":"), span.decimal(in: ByteRange(end + 1, span.count), limit: 65_535) != nil
        else {
            return nil
        }
        self.port = ByteRange(end + 1, span.count)
    }
}
