import Bytes
import Database
import ModuleKit
import SIPMessage

extension Permissions {
    /// What the trusted table is asked.
    private struct TrustQuestion: Sendable {
        var address: IPAddress
        /// nil: any.
        var transport: TransportProtocol?
        var from: ByteString
        var requestURI: ByteString

        func tags(of table: TrustedTable) -> [ByteString] {
            table.peers.filter {
                $0.trusts(self.address, self.transport, from: self.from.span, requestURI: self.requestURI.span)
            }.map(\.tag)
        }
    }

    var trustedFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "allow_trusted",
                Argument("ip", .format, "Address; without it the source of the request.", optional: true),
                Argument("proto", .format, "Protocol: any, udp, tcp, tls, sctp, ws or wss.", optional: true),
                Argument("from", .format, "From URI; without it that of the request.", optional: true), in: .any,
                summary:
                    "Tells whether a peer is trusted; with peer_tag_mode 1 the code is the number of rows that match.",
                outcomes: [1: "it is", -1: "it is not"],
                example: #"if (!allow_trusted()) { sl_send_reply("403", "Forbidden"); exit; }"#
            ) { [unowned self] route, arguments in
                guard self.usesTrusted, let question = Self.question(route, arguments) else { return .failure }
                if self.cachesTrusted { return self.answer(question.tags(of: self.trusted.read { $0 }), in: route) }
                return self.ask(question, in: route)
            }
        ]
    }

    private static func question(_ route: RouteContext, _ arguments: Arguments) -> TrustQuestion? {
        let message = route.message
        var question = TrustQuestion(
            address: route.arrival.source.ip, transport: route.arrival.socket.transport,
            from: message.text(message.from.uri), requestURI: route.text(route.requestURI))
        guard arguments.has(0) else { return question }
        guard arguments.has(1) else {
            route.log(.error, "allow_trusted takes no argument, two or three")
            return nil
        }
        let address = arguments.text(0, in: route)
        let proto = arguments.text(1, in: route).lowercased
        guard let ip = IPAddress(address.span, ByteRange(0, address.count)) else {
            route.log(.error, "allow_trusted: '\(address)' is no address")
            return nil
        }
        question.address = ip
        question.transport = TransportProtocol(parsing: proto.span, ByteRange(0, proto.count))
        if question.transport == nil, proto != "any" {
            route.log(.error, "allow_trusted: '\(proto)' is no protocol")
            return nil
        }
        if arguments.has(2) { question.from = arguments.text(2, in: route) }
        return question
    }

    private func ask(_ question: TrustQuestion, in route: RouteContext) -> Outcome {
        guard let database = self.database else { return .failure }
        let columns = self.settings.trusted
        let select = Select(
            columns.all, from: self.settings.trustedTable,
            where: .any([
                Condition(columns.source, .equal, .string(ByteString(question.address.description))),
                Condition(columns.source, .equal, "any"),
            ]))
        return database.ask(route) {
            try TrustedTable($0.query(select), columns)
        } then: { [unowned self] route, result in
            switch result {
            case .success(let table):
                for complaint in table.complaints { route.log(.error, "allow_trusted: \(complaint)") }
                return self.answer(question.tags(of: table), in: route)
            case .failure(let error):
                route.log(.error, "allow_trusted: \(error)")
                return .failure
            }
        }
    }

    private func answer(_ tags: [ByteString], in route: RouteContext) -> Outcome {
        guard let first = tags.first else { return .failure }
        guard self.settings.tagMode == 1 else {
            self.setTag(first, in: route)
            return .success
        }
        for tag in tags { self.setTag(tag, in: route) }
        return .code(tags.count)
    }
}
