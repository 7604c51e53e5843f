import Bytes
import ControlProtocol
import ModuleKit

/// Where requests come in from outside.
extension JSONRPCServer {
    var listeners: [ControlListener] {
        var listeners: [ControlListener] = []
        if self.settings.serves(.fifo) { listeners.append(self.fifo) }
        if self.settings.serves(.datagram), let datagrams = self.datagrams { listeners.append(datagrams) }
        if self.settings.serves(.tcp), let connections = self.connections { listeners.append(connections) }
        return listeners
    }

    private var fifo: ControlListener {
        let service = ControlListener.Service.writing(to: self.settings.fifoReplyDirectory.string) { [self] in
            // nil: the rest of a line that is no document is passed over.
            let framer = Lock<JSONFramer?>(JSONFramer())
            return { bytes, reply in
                switch framer.withLock({ $0?.frame(bytes) }) {
                case .incomplete: return 0
                case .broken, nil:
                    if framer.withLock({ $0 }) != nil { self.logUnreadable(bytes, "fifo") }
                    framer.withLock { $0 = nil }
                    return bytes.firstIndex(of: 10).map { $0 + 1 }
                case .document(let count):
                    framer.withLock { $0 = JSONFramer() }
                    self.answerFifo(Array(bytes[..<count]), reply)
                    return count
                }
            }
        }
        var listener = ControlListener(
            name: Self.name, address: .fifo(self.settings.fifoName.string), mode: self.settings.fifoMode,
            service: service)
        listener.user = self.settings.fifoUser
        listener.group = self.settings.fifoGroup
        return listener
    }

    private func answerFifo(_ bytes: [UInt8], _ reply: @escaping @Sendable (ByteString, [UInt8]) -> Void) {
        guard let request = self.request(bytes, "fifo") else { return }
        // Without it nobody would learn what became of the command: Kamailio does not run it either.
        guard let name = request.replyName else {
            return self.host.logger.error("jsonrpcs: a request on the fifo without reply_name is not carried out")
        }
        guard !name.isEmpty, name != ".", name != "..", !name.bytes.contains(where: { $0 == 0x2f || $0 == 0 }) else {
            return self.host.logger.error(
                "jsonrpcs: reply_name '\(name)' would lead out of fifo_reply_dir; the request is not carried out")
        }
        self.answer(request) { reply(name, $0.document.bytes) }
    }

    private var datagrams: ControlListener? {
        guard let address = try? Self.datagramAddress(self.settings.datagramSocket) else { return nil }
        // What a datagram holds: of UDP, and with the system's usual buffers of a socket file.
        let limit = address.path == nil ? 65_507 : 200_000
        var listener = ControlListener(name: Self.name, address: address, mode: self.settings.datagramMode) {
            [self] bytes, later in
            guard let request = self.request(bytes, "datagram") else { return nil }
            return (bytes.count, self.answer(request, within: limit) { later($0.document.bytes) })
        }
        listener.user = self.settings.datagramUser
        listener.group = self.settings.datagramGroup
        listener.patience = .milliseconds(self.settings.datagramTimeout)
        return listener
    }

    /// One document after the other; each answer ends with a line end, so that a client can tell it from the next.
    private var connections: ControlListener? {
        guard let address = ControlListener.Address(network: self.settings.tcpSocket.string) else { return nil }
        let service = ControlListener.Service.answering { [self] in
            let framer = Lock(JSONFramer())
            return { bytes, later in
                switch framer.withLock({ $0.frame(bytes) }) {
                case .incomplete: return (0, [])
                case .broken:
                    self.logUnreadable(bytes, "TCP connection")
                    return nil
                case .document(let count):
                    framer.withLock { $0 = JSONFramer() }
                    guard let request = self.request(Array(bytes[..<count]), "TCP connection") else { return nil }
                    let answer = self.answer(request, within: nil) { later($0.document.bytes + [10]) }
                    return (count, answer.isEmpty ? [] : answer + [10])
                }
            }
        }
        return ControlListener(name: Self.name, address: address, service: service)
    }

    /// The answer when it is known at once; else nothing, and `later` gets it.
    /// - Parameter limit: longest answer that can be sent, bytes.
    private func answer(
        _ request: JSONRPCRequest, within limit: Int?, later: @escaping @Sendable (JSONRPCReply) -> Void
    ) -> [UInt8] {
        let place = Lock<(isOver: Bool, reply: JSONRPCReply?)>((false, nil))
        self.answer(request) { [self] reply in
            var reply = reply
            if let limit, reply.document.count > limit {
                reply = self.reply(
                    .failure(RPCFault(500, "the answer has \(reply.document.count) bytes, too many for a datagram")),
                    to: request)
            }
            let isLate = place.withLock { place in
                place.reply = reply
                return place.isOver
            }
            if isLate { later(reply) }
        }
        let known = place.withLock { place in
            place.isOver = true
            return place.reply
        }
        return known?.document.bytes ?? []
    }

    /// What `bytes` ask for; nil, and a line in the log, when they are no JSON. As with Kamailio nothing is answered then.
    private func request(_ bytes: [UInt8], _ source: String) -> JSONRPCRequest? {
        do throws(JSONError) {
            return try JSONRPCRequest(bytes)
        } catch {
            self.host.logger.error("jsonrpcs: what came by \(source) is no JSON: \(error)")
            return nil
        }
    }

    private func logUnreadable(_ bytes: [UInt8], _ source: String) {
        let reason =
            bytes.count > JSONReader.byteLimit
            ? "the document is larger than \(JSONReader.byteLimit >> 10) KiB" : "a document begins with { or ["
        self.host.logger.error("jsonrpcs: what came by \(source) is no JSON: \(reason)")
    }
}
