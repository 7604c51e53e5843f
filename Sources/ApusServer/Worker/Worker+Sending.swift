import Bytes
import ModuleKit
import SIPMessage
import SIPTransport

extension Worker {
    func outgoing() -> ByteBuffer { self.buffers.take() }

    /// What is sent from here on belongs to the call of a message: over UDP it leaves in this order, and may leave as one
    /// with what belongs to others.
    func keepOrder(of message: Message) {
        // What people write to each other may be a call of its own each time (RFC 3428 §4), and is to arrive in order.
        if message.kind == .request, message.method == .message {
            self.order.value = 1
        } else {
            self.keepOrder(ofCall: message.callID, in: message.span)
        }
    }

    /// - Parameter callID: the value of Call-ID, in the bytes of its message.
    func keepOrder(ofCall callID: ByteRange, in span: Span<UInt8>) {
        self.order.value = UInt32(truncatingIfNeeded: span.keyedHash(callID, seed: HashSeed.process)) | 1
    }

    @discardableResult
    func send(_ buffer: consuming ByteBuffer, to destination: Destination, token: UInt64) -> Bool {
        if self.path.value.showsLeaving {
            for look in self.program.hooks.bytesLeaving where !look(self, self.program, buffer, destination) {
                self.buffers.give(buffer)
                return false
            }
        }
        if self.path.value.isSimulated, let world = self.server.world {
            let isOut = world.send(buffer.span, to: destination, token: token, by: self.index)
            self.buffers.give(buffer)
            return isOut
        }
        guard destination.transport == .udp else {
            let outcome = self.server.transport.streams.send(
                buffer, from: self.buffers, to: destination, token: token)
            guard case .refused(let reason) = outcome else { return true }
            self.server.logger.info("cannot send to \(destination.address) over \(destination.transport): \(reason)")
            return false
        }
        guard let descriptor = self.descriptor(for: destination) else {
            self.buffers.give(buffer)
            self.server.logger.error("no UDP socket to send to \(destination.address)")
            return false
        }
        self.buffers.give(
            self.sends.enqueue(
                buffer, to: destination.address, from: descriptor, token: token, order: self.order.value))
        return true
    }

    /// The number alone: the worker has the socket, and counting it would cost as much as finding it.
    func descriptor(for destination: Destination) -> Int32? {
        if let socket = destination.socket, socket.index < self.descriptors.count,
            let descriptor = self.descriptors[socket.index],
            // Its number may be another listener's by now.
            descriptor.listenSocket.address == socket.address
        {
            return descriptor.descriptor
        }
        let isIPv6 = destination.address.ip.isIPv6
        return self.descriptors.compactMap { $0 }.first { $0.listenSocket.address.ip.isIPv6 == isIPv6 }?.descriptor
    }

    func sendFailed(to destination: Destination, token: UInt64, code: Int32) {
        self.server.logger.info("sending to \(destination.address) failed: \(SocketError.text(of: code))")
        guard token != 0 else { return }
        for failed in self.program.hooks.sendFailed { failed(self, token, destination) }
    }

    func nextHop(for uri: Span<UInt8>, range: ByteRange, socket: ListenSocket?) -> NextHopAnswer {
        self.server.nextHop(for: uri, range: range, socket: socket, of: self.sockets)
    }

    func addAlias(port: UInt16, for connection: ConnectionID) -> Bool {
        let streams = self.server.transport.streams
        guard let known = streams.table[connection] else { return false }
        return streams.table.addAlias(
            SocketAddress(ip: known.peer.ip, port: port), for: known, rule: streams.settings.aliasRule)
    }

    var connections: (any ConnectionControl)? { self.server.world == nil ? self.server.transport.streams : nil }

    /// `alias` in the top Via: the sender takes requests over this connection for the port that the Via names
    /// (RFC 5923 §4).
    func noteAlias(_ context: RouteContext) {
        let via = context.message.topVia
        guard via.alias, self[self.policy.acceptsAliases] != 0 else { return }
        let port = via.port > 0 ? UInt16(truncatingIfNeeded: via.port) : context.arrival.transport.defaultPort
        if port != context.arrival.source.port { _ = self.addAlias(port: port, for: context.arrival.connection) }
    }
}
