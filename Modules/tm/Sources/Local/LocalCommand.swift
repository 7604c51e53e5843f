import Bytes
import ModuleKit
import SIPMessage

/// A local request as `t_uac_send` and the `tm.t_uac_*` commands give it: six texts, of which `.` and nothing mean that
/// there is none.
struct LocalCommand {
    /// Why it is no request, in Kamailio's words.
    struct Refusal: Error, Equatable {
        var text: String
    }

    var request: LocalRequest

    /// - Parameter headers: whole header lines; From and To have to be among them.
    init(
        method: ByteString, requestURI: ByteString, nextHop: ByteString, socket: ByteString, headers: ByteString,
        body: ByteString, host: any ModuleHost
    ) throws(Refusal) {
        guard !method.isEmpty, method.bytes.allSatisfy(\.isToken) else { throw Refusal(text: "Invalid method") }
        guard Self.isURI(requestURI) else { throw Refusal(text: "Invalid request uri \"\(requestURI)\"") }
        if !Self.isNone(nextHop), !Self.isURI(nextHop) { throw Refusal(text: "Invalid next-hop uri \"\(nextHop)\"") }
        var local: ListenSocket?
        if !Self.isNone(socket) {
            local = host.socket(named: socket)
            if local == nil { throw Refusal(text: "No local socket for \"\(socket)\"") }
        }
        let fields = try Self.fields(of: headers)
        let text = Self.isNone(body) ? ByteString() : body
        if !text.isEmpty, !fields.hasContentType { throw Refusal(text: "Content-Type missing") }
        guard let to = fields.to else { throw Refusal(text: "To missing") }
        guard let from = fields.from else { throw Refusal(text: "From missing") }
        var request = LocalRequest(method, requestURI, from: from, to: to, headers: fields.others, body: text)
        // `INVITE.`: whoever sends it acknowledges it himself.
        if method.count > 1, method.bytes.last == UInt8(ascii: ".") {
            request.method = ByteString(Array(method.bytes.dropLast()))
            request.acknowledges = false
        }
        request.nextHop = Self.isNone(nextHop) ? nil : nextHop
        request.socket = local
        if let callID = fields.callID { request.callID = callID }
        if let cSeq = fields.cSeq { request.cSeq = cSeq }
        self.request = request
    }

    private static func isNone(_ text: ByteString) -> Bool { text.isEmpty || text == "." }

    private static func isURI(_ text: ByteString) -> Bool {
        SIPURI(text.span, ByteRange(start: 0, count: text.count))?.isSIP ?? false
    }

    private struct Fields {
        var from: ByteString?
        var to: ByteString?
        var callID: ByteString?
        var cSeq: UInt32?
        var hasContentType = false
        /// All that the server does not write of itself, as given.
        var others = ByteString()
    }

    /// Sorts header lines; either kind of line end will do.
    private static func fields(of headers: ByteString) throws(Refusal) -> Fields {
        let buffer = ByteBuffer(capacity: headers.count + 64)
        buffer.append("OPTIONS sip:a SIP/2.0\r\n")
        buffer.append(headers)
        if let last = headers.bytes.last, last != 10 { buffer.append("\r\n") }
        buffer.append("\r\n")
        guard let message = Message(buffer.span) else { throw Refusal(text: "Invalid headers") }
        let others = ByteBuffer(capacity: headers.count)
        var fields = Fields()
        for index in 0..<message.headerCount {
            let field = message.field(at: index)
            guard field.nameRange.count > 0, field.value.isPresent else { throw Refusal(text: "Invalid headers") }
            switch field.name {
            case .from: fields.from = message.text(field.value)
            case .to: fields.to = message.text(field.value)
            case .callID: fields.callID = message.text(field.value)
            case .cSeq:
                fields.cSeq = message.cSeq.isValid ? message.cSeq.number : Self.number(message.text(field.value))
            case .contentLength: break
            default:
                if field.name == .contentType { fields.hasContentType = true }
                others.append(message.span, field.nameRange)
                others.append(": ")
                others.append(message.span, field.value)
                others.append("\r\n")
            }
        }
        fields.others = ByteString(others.span)
        return fields
    }

