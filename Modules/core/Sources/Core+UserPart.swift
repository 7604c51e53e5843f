import Bytes
import ModuleKit
import SIPMessage

extension Core {
    /// Functions that change the user part of the Request-URI.
    var userPartFunctions: [ScriptFunction] {
        let count = Argument("count", .int, "Number of characters, 0 or more.")
        return [
            ScriptFunction(
                "prefix", Argument("text", .literal, "What to put in front."), in: Self.uriRoutes,
                summary: "Puts text in front of the user of the Request-URI.",
                outcomes: [1: "changed", -1: "no user part"],
                example: #"prefix("00");"#
            ) { route, arguments in
                let text = arguments.text(0, in: route)
                let user = route.requestURIPart { $0.user }
                return Self.setUser(text + route.text(user), "prefix", route)
            },
            ScriptFunction(
                "strip", count, in: Self.uriRoutes,
                summary: "Removes the first characters of the user of the Request-URI; too many remove it whole.",
                outcomes: [1: "changed", -1: "no user part"], example: "strip(2);"
            ) { route, arguments in
                Self.strip("strip", arguments, route) { ByteRange($1, $0) }
            },
            ScriptFunction(
                "strip_tail", count, in: Self.uriRoutes,
                summary: "Removes the last characters of the user of the Request-URI; too many remove it whole.",
                outcomes: [1: "changed", -1: "no user part"], example: "strip_tail(2);"
            ) { route, arguments in
                Self.strip("strip_tail", arguments, route) { ByteRange(0, $0 - $1) }
            },
            ScriptFunction(
                "userphone", in: Self.uriRoutes, summary: "Adds user=phone to the Request-URI.",
                reference: "RFC 3261 §19.1.1", outcomes: [1: "it is there", -1: "no SIP URI"], example: "userphone();"
            ) { route, _ in Self.addUserPhone(route) },
        ]
    }

    private static func setUser(_ user: ByteString, _ function: String, _ route: RouteContext) -> Outcome {
        guard route.rewriteRequestURI(.user, with: user) else {
            route.log(.error, "\(function): the Request-URI has no user part that could be changed")
            return .failure
        }
        return .success
    }

    /// - Parameter rest: what stays of the user, given its length and the number of characters to remove.
    private static func strip(
        _ function: String, _ arguments: Arguments, _ route: RouteContext, rest: (Int, Int) -> ByteRange
    ) -> Outcome {
        guard let count = arguments.int(0, in: route), count >= 0 else { return .failure }
        let user = route.text(route.requestURIPart { $0.user })
        guard count <= user.count else {
            route.log(.warning, "\(function)(\(count)) is longer than the user \(user.string), which is removed")
            return Self.setUser(ByteString(), function, route)
        }
        return Self.setUser(ByteString(user.span, rest(user.count, count)), function, route)
    }

    private static func addUserPhone(_ route: RouteContext) -> Outcome {
        let changed = route.withRequestURI { span, uri -> ByteString? in
            guard let uri, uri.isSIP else { return nil }
            guard !uri.userParameter.isPresent else { return ByteString(span, uri.range) }
            let out = ByteBuffer(capacity: uri.range.length + 12)
            let end = uri.headers.isPresent ? uri.headers.lower - 1 : uri.range.upper
            out.append(span, ByteRange(uri.range.lower, end))
            out.append(";user=phone")
            out.append(span, ByteRange(end, uri.range.upper))
            return ByteString(out.span)
        }
        guard route.isRequest, let changed else { return .failure }
        route.setRequestURI(changed)
        return .success
    }
}
