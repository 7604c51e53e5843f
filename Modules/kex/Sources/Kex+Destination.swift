import Bytes
import ModuleKit
import SIPMessage

extension Kex {
    /// The destination URI, questions about names of the server, formats into variables, branches.
    var destinationFunctions: [ScriptFunction] {
        let host = self.host
        let format = Argument("text", .format, "The text, with variables.")
        let result = Argument("result", .variable, "Takes the text.")
        return [
            ScriptFunction(
                "setdsturi", Argument("uri", .format, "The next hop."), in: .any,
                summary: "Sets the destination URI $du.", reference: "RFC 3261 §8.1.2", outcomes: [1: "always"],
                example: #"setdsturi("sip:192.0.2.1:5060");"#
            ) { route, arguments in
                let uri = arguments.text(0, in: route)
                route.target.destinationURI = uri.isEmpty ? nil : uri
                if !uri.isEmpty { route.isTargetConsumed = false }
                return .success
            },
            ScriptFunction(
                "resetdsturi", in: .any, summary: "Clears the destination URI $du.", outcomes: [1: "always"],
                example: "resetdsturi();"
            ) { route, _ in
                route.target.destinationURI = nil
                return .success
            },
            ScriptFunction(
                "isdsturiset", in: .any, summary: "Tells whether the destination URI $du is set.",
                outcomes: [1: "set", -1: "not set"], example: "if (!isdsturiset()) { setflag(1); }"
            ) { route, _ in route.target.destinationURI == nil ? .failure : .success },
            ScriptFunction(
                "is_myself", Argument("uri", .format, "URI, or host with port."), in: .any,
                summary: "Tells whether a URI names this server; without a port any port will do.",
                reference: "RFC 3261 §16.4", outcomes: [1: "it does", -1: "it does not"],
                example: #"if (is_myself("$fu")) { setflag(1); }"#
            ) { route, arguments in
                Self.isMyself(arguments.text(0, in: route), host) ? .success : .failure
            },
            ScriptFunction(
                "is_myhost", Argument("uri", .format, "URI or host."), in: .any,
                summary: "Tells whether the host of a URI names this server, whatever port it has.",
                reference: "RFC 3261 §16.4", outcomes: [1: "it does", -1: "it does not"],
                example: #"if (is_myhost("$fd")) { setflag(1); }"#
            ) { route, arguments in
                Self.isMyself(arguments.text(0, in: route), host, hostOnly: true) ? .success : .failure
            },
            ScriptFunction(
                "pv_printf", aliases: ["avp_printf"], result, format, in: .any, summary: "Puts a text into a variable.",
                outcomes: [1: "put", -1: "the variable refuses it"],
                example: #"pv_printf("$var(key)", "$fU@$fd");"#
            ) { route, arguments in
                guard let variable = arguments.variable(0) else { return .failure }
                return variable.write(.bytes(arguments.text(1, in: route)), in: route) ? .success : .failure
            },
            ScriptFunction(
                "km_append_branch", Argument("uri", .format, "The branch; left out: the Request-URI.", optional: true),
                in: [.request, .failure], summary: "Adds a branch; append_branch() of corex does more.",
                reference: "RFC 3261 §16.6", outcomes: [1: "added", -1: "too many branches"],
                example: #"km_append_branch("sip:alice@192.0.2.1");"#
            ) { route, arguments in
                let uri = arguments.has(0) ? arguments.text(0, in: route) : route.text(route.requestURI)
                guard !uri.isEmpty, route.branches.count + 1 < host.settings.maxBranches else { return .failure }
                var branch = BranchTarget(uri: uri)
                branch.flags = route.target.flags
                route.branches.append(branch)
                return .success
            },
        ]
    }

    /// - Parameter text: a URI, `host` or `host:port`.
    private static func isMyself(_ text: ByteString, _ host: any ModuleHost, hostOnly: Bool = false) -> Bool {
        if let uri = SIPURI(text.span, ByteRange(start: 0, count: text.count)), uri.isSIP || uri.scheme == .tel {
            return Self.isMyself(text.span, uri, host, hostOnly: hostOnly)
        }
        let asURI = "sip:" + text
        guard let uri = SIPURI(asURI.span, ByteRange(start: 0, count: asURI.count)), !uri.user.isPresent else {
            return false
        }
        return Self.isMyself(asURI.span, uri, host, hostOnly: hostOnly)
    }

    private static func isMyself(_ span: Span<UInt8>, _ uri: SIPURI, _ host: any ModuleHost, hostOnly: Bool) -> Bool {
        guard uri.host.isPresent else { return false }
        let transport = hostOnly ? nil : uri.transport
        if !hostOnly, uri.port > 0 { return host.isMyself(span, host: uri.host, port: uri.port, transport: transport) }
        // Any port: each that the server listens on, and the one that goes without saying.
        if host.isMyself(span, host: uri.host, port: 0, transport: transport) { return true }
        for socket in host.sockets {
            if host.isMyself(span, host: uri.host, port: Int(socket.port), transport: transport)
                || host.isMyself(span, host: uri.host, port: Int(socket.address.port), transport: transport)
            {
                return true
            }
        }
        return false
    }
}
