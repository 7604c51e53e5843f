import Bytes
import ModuleKit
import SIPMessage

/// The Record-Route fields that we put on top of a request, made over for another socket that it leaves by.
///
/// A request that goes to its next address may go over another protocol or another version of IP (RFC 3263 §4.1); what it
/// tells the callee of us has to be an address that the callee can reach (RFC 5658).
struct RecordedHop {
    /// What stands around the address: `<sip:user@`, and from the first parameter on that says nothing of the socket.
    private let prefix: ByteString
    private let tail: ByteString
    private let namesSockets: Bool
    private let received: ListenSocket

    /// - Parameters:
    ///   - top: where our Via begins; what stands above it is ours.
    ///   - old: the socket that the fields were written for.
    ///   - received: the one that the request came in on.
    /// - Returns: nil when there are none, or when they do not name sockets: the script has said what is in them.
    init?(_ message: Message, above top: Int, old: ListenSocket, received: ListenSocket) {
        let span = message.span
        var fields: [HeaderField] = []
        var index = message.first(.recordRoute)
        while index >= 0 {
            let field = message.field(at: index)
            if Int(field.end) <= top { fields.append(field) }
            index = Int(field.next)
        }
        guard let first = fields.first, fields.count < 3 else { return nil }
        let address = NameAddress(span, first.value)
        guard address.isValid, address.hasBrackets, let uri = SIPURI(span, address.uri) else { return nil }
        let sentBy = fields.count == 2 ? old.sentBy : received.sentBy
        guard span.equalsIgnoringCase(uri.hostPort, sentBy.span) else { return nil }
        // One field for two sockets, or two for one: the configuration wants it so (`enable_double_rr`).
        guard (fields.count == 2) != old.isSame(as: received) else { return nil }
        self.prefix = ByteString(span, ByteRange(address.uri.lower, uri.host.lower))
        var start = uri.hostPort.upper
        var hasName = false
        while start < address.uri.upper {
            let end = span.firstIndex(of: UInt8(ascii: ";"), from: start &+ 1, to: address.uri.upper)
            let parameter = ByteString(span, ByteRange(start, end))
            let isName = parameter.bytes.starts(with: Array(";sn=".utf8))
            guard isName || parameter == ";r2=on" || parameter.bytes.starts(with: Array(";transport=".utf8)) else {
                break
            }
            if isName { hasName = true }
            start = end
        }
        self.tail = ByteString(span, ByteRange(start, address.uri.upper))
        self.namesSockets = hasName
        self.received = received
    }

    /// The fields for a request that leaves by `new`.
    func fields(leavingBy new: ListenSocket) -> ByteString {
        let buffer = ByteBuffer(capacity: 256)
        let isDouble = !new.isSame(as: self.received)
        if isDouble { self.write(new, isDouble: true, into: buffer) }
        self.write(self.received, isDouble: isDouble, into: buffer)
        return ByteString(buffer.span)
    }

    private func write(_ socket: ListenSocket, isDouble: Bool, into buffer: ByteBuffer) {
        buffer.append("Record-Route: <")
        buffer.append(self.prefix)
        buffer.append(socket.sentBy)
        if socket.transport != .udp {
            buffer.append(";transport=")
            buffer.append(socket.transport == .wss ? "ws" : socket.transport.name)
        }
        if self.namesSockets, let name = socket.name {
            buffer.append(";sn=")
            buffer.append(name)
        }
        if isDouble { buffer.append(";r2=on") }
        buffer.append(self.tail)
        buffer.append(">\r\n")
    }
}
