import Bytes
import ModuleKit
import SIPMessage

extension SelectTable {
    private static let credentialParts: Set<String> = [
        "realm", "nonce", "uri", "cnonce", "nc", "response", "opaque", "algorithm", "qop",
    ]

    /// `authorization["realm"].nonce`: of the credentials for that realm (RFC 3261 §20.7, §20.28).
    static func credentials(
        _ name: HeaderName, _ index: SelectPath.Element.Index?, _ rest: ArraySlice<SelectPath.Element>,
        _ path: [SelectPath.Element]
    ) throws(ArgumentError) -> Reader {
        guard case .key(let realm)? = index else {
            throw ArgumentError("@\(path[0].name) takes the realm: @\(path[0].name)[\"example.org\"].nonce")
        }
        var rest = rest
        guard let part = rest.popFirst()?.name else {
            return { .slice(ifPresent: Self.credentials(name, realm, $0.message)) }
        }
        if part == "username" {
            let piece = rest.popFirst()?.name
            guard piece == nil || piece == "user" || piece == "domain", rest.isEmpty else { throw self.unknown(path) }
            return { route in
                let message = route.message
                let credentials = Self.credentials(name, realm, message)
                let whole = Self.parameter("username", of: credentials, message)
                guard whole.isPresent, let piece else { return .slice(ifPresent: whole) }
                let at = message.span.firstIndex(of: UInt8(ascii: "@"), from: whole.lower, to: whole.upper)
                if piece == "user" { return .slice(ByteRange(whole.lower, at)) }
                return at < whole.upper ? .slice(ByteRange(at + 1, whole.upper)) : .null
            }
        }
        guard self.credentialParts.contains(part) else { throw self.unknown(path) }
        let wanted = ByteString(part)
        return try self.leaf(rest, path) { route in
            let message = route.message
            return .slice(ifPresent: Self.parameter(wanted, of: Self.credentials(name, realm, message), message))
        }
    }

    /// The value of the field whose credentials are for `realm`; absent when there is none.
    private static func credentials(_ name: HeaderName, _ realm: ByteString, _ message: Message) -> ByteRange {
        var index = message.first(name)
        while index >= 0 {
            let value = message.field(at: index).value
            let own = self.parameter("realm", of: value, message)
            if own.isPresent, message.span.equals(own, realm.span) { return value }
            index = message.next(after: index)
        }
        return .absent
    }

    /// A parameter of Digest credentials without its quotes; absent when there is none.
    private static func parameter(_ name: ByteString, of value: ByteRange, _ message: Message) -> ByteRange {
        let span = message.span
        guard value.isPresent, value.count > 7,
            span.equalsIgnoringCase(ByteRange(start: value.lower, count: 7), "Digest ")
        else { return .absent }
        var members = ListScanner(ByteRange(value.lower + 7, value.upper))
        while let member = members.next(span) {
            let equals = span.firstIndex(of: UInt8(ascii: "="), from: member.lower, to: member.upper)
            guard equals < member.upper else { continue }
            var end = equals
            while end > member.lower, span[end - 1] <= 32 { end -= 1 }
            guard span.equalsIgnoringCase(ByteRange(member.lower, end), name.span) else { continue }
            var start = equals + 1
            while start < member.upper, span[start] <= 32 { start += 1 }
            let isQuoted =
                member.upper - start >= 2 && span[start] == UInt8(ascii: "\"")
                && span[member.upper - 1] == UInt8(ascii: "\"")
            return isQuoted ? ByteRange(start + 1, member.upper - 1) : ByteRange(start, member.upper)
        }
        return .absent
    }
}
