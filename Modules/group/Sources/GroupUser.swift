import Bytes
import ModuleKit
import SIPMessage
import auth

/// Whom a call asks about: `Request-URI`, `To`, `From`, `Credentials`, or an `$avp` with a URI.
final class GroupUser: Sendable {
    private enum Place: Sendable {
        case requestURI, to, from, credentials
        case variable(VariableReference)
    }

    private let place: Place

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        switch text.string.lowercased() {
        case "request-uri": self.place = .requestURI
        case "to": self.place = .to
        case "from": self.place = .from
        case "credentials": self.place = .credentials
        default:
            guard text.bytes.first == UInt8(ascii: "$"), case let variable = try compiler.variable(text),
                variable.name == "avp"
            else {
                throw ArgumentError("'\(text)' is none of Request-URI, To, From, Credentials and $avp(name)")
            }
            self.place = .variable(variable)
        }
    }

    /// User and domain; nil, with a line in the log, when there is no user there.
    func read(in route: RouteContext) -> (user: ByteString, domain: ByteString)? {
        let found: (user: ByteString, domain: ByteString)?
        let message = route.message
        switch self.place {
        case .requestURI: found = route.withRequestURI { span, uri in uri.flatMap { Self.parts($0, span) } }
        case .to: found = SIPURI(message.span, message.to.uri).flatMap { Self.parts($0, message.span) }
        case .from: found = SIPURI(message.span, message.from.uri).flatMap { Self.parts($0, message.span) }
        case .credentials:
            found = route.state(AuthorizedUser.self).map { ($0.name, AuthorizedDomain.of($0, in: route)) }
        case .variable(let variable):
            let text = route.text(variable.read(in: route))
            found = SIPURI(text.span, ByteRange(0, text.count)).flatMap { Self.parts($0, text.span) }
        }
        if found == nil { route.log(.error, "group: \(self.name) names no user") }
        return found
    }

    private static func parts(_ uri: SIPURI, _ span: Span<UInt8>) -> (user: ByteString, domain: ByteString)? {
        guard uri.user.isPresent, uri.user.count > 0 else { return nil }
        return (ByteString(span, uri.user), ByteString(span, uri.host))
    }

    private var name: String {
        switch self.place {
        case .requestURI: "the Request-URI"
        case .to: "the To URI"
        case .from: "the From URI"
        case .credentials: "no checked credentials: that"
        case .variable(let variable): variable.text
        }
    }
}
