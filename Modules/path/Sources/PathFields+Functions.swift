import Bytes
import ModuleKit
import SIPMessage

extension PathFields {
    public var functions: [ScriptFunction] {
        let user = Argument("user", .format, "User of the URI; none when empty.", optional: true)
        let parameters = Argument("parameters", .format, "Further parameters of the URI: \"x=y\".", optional: true)
        let address = Argument("address", .format, "host or host:port.")
        let outcomes = [1: "added", -1: "the text cannot stand in a URI"]
        let reference = "RFC 3327 §5.1"
        return [
            ScriptFunction(
                "add_path", user, parameters, in: .request,
                summary: "Requests for this registration come back through here: adds our name to Path.",
                reference: reference, outcomes: outcomes,
                example: #"if (is_method("REGISTER")) { add_path("edge"); t_relay(); exit; }"#
            ) { [self] route, arguments in self.add(route, arguments, user: 0) },
            ScriptFunction(
                "add_path_received", user, parameters, in: .request,
                summary: "Like add_path, and notes where the request came from.",
                reference: reference, outcomes: outcomes,
                example: #"if (is_method("REGISTER")) { add_path_received(); t_relay(); exit; }"#
            ) { [self] route, arguments in self.add(route, arguments, user: 0, notesSource: true) },
            ScriptFunction(
                "add_path_advertised_address", address, user, parameters, in: .request,
                summary: "Like add_path, under an address that the script gives.",
                reference: reference, outcomes: outcomes,
                example: #"add_path_advertised_address("edge.example.org:5060");"#
            ) { [self] route, arguments in self.add(route, arguments, user: 1) },
            ScriptFunction(
                "add_path_received_advertised_address", address, user, parameters, in: .request,
                summary: "Like add_path_received, under an address that the script gives.",
                reference: reference, outcomes: outcomes,
                example: #"add_path_received_advertised_address("edge.example.org:5060");"#
            ) { [self] route, arguments in self.add(route, arguments, user: 1, notesSource: true) },
        ]
    }

    /// - Parameter user: which argument is the user; the address, where there is one, stands before it.
    private func add(_ route: RouteContext, _ arguments: Arguments, user: Int, notesSource: Bool = false) -> Outcome {
        var field = PathField()
        field.isDoubled = self.settings.isDoubled
        field.namesSockets = self.settings.namesSockets
        field.user = arguments.text(user, in: route)
        field.parameters = arguments.text(user + 1, in: route)
        if user > 0 { field.address = arguments.text(0, in: route) }
        guard [field.user, field.parameters, field.address ?? ByteString()].allSatisfy(Self.isURIText) else {
            route.log(.error, "path: what was given cannot stand in a URI")
            return .failure
        }
        if notesSource {
            let buffer = ByteBuffer(capacity: 64)
            ReceivedParameter(name: self.settings.receivedName).write(
                route.arrival.source, route.arrival.transport, isShort: self.settings.receivedFormat == 1, to: buffer)
            field.received = ByteString(buffer.span)
        }
        // The phone asked for a flow (RFC 5626 §5.1): its token takes the place of the user.
        if let token = self.flowTokens.tokens?.token(for: route) {
            field.user = token
            field.parameters = field.parameters.isEmpty ? "ob" : "ob;" + field.parameters
        }
        self.put(field, into: route)
        return .success
    }

    /// Before the Path fields that are there, for ours is the proxy nearer to the registrar.
    private func put(_ field: PathField, into route: RouteContext) {
        let message = route.message
        let first = message.first(.path)
        let place = route.edits.keepPlace(at: first >= 0 ? Int(message.field(at: first).start) : message.headersEnd)
        let incoming = route.arrival.socket
        let writes = OutgoingField(at: place) { outgoing, buffer in
            field.write(outgoing: outgoing, incoming: incoming, to: buffer)
        }
        route.changeRecordRoutes { $0.outgoingFields.append(writes) }
    }

    private static func isURIText(_ text: ByteString) -> Bool {
        text.bytes.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "<") }
    }
}
