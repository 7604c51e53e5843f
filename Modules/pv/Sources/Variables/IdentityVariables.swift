import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// Who is said to call, to be called, to have diverted.
    var identityVariables: [ScriptVariable] {
        [
            Self.uri("ai", .pAssertedIdentity, "URI in P-Asserted-Identity.", "RFC 3325 §9.1"),
            Self.uri("pu", .pPreferredIdentity, "URI in P-Preferred-Identity.", "RFC 3325 §9.2"),
            Self.uri("re", .remotePartyID, "URI in Remote-Party-ID.", ""),
            Self.uri("rt", .referTo, "URI in Refer-To.", "RFC 3515 §2.1"),
            Self.uri("di", .diversion, "URI in Diversion.", "RFC 5806"),
            Self.part("pU", .pPreferredIdentity, "User of the URI in P-Preferred-Identity.") { $0.user },
            Self.part("pd", .pPreferredIdentity, "Host of the URI in P-Preferred-Identity.") { $0.host },
            ScriptVariable("pn", summary: "Display name in P-Preferred-Identity.", reference: "RFC 3325 §9.2") {
                route in
                .slice(ifPresent: Self.first(.pPreferredIdentity, route.message).displayName)
            },
            Self.parameter("dip", "privacy", "Privacy parameter of Diversion."),
            Self.parameter("dir", "reason", "Reason parameter of Diversion."),
            Self.parameter("dic", "counter", "Counter parameter of Diversion."),
        ]
    }

    private static func first(_ name: HeaderName, _ message: Message) -> NameAddress {
        var addresses = NameAddressIterator(name)
        return addresses.next(message) ?? NameAddress()
    }

    private static func uri(
        _ variable: String, _ name: HeaderName, _ summary: String, _ reference: String
    ) -> ScriptVariable {
        ScriptVariable(variable, summary: summary, reference: reference) { route in
            .slice(ifPresent: Self.first(name, route.message).uri)
        }
    }

    private static func part(
        _ variable: String, _ name: HeaderName, _ summary: String, _ part: @escaping @Sendable (SIPURI) -> ByteRange
    ) -> ScriptVariable {
        ScriptVariable(variable, summary: summary) { route in
            let message = route.message
            guard let uri = SIPURI(message.span, Self.first(name, message).uri) else { return .null }
            return Self.nonEmpty(.slice(ifPresent: part(uri)), route)
        }
    }

    private static func parameter(_ variable: String, _ name: StaticString, _ summary: String) -> ScriptVariable {
        ScriptVariable(variable, summary: summary, reference: "RFC 5806") { route in
            let message = route.message
            let address = Self.first(.diversion, message)
            guard address.isValid else { return .null }
            return .slice(ifPresent: address.parameter(message.span, named: name.span) ?? .absent)
        }
    }
}
