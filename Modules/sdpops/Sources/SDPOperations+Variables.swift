import Bytes
import ModuleKit
import SIPMessage

extension SDPOperations {
    var descriptionVariable: ScriptVariable {
        ScriptVariable(
            "sdp", inner: .required, writable: true,
            summary:
                "Session description: body, raw, sess_version (writable, -1 adds 1), c:ip, c:af, o:ip, and of the first medium m0:raw, m0:rtp:port, m0:rtcp:port, m0:b:AS, m0:b:RR, m0:b:RS."
        ) { name, _ in
            guard case .literal(let key) = name else { throw ArgumentError("$sdp takes a fixed key") }
            switch key {
            case "body", "raw": return Self.reading { _, description, _ in .slice(description.body) }
            case "sess_version":
                return VariableAccess { route, _ in
                    guard let range = route.sessionDescription?.sessionVersion else { return .null }
                    return route.int(.slice(range)).map { .int($0) } ?? .slice(range)
                } write: { route, _, value in
                    Self.setVersion(route, value)
                }
            case "c:ip":
                return Self.reading { _, description, _ in
                    .slice(ifPresent: description.firstConnection?.address ?? .absent)
                }
            case "c:af":
                return Self.reading { _, description, _ in
                    description.firstConnection.map { $0.isIPv6 ? .labelled(6, "IP6") : .labelled(4, "IP4") } ?? .null
                }
            case "o:ip": return Self.reading { _, description, _ in .slice(ifPresent: description.originAddress) }
            case "m0:raw": return Self.medium { media, _ in .slice(media.range) }
            case "m0:rtp:port": return Self.medium { media, span in media.portNumber(span).map { .int($0) } ?? .null }
            case "m0:rtcp:port": return Self.medium { media, span in media.controlPort(span).map { .int($0) } ?? .null }
            case "m0:b:AS": return Self.medium { $0.bandwidth("AS:", $1) }
            case "m0:b:RR": return Self.medium { $0.bandwidth("RR:", $1) }
            case "m0:b:RS": return Self.medium { $0.bandwidth("RS:", $1) }
            default: throw ArgumentError("$sdp has no key '\(key.string)'")
            }
        }
    }

    private static func reading(
        _ body: @escaping @Sendable (RouteContext, SessionDescription, Span<UInt8>) -> Value
    ) -> VariableAccess {
        VariableAccess { route, _ in
            guard let description = route.sessionDescription else { return .null }
            let message = route.message
            return body(route, description, message.span)
        }
    }

    private static func medium(
        _ body: @escaping @Sendable (SessionDescription.Media, Span<UInt8>) -> Value
    ) -> VariableAccess {
        Self.reading { _, description, span in description.media.first.map { body($0, span) } ?? .null }
    }

    /// RFC 3264 §8: the version grows by one when the description changes.
    private static func setVersion(_ route: RouteContext, _ value: Value) -> Bool {
        guard let range = route.sessionDescription?.sessionVersion, let number = route.int(value), number >= -1,
            !route.edits.isDeleted(range)
        else { return false }
        guard number == -1 else {
            route.edits.replace(range, withDecimal: number)
            return true
        }
        guard let present = route.int(.slice(range)), present < .max else { return false }
        route.edits.replace(range, withDecimal: present + 1)
        return true
    }
}

extension SessionDescription.Media {
    /// `a=rtcp:` (RFC 3605), else the port after that of RTP.
    func controlPort(_ span: Span<UInt8>) -> Int? {
        var lines = self.attributes(span)
        while let line = lines.next(span) {
            guard span.hasPrefix(line.text, "a=rtcp:") else { continue }
            let words = span.words(ByteRange(line.text.lower + 7, line.text.upper))
            return words.first.flatMap { span.decimal(in: $0, limit: 65535) }
        }
        return self.portNumber(span).flatMap { $0 > 0 && $0 < 65535 ? $0 + 1 : nil }
    }

    /// `b=AS:64` (RFC 8866 §5.8, RFC 3556).
    func bandwidth(_ modifier: StaticString, _ span: Span<UInt8>) -> Value {
        var lines = self.attributes(span)
        while let line = lines.next(span) {
            let value = ByteRange(line.text.lower + 2, line.text.upper)
            guard span.hasPrefix(line.text, "b="), span.hasPrefix(value, modifier) else { continue }
            return span.decimal(in: ByteRange(value.lower + 3, value.upper)).map { .int($0) } ?? .null
        }
        return .null
    }
}
