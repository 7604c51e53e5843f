import Bytes
import ModuleKit
import SIPMessage

/// What `t_relay` and its kin may say beside the targets.
struct RelayOrder: Sendable {
    /// The next hop of all targets, as a URI; nil: `$du` or the Request-URI of each.
    var hop: ByteString?
    /// The protocol that all of them have to take.
    var transport: TransportProtocol?
    /// Whether the caller of an INVITE gets a 100 first.
    var sendsTrying = true
    /// Whether a relay that fails is answered by tm.
    var answersFailure = true
    var marks: TransactionMarks = []

    init() {}

    /// - Parameter flags: 1 no 100, 2 no error reply, 4 no further addresses of a target.
    init(flags: Int) {
        self.sendsTrying = flags & 1 == 0
        self.answersFailure = flags & 2 == 0
        if flags & 4 != 0 { self.marks.insert(.skipsFailover) }
    }

    /// The URI that says where the main branch of `route` goes; nil: its Request-URI does.
    func nextHop(of route: RouteContext) -> ByteString? {
        if let hop = self.hop { return hop }
        guard let transport = self.transport else { return route.targetDestination }
        if let destination = route.targetDestination {
            let whole = ByteRange(start: 0, count: destination.count)
            return Self.uri(SIPURI(destination.span, whole), destination.span, over: transport)
        }
        return route.withRequestURI { span, uri in Self.uri(uri, span, over: transport) }
    }

    /// Host and port of a URI, to be reached over `transport`.
    private static func uri(_ uri: SIPURI?, _ span: Span<UInt8>, over transport: TransportProtocol) -> ByteString? {
        guard let uri else { return nil }
        let buffer = ByteBuffer(capacity: uri.host.length + 32)
        buffer.append("sip:")
        buffer.append(span, uri.host)
        if uri.port > 0 {
            buffer.append(UInt8(ascii: ":"))
            buffer.append(decimal: uri.port)
        }
        Self.append(transport, to: buffer)
        return ByteString(buffer.span)
    }

    private static func append(_ transport: TransportProtocol, to buffer: ByteBuffer) {
        buffer.append(";transport=")
        buffer.append(transport.name)
    }
}

/// Texts that name a next hop: `udp:192.0.2.1:5060`, `192.0.2.1`, `sip:gate.example;transport=tcp`.
enum HopText {
    /// The URI of the next hop that `text` names; nil when it names none.
    static func uri(_ text: ByteString, over forced: TransportProtocol? = nil) -> ByteString? {
        var rest = text
        var transport = forced
        for (prefix, named) in Self.prefixes where Self.begins(text, prefix) {
            transport = forced ?? named
            rest = ByteString(text.span.extracting(prefix.count..<text.count))
            break
        }
        guard !rest.isEmpty else { return nil }
        let buffer = ByteBuffer(capacity: rest.count + 32)
        if !Self.begins(rest, "sip:"), !Self.begins(rest, "sips:") { buffer.append("sip:") }
        buffer.append(rest)
        if let transport {
            buffer.append(";transport=")
            buffer.append(transport.name)
        }
        let uri = ByteString(buffer.span)
        return SIPURI(uri.span, ByteRange(start: 0, count: uri.count)) == nil ? nil : uri
    }

    /// The protocol of that name.
    static func transport(_ name: ByteString) -> TransportProtocol? {
        TransportProtocol.allCases.first {
            name.span.equalsIgnoringCase(ByteRange(start: 0, count: name.count), $0.name)
        }
    }

    private static func begins(_ text: ByteString, _ prefix: ByteString) -> Bool {
        text.count >= prefix.count
            && text.span.equalsIgnoringCase(ByteRange(start: 0, count: prefix.count), prefix.span)
    }

    private static let prefixes: [(ByteString, TransportProtocol)] = [
        ("udp:", .udp), ("tcp:", .tcp), ("tls:", .tls), ("sctp:", .sctp), ("ws:", .ws), ("wss:", .wss),
    ]
}
