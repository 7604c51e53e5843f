import Bytes
import SIPMessage

/// Record-Route fields that a request gets when it leaves: what `record_route` and its like decided.
///
/// Which fields they are is only known when the outgoing socket is: where it is not the one that the request came in
/// on, there are two (RFC 5658), so that each side finds an address it can reach.
public struct RecordRouteSet: Sendable {
    /// Where the host part comes from.
    public enum Form: Sendable {
        /// The names of the sockets.
        case sockets
        /// One name for all sockets: `host:port`.
        case advertised(ByteString)
        /// As written by the script; the second one, when there is one, below the first.
        case preset(ByteString, ByteString?)
    }

    /// nil: nothing is recorded; parameters may have been collected all the same.
    public var form: Form?
    /// `sip:` or `sips:`, and the user part with its `@` where one is wanted.
    public var prefix = Self.sip
    /// What follows the address, from its first semicolon: `;lr;ftag=…`.
    public var tail = ByteString()
    /// Collected by `add_rr_param`, each with its semicolon; all fields get them.
    public var parameters = ByteString()
    /// Two fields where the sockets differ.
    public var isDoubled = true
    /// Two fields always.
    public var isAlwaysDoubled = false
    /// `;sn=` with the name of the socket, where it has one.
    public var namesSockets = false
    /// Further header fields that say by which socket the request leaves.
    public var outgoingFields: [OutgoingField] = []

    public static let sip: ByteString = "sip:"

    public init() {}

    /// As new, in the room that the tail has.
    fileprivate mutating func reset() {
        var tail = ByteString()
        swap(&tail, &self.tail)
        self = RecordRouteSet()
        tail.bytes.removeAll(keepingCapacity: true)
        self.tail = tail
    }

    /// Appends the fields, each with its CRLF: that of the outgoing socket first.
    public func write(
        for route: RouteContext, received: ListenSocket, outgoing: ListenSocket, into buffer: ByteBuffer
    ) {
        switch self.form {
        case nil: return
        case .sockets:
            let isDouble = self.isAlwaysDoubled || self.isDoubled && !outgoing.isSame(as: received)
            if isDouble { self.write(outgoing, for: route, isDouble: true, into: buffer) }
            // An address that the script advertises is for where the request goes, not for where it came from.
            self.write(received, for: nil, isDouble: isDouble, into: buffer)
        case .advertised(let address):
            let isDouble = self.isDoubled && outgoing.transport != received.transport
            if isDouble { self.write(address, outgoing.transport, into: buffer) }
            self.write(address, isDouble ? received.transport : nil, into: buffer)
        case .preset(let first, let second):
            self.write(first, nil, into: buffer)
            if let second { self.write(second, nil, into: buffer) }
        }
    }

    private func write(_ socket: ListenSocket, for route: RouteContext?, isDouble: Bool, into buffer: ByteBuffer) {
        buffer.append("Record-Route: <")
        buffer.append(self.prefix)
        if let route { route.writeSentBy(socket, to: buffer) } else { buffer.append(socket.sentByBytes.span) }
        if socket.transport != .udp {
            buffer.append(";transport=")
            buffer.append(socket.transport == .wss ? "ws" : socket.transport.name)
        }
        if self.namesSockets, let name = socket.name {
            buffer.append(";sn=")
            buffer.append(name)
        }
        if isDouble { buffer.append(";r2=on") }
        self.finish(buffer)
    }

    private func write(_ address: ByteString, _ transport: TransportProtocol?, into buffer: ByteBuffer) {
        buffer.append("Record-Route: <")
        buffer.append(self.prefix)
        buffer.append(address)
        if let transport {
            buffer.append(";transport=")
            buffer.append(transport == .wss ? "ws" : transport.name)
            buffer.append(";r2=on")
        }
        self.finish(buffer)
    }

    private func finish(_ buffer: ByteBuffer) {
        buffer.append(self.tail)
        buffer.append(self.parameters)
        buffer.append(">\r\n")
    }
}

/// A header field of a request that names the socket which it leaves by: written when that is known.
public struct OutgoingField: Sendable {
    /// Where it stands among the edits of the message.
    public var place: EditList.Place
    /// Appends the field with its CRLF.
    public var write: @Sendable (_ outgoing: ListenSocket, _ buffer: ByteBuffer) -> Void

    public init(at place: EditList.Place, _ write: @escaping @Sendable (ListenSocket, ByteBuffer) -> Void) {
        self.place = place
        self.write = write
    }
}

/// A set that several may hold, a transaction and the branches of its request on whatever thread, until one of them changes
/// it: handing it on counts one reference, not all that a set has.
public struct SharedRecordRoutes {
    /// Changed only by whoever holds it alone. No `Guarded`: reading counts there, and many may read at the same time.
    private final class Storage {
        var set: RecordRouteSet
        init(_ set: RecordRouteSet) { self.set = set }
    }

    private var storage = Storage(RecordRouteSet())

    fileprivate var set: RecordRouteSet { _read { yield self.storage.set } }

    fileprivate mutating func change<R>(_ body: (inout RecordRouteSet) -> R) -> R {
        if !isKnownUniquelyReferenced(&self.storage) { self.storage = Storage(self.storage.set) }
        return body(&self.storage.set)
    }

    fileprivate mutating func reset() {
        if isKnownUniquelyReferenced(&self.storage) {
            self.storage.set.reset()
        } else {
            self.storage = Storage(RecordRouteSet())
        }
    }
}

private final class RecordRouteBox: ReusableState {
    let routes = Guarded(SharedRecordRoutes())
    func clear() { self.routes.value.reset() }
}

extension RouteContext {
    /// What the request is to carry in Record-Route. A branch route changes it for its branch: whoever runs one keeps
    /// the value from before and puts it back.
    public var recordRoutes: SharedRecordRoutes? {
        get { self.state(RecordRouteBox.self)?.routes.value }
        set {
            if let newValue {
                self.reusedState(RecordRouteBox.self).routes.value = newValue
            } else {
                self.state(RecordRouteBox.self)?.clear()
            }
        }
    }

    /// Whether `recordRoutes` is there.
    public var hasRecordRoutes: Bool { self.state(RecordRouteBox.self) != nil }

    /// Changes what the request is to carry in Record-Route where it is, without a copy.
    public func changeRecordRoutes<R>(_ body: (inout RecordRouteSet) -> R) -> R {
        self.reusedState(RecordRouteBox.self).routes.value.change(body)
    }

    /// Appends the header fields that go in front of our own Via when the request leaves by `outgoing`, and puts those
    /// among the edits that name this socket: the caller rolls the edits back when the request is written.
    public func writeTopHeaders(outgoing: ListenSocket, into buffer: ByteBuffer) {
        guard let box = self.state(RecordRouteBox.self) else { return }
        for field in box.routes.value.set.outgoingFields {
            let writer = self.edits.beginInsert()
            field.write(outgoing, writer.buffer)
            self.edits.endInsert(writer, at: field.place)
        }
        box.routes.value.set.write(for: self, received: self.arrival.socket, outgoing: outgoing, into: buffer)
    }
}