    private static func number(_ text: ByteString) -> UInt32? {
        text.span.decimal(in: ByteRange(start: 0, count: text.count)).flatMap { UInt32(exactly: $0) }
    }
}

extension Transactions {
    var localFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_uac_send", Argument("method", .format, "Method; a dot behind INVITE leaves its ACK to others."),
                Argument("ruri", .format, "Request-URI."),
                Argument("nexthop", .format, "URI to send it to; empty or `.`: the Request-URI."),
                Argument("socket", .format, "Socket to send from; empty or `.`: as the next hop asks for."),
                Argument("headers", .format, "Header lines, each with its CRLF; From and To among them."),
                Argument("body", .format, "Body; empty or `.`: none."), in: .any,
                summary: "Sends a request of this server's own, in a transaction; nobody waits for its outcome.",
                reference: "RFC 3261 §8.1",
                outcomes: [
                    1: "sent, dropped by event_route[tm:local-request], or its next hop is being looked up",
                    -1: "not sent",
                ],
                example: #"""
                    t_uac_send("OPTIONS", "sip:b@192.0.2.9", "", "", "From: <sip:a@localhost>\r\nTo: <sip:b@192.0.2.9>\r\n", "");
                    """#,
                body: { [unowned self] route, arguments in self.sendLocal(route, arguments) }
            ),
            ScriptFunction(
                "t_use_uac_headers", in: .any,
                summary:
                    "CANCEL and ACK are made from the request as it was sent; here they always are, so it changes nothing.",
                outcomes: [1: "done"], example: "t_use_uac_headers();",
                body: { _, _ in .success }
            ),
            ScriptFunction(
                "t_set_no_auto_ack", Argument("flag", .int, "1 holds the ACK back, 0 does not."),
                in: [.request, .failure, .transactionReply, .branch],
                summary:
                    "Whether the ACK for a 2xx to the local INVITE waits for t_uac_ack_local(); for event_route[tm:local-request].",
                outcomes: [1: "done", -1: "the transaction is not a local one"],
                example: "t_set_no_auto_ack(1);",
                body: { [unowned self] route, arguments in
                    guard let found = self.table.withTransaction(route.transactionID, { $0.local }), let local = found
                    else { return .failure }
                    local.hold(arguments.int(0, in: route) != 0)
                    return .success
                }
            ),
        ]
    }

    private func sendLocal(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        guard self.maySend(from: route) else { return .failure }
        do throws(LocalCommand.Refusal) {
            let command = try LocalCommand(
                method: arguments.text(0, in: route), requestURI: arguments.text(1, in: route),
                nextHop: arguments.text(2, in: route), socket: arguments.text(3, in: route),
                headers: arguments.text(4, in: route), body: arguments.text(5, in: route), host: self.host)
            switch self.sendRequest(command.request, of: route.program, by: route.worker, then: { _, _ in }) {
            case .sent, .resolving, .keptBack: return .success
            case .failed(let failure):
                route.log(.error, "t_uac_send: \(failure.reason("TM"))")
                return .failure
            }
        } catch {
            route.log(.error, "t_uac_send: \(error.text)")
            return .failure
        }
    }

    /// `evlreq_mode`: lets `event_route[tm:local-request]` see a CANCEL that is about to leave.
    /// - Returns: false when it dropped it.
    func askAboutCancel(_ buffer: ByteBuffer, _ destination: Destination, by worker: any WorkerServices) -> Bool {
        guard let program = worker.currentProgram, let socket = destination.socket else { return true }
        let event = self.localRoutes(program).request
        let arrival = Arrival(source: socket.address, socket: socket, time: worker.now)
        guard event.isPresent, let context = worker.makeContext(buffer.span, arrival: arrival, program: program)
        else { return true }
        defer { worker.recycle(context) }
        context.options.insert(.isLocal)
        context.routeKind = .request
        var isDropped = false
        let call = RouteCall(route: event, kind: .request) { _, result in
            isDropped = result.isDropped
            return .code(result.code)
        }
        guard worker.finish(call, in: context) != nil else { return true }
        if isDropped { return false }
        guard !context.edits.isEmpty else { return true }
        buffer.removeAll()
        MessageWriter.write(context.message, context.edits, into: buffer)
        return true
    }
}
