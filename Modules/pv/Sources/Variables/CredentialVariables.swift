import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// What Authorization or Proxy-Authorization says, and whom to account for: credentials nobody has checked do not
    /// count there.
    var credentialVariables: [ScriptVariable] {
        func parameter(_ variable: String, _ name: StaticString, _ summary: String) -> ScriptVariable {
            ScriptVariable(variable, summary: summary, reference: "RFC 8760 §2") { route in
                .slice(ifPresent: Credentials.parameter(name, in: route.message))
            }
        }
        func part(_ variable: String, _ name: StaticString, _ summary: String) -> ScriptVariable {
            ScriptVariable(variable, summary: summary, reference: "RFC 8760 §2") { route in
                Credentials.value(Credentials.parameter(name, in: route.message), in: route.message)
            }
        }
        return [
            part("ar", "realm", "Realm in the credentials."),
            parameter("adu", "uri", "URI in the credentials."),
            part("aa", "algorithm", "Algorithm in the credentials."),
            parameter("adn", "nonce", "Nonce in the credentials."),
            parameter("adc", "cnonce", "Client nonce in the credentials."),
            parameter("adr", "response", "Response in the credentials."),
            parameter("ado", "opaque", "Opaque value in the credentials."),
            part("aU", "username", "User name in the credentials, with its domain if it has one."),
            ScriptVariable("au", summary: "User in the credentials, without its domain.") { route in
                Credentials.value(Credentials.user(in: route.message).user, in: route.message)
            },
            ScriptVariable("ad", summary: "Domain of the user in the credentials.") { route in
                Credentials.value(Credentials.user(in: route.message).domain, in: route.message)
            },
            ScriptVariable("AU", summary: "User to account for: the authenticated one, else that in From.") { route in
                if let user = route.state(AuthorizedUser.self) { return .bytes(user.name) }
                return .slice(ifPresent: route.message.fromURI?.user ?? .absent)
            },
            ScriptVariable(
                "Au", summary: "user@host to account for: the authenticated user and the realm, else those in From."
            ) { route in
                if let user = route.state(AuthorizedUser.self) { return .bytes(user.name + "@" + user.realm) }
                guard let uri = route.message.fromURI else { return .null }
                guard uri.user.isPresent else { return .slice(ifPresent: uri.host) }
                return .bytes(route.copy(uri.user) + "@" + route.copy(uri.host))
            },
        ]
    }
}

/// Digest credentials of a request (RFC 3261 §20.7, §20.28).
enum Credentials {
    /// The text of `range`; no text, but not `$null`, when there are credentials that lack it.
    static func value(_ range: ByteRange, in message: Message) -> Value {
        if range.isPresent { return .slice(range) }
        return self.list(in: message).count > 0 ? .bytes(ByteString()) : .null
    }

    /// What follows `Digest`; absent when there is nothing, and in ACK and CANCEL, which nobody can challenge.
    static func list(in message: Message) -> ByteRange {
        guard message.method != .ack, message.method != .cancel else { return .absent }
        var value = message.value(.authorization)
        if !value.isPresent { value = message.value(.proxyAuthorization) }
        guard value.isPresent else { return .absent }
        let span = message.span
        let digest = ByteRange(start: value.lower, count: 6)
        guard value.length > 7, span.equalsIgnoringCase(digest, "Digest"), span[digest.upper].isBlank else {
            return .absent
        }
        return ByteRange(digest.upper, value.upper)
    }

    /// Value of a parameter without its quotes; absent when there is none.
    static func parameter(_ name: StaticString, in message: Message) -> ByteRange {
        let list = self.list(in: message)
        guard list.isPresent else { return .absent }
        let span = message.span
        var members = ListScanner(list)
        while let member = members.next(span) {
            let equals = span.firstIndex(of: UInt8(ascii: "="), from: member.lower, to: member.upper)
            guard equals < member.upper else { continue }
            var end = equals
            while end > member.lower, span[end - 1] <= 32 { end -= 1 }
            guard span.equalsIgnoringCase(ByteRange(member.lower, end), name) else { continue }
            var start = equals + 1
            while start < member.upper, span[start] <= 32 { start += 1 }
            var stop = member.upper
            if start < stop, span[start] == UInt8(ascii: "\"") {
                start += 1
                var index = start
                while index < stop, span[index] != UInt8(ascii: "\"") {
                    index += span[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                stop = min(index, stop)
            }
            return ByteRange(start, stop)
        }
        return .absent
    }

    /// `username` taken apart at its `@`.
    static func user(in message: Message) -> (user: ByteRange, domain: ByteRange) {
        let whole = self.parameter("username", in: message)
        guard whole.isPresent else { return (.absent, .absent) }
        let at = message.span.firstIndex(of: UInt8(ascii: "@"), from: whole.lower, to: whole.upper)
        guard at < whole.upper else { return (whole, .absent) }
        return (ByteRange(whole.lower, at), ByteRange(at + 1, whole.upper))
    }
}
