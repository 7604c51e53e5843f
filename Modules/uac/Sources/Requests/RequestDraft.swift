import Bytes
import ModuleKit
import SIPMessage

/// What `$uac_req(…)` describes: the request that `uac_req_send()` sends next, and in `event_route[uac:reply]` the one
/// that was answered. Kept with the message that the script runs for.
final class RequestDraft {
    struct Content: Sendable {
        var method = ByteString()
        var requestURI = ByteString()
        var fromURI = ByteString()
        var toURI = ByteString()
        var nextHop = ByteString()
        var headers = ByteString()
        var body = ByteString()
        var flags = 0
        var user = ByteString()
        var password = ByteString()
        var socket = ByteString()
        var callID = ByteString()
        var cSeq = 0
        /// Milliseconds; 0: as configured.
        var finalTimer = 0
        var inviteTimer = 0
        var runsEvent = 0
        var eventCode = 0
        var eventType = 0
        var eventParameter = ByteString()
    }

    /// Flag: the password is H(user:realm:password).
    static let hashedPassword = 1

    var content = Content()

    static func of(_ route: RouteContext) -> RequestDraft {
        if let known = route.state(RequestDraft.self) { return known }
        let made = RequestDraft()
        route.setState(made)
        return made
    }
}

/// The names in `$uac_req(…)`.
enum RequestKey: String, CaseIterable, Sendable {
    case method, ruri, furi, turi, ouri, hdrs, body, flags, auser, apasswd, sock, callid, cseqno
    case finalTimer = "fr_timeout"
    case inviteTimer = "fr_inv_timeout"
    case all, evroute, evcode, evtype, evparam

    private enum Place {
        case text(WritableKeyPath<RequestDraft.Content, ByteString>)
        case number(WritableKeyPath<RequestDraft.Content, Int>)
        case everything
    }

    private var place: Place {
        switch self {
        case .method: .text(\.method)
        case .ruri: .text(\.requestURI)
        case .furi: .text(\.fromURI)
        case .turi: .text(\.toURI)
        case .ouri: .text(\.nextHop)
        case .hdrs: .text(\.headers)
        case .body: .text(\.body)
        case .flags: .number(\.flags)
        case .auser: .text(\.user)
        case .apasswd: .text(\.password)
        case .sock: .text(\.socket)
        case .callid: .text(\.callID)
        case .cseqno: .number(\.cSeq)
        case .finalTimer: .number(\.finalTimer)
        case .inviteTimer: .number(\.inviteTimer)
        case .all: .everything
        case .evroute: .number(\.runsEvent)
        case .evcode: .number(\.eventCode)
        case .evtype: .number(\.eventType)
        case .evparam: .text(\.eventParameter)
        }
    }

    func read(_ content: RequestDraft.Content) -> Value {
        switch self.place {
        case .text(let path): content[keyPath: path].isEmpty ? .null : .bytes(content[keyPath: path])
        case .number(let path): .int(content[keyPath: path])
        case .everything: .null
        }
    }

    /// - Returns: false when the value is no number where one is needed.
    func write(_ value: Value, _ content: inout RequestDraft.Content, _ route: RouteContext) -> Bool {
        switch self.place {
        case .text(let path): content[keyPath: path] = route.text(value)
        case .number(let path):
            guard let number = route.int(value) else { return false }
            content[keyPath: path] = number
        case .everything: content = RequestDraft.Content()
        }
        return true
    }
}

extension UserAgentClient {
    public var variables: [ScriptVariable] {
        [
            ScriptVariable(
                "uac_req", inner: .required, writable: true,
                summary:
                    "The request that uac_req_send() sends: method, ruri, furi, turi, ouri (next hop), hdrs, body, flags (1: the password is HA1), auser, apasswd, sock, callid, cseqno, fr_timeout, fr_inv_timeout (ms), evroute (1: event_route[uac:reply] runs), evparam; evcode and evtype (1 reply, 2 none) tell there what came. all = $null forgets everything.",
                bind: { name, _ in
                    guard case .literal(let word) = name, let key = RequestKey(rawValue: word.string) else {
                        let known = RequestKey.allCases.map(\.rawValue).joined(separator: ", ")
                        throw ArgumentError("$uac_req has \(known)")
                    }
                    return VariableAccess(
                        read: { route, _ in
                            route.state(RequestDraft.self).map { key.read($0.content) }
                                ?? key.read(RequestDraft.Content())
                        },
                        write: { route, _, value in key.write(value, &RequestDraft.of(route).content, route) })
                }
            )
        ]
    }
}
