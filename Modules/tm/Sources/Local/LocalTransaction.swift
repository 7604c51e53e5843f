import Bytes
import ModuleKit
import SIPMessage
import Synchronization

/// The owner of a local transaction, kept in its record.
final class LocalTransaction: Sendable {
    typealias Listener = @Sendable (LocalEvent, any WorkerServices) -> Void

    let request: LocalRequest
    let listener: Listener
    /// Whether a 2xx waits for `t_uac_ack_local`.
    private let holds: Atomic<Bool>
    /// Header fields and body of the ACK that was let go, for repeated 2xx.
    private let released = Lock<(headers: ByteString, body: ByteString)?>(nil)

    init(_ request: LocalRequest, then listener: @escaping Listener) {
        self.request = request
        self.listener = listener
        self.holds = Atomic(!request.acknowledges)
    }

    func hold(_ isOn: Bool) { self.holds.store(isOn, ordering: .relaxed) }

    /// Lets a held ACK go, with these header fields and this body.
    func release(headers: ByteString, body: ByteString) {
        self.released.withLock { $0 = (headers, body) }
    }

    /// Header fields and body for the ACK of a 2xx that came; nil when it has to wait.
    var acknowledgement: (headers: ByteString, body: ByteString)? {
        if let released = self.released.withLock({ $0 }) { return released }
        return self.holds.load(ordering: .relaxed) ? nil : (ByteString(), ByteString())
    }
}

/// Where the ACK for a 2xx to a local INVITE goes (`local_ack_mode`).
enum LocalAckPath: Int, Sendable {
    /// To the first route, or the contact of the reply (RFC 3261 §13.2.2.4).
    case routeSet = 0
    /// To where the INVITE went.
    case asInvite = 1
    /// To where the reply came from.
    case replySource = 2
}

/// The ACK for a 2xx to a local INVITE.
struct LocalAck {
    /// Where it goes by the route set; empty when the reply names nobody.
    var nextHop = ByteString()
    var requestURI = ByteString()
    private var routes: [ByteString] = []

    /// - Parameter reply: the 2xx; its Record-Route becomes the route set in reverse (RFC 3261 §12.1.2).
    init(_ reply: Message) {
        let span = reply.span
        let contact = reply.firstContact
        if contact.isValid, !contact.isStar { self.requestURI = ByteString(span, contact.uri) }
        var first: (uri: ByteString, isLoose: Bool)?
        reply.forEachNameAddress(in: .recordRoute) { entry in
            guard entry.isValid else { return true }
            self.routes.insert(ByteString(span, entry.range), at: 0)
            first = (ByteString(span, entry.uri), SIPURI(span, entry.uri)?.lr ?? false)
            return true
        }
        self.nextHop = self.requestURI
        guard let first else { return }
        self.nextHop = first.uri
        guard !first.isLoose else { return }
        // A strict router wants itself in the Request-URI, and the contact as last route (§12.2.1.1).
        self.routes.removeFirst()
        self.routes.append("<" + self.requestURI + ">")
        self.requestURI = first.uri
    }

    /// Writes it.
    /// - Parameters:
    ///   - invite: as sent.
    ///   - branch: nil takes the one of the INVITE.
    func write(
        for reply: Message, to invite: Message, branch: BranchParameter?, headers: ByteString, body: ByteString,
        settings: CoreSettings, into out: ByteBuffer
    ) {
        let span = invite.span
        out.append("ACK ")
        out.append(self.requestURI)
        out.append(" SIP/2.0\r\n")
        let via = invite.topVia
        if let branch {
            out.append("Via: ")
            out.append(span, ByteRange(via.start, via.branch.lower))
            branch.write(to: out)
            out.append("\r\n")
        } else {
            out.append("Via: ")
            out.append(span, via.range)
            out.append("\r\n")
        }
        self.copy("From: ", span, invite.value(.from), into: out)
        self.copy("Call-ID: ", span, invite.callID, into: out)
        self.copy("To: ", reply.span, reply.value(.to), into: out)
        out.append("CSeq: ")
        out.append(span, invite.cSeq.numberRange)
        out.append(" ACK\r\n")
        for (index, route) in self.routes.enumerated() {
            out.append(index == 0 ? "Route: " : ", ")
            out.append(route)
        }
        if !self.routes.isEmpty { out.append("\r\n") }
        out.append("Max-Forwards: 70\r\n")
        if settings.serverSignature {
            out.append(settings.userAgentHeader)
            out.append("\r\n")
        }
        out.append(headers)
        if let last = headers.bytes.last, last != 10 { out.append("\r\n") }
        out.append("Content-Length: ")
        out.append(decimal: body.count)
        out.append("\r\n\r\n")
        out.append(body)
    }

    private func copy(_ name: StaticString, _ span: Span<UInt8>, _ range: ByteRange, into out: ByteBuffer) {
        out.append(name)
        out.append(span, range)
        out.append("\r\n")
    }
}
