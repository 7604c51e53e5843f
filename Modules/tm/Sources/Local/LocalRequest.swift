import Bytes
import ModuleKit
import SIPMessage

/// A request that this server sends of itself, as a user agent client (RFC 3261 §8.1).
///
/// Via, the tag of From, Call-ID, Max-Forwards, Content-Length and User-Agent are added where they are left out.
public struct LocalRequest: Sendable {
    public var method: ByteString
    public var requestURI: ByteString
    /// Where it is sent when that is not the Request-URI: a SIP URI, such as an outbound proxy's.
    public var nextHop: ByteString?
    /// The socket to send from; nil: what the next hop's protocol and family ask for.
    public var socket: ListenSocket?
    /// Value of From, without tag.
    public var from: ByteString
    /// Empty: a new one.
    public var fromTag = ByteString()
    /// Value of To, without tag.
    public var to: ByteString
    /// Of a request inside of a dialog.
    public var toTag = ByteString()
    /// Empty: a new one.
    public var callID = ByteString()
    public var cSeq: UInt32 = 10
    /// Further header fields, each with its CRLF.
    public var headers = ByteString()
    public var body = ByteString()
    /// Whether a 2xx to INVITE is acknowledged at once; a negative reply always is.
    public var acknowledges = true
    /// Whether the owner hears of provisional replies too.
    public var wantsProvisionals = false
    /// In place of `fr_timer`.
    public var finalTimer: Interval?
    /// In place of `fr_inv_timer`.
    public var inviteTimer: Interval?

    public init(
        _ method: ByteString, _ requestURI: ByteString, from: ByteString, to: ByteString, headers: ByteString = "",
        body: ByteString = ""
    ) {
        self.method = method
        self.requestURI = requestURI
        self.from = from
        self.to = to
        self.headers = headers
        self.body = body
    }
}

/// What becomes of a local request: a provisional reply, or the one final outcome.
public struct LocalEvent: Sendable {
    public var transaction: TransactionID
    /// Status code; 408 and 477 also when no reply came or the request could not be sent.
    public var code: Int
    public var reason: ByteString
    /// The reply as it came; empty when there is none.
    public var reply: ByteString
    /// How it came in; nil when there is none.
    public var arrival: Arrival?
    /// The request as it was sent last.
    public var request: ByteString

    public var isFinal: Bool { self.code >= 200 }
    /// Nobody sent the reply: a timer or the transport says so.
    public var isMadeHere: Bool { self.reply.isEmpty }
}

/// What `sendRequest` did.
public enum LocalSending: Sendable, Equatable {
    case sent(TransactionID)
    /// The next hop's name is being looked up; the owner hears of a failure.
    case resolving
    /// The owner hears nothing more.
    case failed(InternalFailure)
    /// `event_route[tm:local-request]` dropped it; the owner hears nothing more.
    case keptBack
}

extension LocalRequest {
    private static func isWritten(_ name: StaticString, in headers: ByteString) -> Bool {
        let span = headers.span
        let length = name.utf8CodeUnitCount
        var start = 0
        while start + length <= span.count {
            if span.equalsIgnoringCase(ByteRange(start: start, count: length), name) { return true }
            start = span.firstIndex(of: 10, from: start, to: span.count) + 1
        }
        return false
    }

    /// Whether nothing in it would end its line: what a script put together may hold anything.
    var isSound: Bool {
        func fits(_ text: ByteString) -> Bool { text.bytes.allSatisfy { $0 >= 32 || $0 == 9 } }
        return !self.method.isEmpty && self.method.bytes.allSatisfy(\.isToken) && !self.requestURI.isEmpty
            && self.requestURI.bytes.allSatisfy { $0 > 32 } && fits(self.from) && fits(self.fromTag) && fits(self.to)
            && fits(self.toTag) && fits(self.callID)
    }

    /// Writes the request as it leaves by `socket`.
    func write(
        into buffer: ByteBuffer, socket: ListenSocket, transport: TransportProtocol, branch: BranchParameter,
        settings: CoreSettings
    ) {
        buffer.append(self.method)
        buffer.append(UInt8(ascii: " "))
        buffer.append(self.requestURI)
        buffer.append(" SIP/2.0\r\nVia: SIP/2.0/")
        buffer.append(transport.viaName)
        buffer.append(UInt8(ascii: " "))
        buffer.append(socket.sentBy)
        buffer.append(";branch=")
        branch.write(to: buffer)
        if settings.localRport { buffer.append(";rport") }
        self.writeField("\r\nTo: ", self.to, tag: self.toTag, into: buffer)
        self.writeField("\r\nFrom: ", self.from, tag: self.fromTag, into: buffer)
        buffer.append("\r\nCSeq: ")
        buffer.append(decimal: Int(self.cSeq))
        buffer.append(UInt8(ascii: " "))
        buffer.append(self.method)
        buffer.append("\r\nCall-ID: ")
        buffer.append(self.callID)
        if !Self.isWritten("max-forwards:", in: self.headers) { buffer.append("\r\nMax-Forwards: 70") }
        buffer.append("\r\nContent-Length: ")
        buffer.append(decimal: self.body.count)
        buffer.append("\r\n")
        if settings.serverSignature, !Self.isWritten("user-agent:", in: self.headers) {
            buffer.append(settings.userAgentHeader)
            buffer.append("\r\n")
        }
        buffer.append(self.headers)
        buffer.append("\r\n")
        buffer.append(self.body)
    }

    private func writeField(_ name: StaticString, _ value: ByteString, tag: ByteString, into buffer: ByteBuffer) {
        buffer.append(name)
        buffer.append(value)
        guard !tag.isEmpty else { return }
        buffer.append(";tag=")
        buffer.append(tag)
    }

    /// Fills in what was left to the server.
    mutating func complete(on socket: ListenSocket) {
        if self.callID.isEmpty { self.callID = Self.newCallID(host: socket.ipText) }
        if self.fromTag.isEmpty,
            !NameAddress(self.from.span, ByteRange(start: 0, count: self.from.count)).hasTag
        {
            self.fromTag = Self.newTag()
        }
        if !self.headers.isEmpty, self.headers.bytes.last != 10 { self.headers = self.headers + "\r\n" }
    }

    /// A Call-ID that nobody has used: 16 hexadecimal digits at the host.
    public static func newCallID(host: ByteString) -> ByteString {
        let buffer = ByteBuffer(capacity: 64)
        buffer.append(hex: .random(in: .min ... .max), digits: 16)
        buffer.append(UInt8(ascii: "-"))
        buffer.append(hex: .random(in: 0...0xffff), digits: 4)
        buffer.append(UInt8(ascii: "@"))
        buffer.append(host)
        return ByteString(buffer.span)
    }

    /// A tag that nobody can guess (RFC 3261 §19.3).
    public static func newTag() -> ByteString {
        let buffer = ByteBuffer(capacity: 32)
        buffer.append(hex: .random(in: .min ... .max), digits: 16)
        buffer.append(hex: .random(in: .min ... .max), digits: 16)
        return ByteString(buffer.span)
    }
}
