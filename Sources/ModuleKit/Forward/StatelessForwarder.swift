import Bytes
import SIPMessage

/// Forwards messages without keeping anything of them (RFC 3261 §16.11).
public enum StatelessForwarder {
    /// Forwards the request of `route` to `$du`, or else to its Request-URI.
    /// - Parameter next: where to instead, as a URI.
    /// - Returns: 1 when it is on its way, -1 when it cannot be sent. When a name has to be looked up first, the script
    ///   is suspended meanwhile.
    public static func forwardRequest(_ route: RouteContext, to next: ByteString? = nil) -> Outcome {
        self.forwardRequest(route, to: next, clientBranch: nil)
    }

    /// Forwards the request as if it began here: our Via is the only one, so that its replies end here.
    /// - Parameter branch: tells several copies apart, 0 and up.
    public static func forwardRequest(
        _ route: RouteContext, to next: ByteString? = nil, asClientBranch branch: Int
    ) -> Outcome {
        self.forwardRequest(route, to: next, clientBranch: branch)
    }

    private static func forwardRequest(_ route: RouteContext, to next: ByteString?, clientBranch: Int?) -> Outcome {
        guard route.isRequest, route.message.topVia.isValid else { return .failure }
        if MaxBreadth.allowed(route.message, standard: route.coreSettings.maxBreadth) == 0 {
            route.noteFailure(.breadthExceeded)
            return .failure
        }
        let socket = route.targetSocket
        let answer: NextHopAnswer
        if let uri = next ?? route.targetDestination {
            answer = route.worker.nextHop(for: uri.span, range: ByteRange(start: 0, count: uri.count), socket: socket)
        } else if let uri = route.targetURI {
            answer = route.worker.nextHop(for: uri.span, range: ByteRange(start: 0, count: uri.count), socket: socket)
        } else {
            let message = route.message
            answer = route.worker.nextHop(for: message.span, range: message.requestURI, socket: socket)
        }
        switch answer {
        case .destination(let destination): return self.depart(route, to: destination, clientBranch)
        case .needsLookup(let query):
            let token = route.suspend()
            route.worker.host.resolve(query, then: token)
            return .suspended(
                Continuation { route, result in
                    guard result.code >= 0, let destination = result.payload as? Destination else {
                        route.noteFailure(.unresolvable)
                        return .failure
                    }
                    return self.depart(route, to: destination, clientBranch)
                }
            )
        case .unreachable(let reason):
            switch reason {
            case .badURI: route.noteFailure(.badURI)
            case .unsupportedTransport, .noSocket: route.noteFailure(.noSocket)
            case .unresolvable: route.noteFailure(.unresolvable)
            }
            return .failure
        }
    }

    /// Writes the request of `route` as it leaves and queues it, unless `onsend_route` keeps it.
    /// - Returns: 1, or -1 when it cannot be sent.
    private static func depart(_ route: RouteContext, to wanted: Destination, _ clientBranch: Int?) -> Outcome {
        guard !wanted.isBlocked else {
            route.noteFailure(.blocked)
            return .failure
        }
        var wanted = wanted
        route.chooseSocket(for: &wanted)
        guard let written = self.bytes(route, to: wanted, clientBranch) else {
            route.noteFailure(.noSocket)
            return .failure
        }
        guard route.asksBeforeSending else { return self.send(written, route, clientBranch) }
        return route.askBeforeSending(ByteString(written.buffer.span), to: written.destination) { route, maySend in
            maySend ? self.send(written, route, clientBranch) : .failure
        }
    }

    /// What is refused at once goes to the next address (RFC 3263 §4.3); of later trouble nobody here hears.
    private static func send(_ written: Written, _ route: RouteContext, _ clientBranch: Int?) -> Outcome {
        let destination = written.destination
        if route.worker.send(written.buffer, to: destination, token: 0) { return .success }
        if let other = destination.overUDP, let datagram = written.datagram,
            route.worker.send(datagram, to: other, token: 0)
        {
            return .success
        }
        if let next = destination.next { return self.depart(route, to: next, clientBranch) }
        route.noteFailure(.sendFailed)
        return .failure
    }

    /// A request as it leaves.
    private struct Written {
        var buffer: ByteBuffer
        var destination: Destination
        /// The same for UDP, when only its size has it go over a stream.
        var datagram: ByteBuffer?
    }

    /// The request as it leaves, and where to; nil when no socket reaches that.
    /// - Parameter clientBranch: without the Via fields it came with, and with this number in the branch.
    private static func bytes(
        _ route: RouteContext, to wanted: Destination, _ clientBranch: Int?
    ) -> Written? {
        let host = route.worker.host
        var destination = wanted
        let isIPv6 = destination.address.ip.isIPv6
        guard let socket = destination.socket ?? host.socket(for: destination.transport, isIPv6: isIPv6) else {
            return nil
        }
        destination.socket = socket
        if route.options.contains(.forwardNoConnect) { destination.mayConnect = false }
        if route.options.contains(.forwardClose) { destination.closesAfter = true }
        let buffer = route.worker.outgoing()
        self.write(route, socket, clientBranch, into: buffer)
        var datagram: ByteBuffer?
        if let other = route.destinationForLargeRequest(buffer.count, instead: destination), let socket = other.socket {
            destination = other
            datagram = ByteBuffer(buffer.span)
            buffer.removeAll()
            self.write(route, socket, clientBranch, into: buffer)
        }
        return Written(buffer: buffer, destination: destination, datagram: datagram)
    }

    private static func write(
        _ route: RouteContext, _ socket: ListenSocket, _ clientBranch: Int?, into buffer: ByteBuffer
    ) {
        let mark = route.edits.mark()
        defer { route.edits.rollback(to: mark) }
        let top = route.scratch
        top.removeAll()
        route.writeTopHeaders(outgoing: socket, into: top)
        top.append("Via: SIP/2.0/")
        top.append(socket.transport.viaName)
        top.append(UInt8(ascii: " "))
        route.writeViaSentBy(socket, to: top)
        top.append(";branch=")
        StatelessBranch.write(for: route.message, receivedOn: route.arrival.socket, to: top)
        if let clientBranch {
            top.append(".")
            top.append(decimal: clientBranch)
        }
        route.writeViaOptions(into: top)
        ConnectionToken.write(route.arrival.connection, to: top)
        top.append("\r\n")
        if route.targetHasPath {
            top.append("Route: ")
            top.append(route.target.path)
            top.append("\r\n")
        }
        if clientBranch != nil { self.removeVias(route) }
        if let breadth = MaxBreadth.allowed(route.message, standard: route.coreSettings.maxBreadth) {
            MaxBreadth.set(breadth, route.message, route.edits)
        }
        // What is removed need not be completed.
        let source = clientBranch == nil ? route.arrival.source : nil
        let forcesRport = route.options.contains(.forceRport)
        let isNamed = route.options.contains(.senderIsNamed)
        if let uri = route.targetURI {
            MessageWriter.forwardRequest(
                route.message, route.edits, newRequestURI: uri.span, topHeaders: top.span, source: source,
                forceRport: forcesRport, isNamed: isNamed, into: buffer
            )
        } else {
            MessageWriter.forwardRequest(
                route.message, route.edits, newRequestURI: nil, topHeaders: top.span, source: source,
                forceRport: forcesRport, isNamed: isNamed, into: buffer
            )
        }
    }

    private static func removeVias(_ route: RouteContext) {
        let message = route.message
        var index = message.first(.via)
        while index >= 0 {
            route.edits.removeHeader(at: index, message)
            index = message.next(after: index)
        }
    }
}
