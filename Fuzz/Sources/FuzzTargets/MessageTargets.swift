import Bytes
import SIPMessage
import SIPTransport

/// Readers and writers of SIP messages. What is written has to be read again as what it was.
enum MessageTargets {
    static let source = SocketAddress(ip: IPAddress("192.0.2.1") ?? .anyIPv4, port: 5070)

    static func read(_ bytes: [UInt8]) {
        let message = Message(buffer: ByteBuffer(bytes.span))
        let place = SendQueue.growingPlace(in: bytes.span)
        guard message.parse() == nil else { return }
        if let place { self.grow(message, at: place) }
        self.visit(message)
        self.writeUnchanged(message)
        guard message.headerCount < 2000 else { return }
        if message.isRequest { WrittenMessages.request(message) } else { WrittenMessages.reply(message) }
        WrittenMessages.edited(message)
    }

    /// A message that leaves together with longer ones says the same as before.
    private static func grow(_ message: Message, at place: Int) {
        let spaces: [UInt8] = [32, 32, 32]
        let longer = ByteBuffer(message.span)
        claim(place <= longer.count, "a place outside of the message")
        longer.replace(at: place, deleting: 0, with: spaces.span)
        guard let grown = Message(longer.span) else { fatalError("a message that was made longer is none") }
        claim(grown.headerCount == message.headerCount && grown.kind == message.kind, "made longer, another header")
        claim(grown.contentLength == message.contentLength, "made longer, another Content-Length")
        claim(grown.span.equals(grown.body, message.span.extracting(message.body.indices)), "another body")
        claim(grown.text(grown.callID) == message.text(message.callID), "another Call-ID")
        claim(grown.text(grown.topVia.branch) == message.text(message.topVia.branch), "another branch")
    }

    /// Reads everything there is to read.
    static func visit(_ message: Message) {
        let span = message.span
        for uri in [message.parsedRequestURI, message.fromURI, message.toURI] {
            if let uri { self.visit(uri, span) }
        }
        message.forEachVia { via in
            guard via.isValid else { return true }
            self.check(via.range, span)
            self.check(via.host, span)
            self.check(via.branch, span)
            _ = via.hostAddress(span)
            _ = via.hasCookie(span)
            _ = via.parameter(span, named: ("x" as StaticString).span)
            return true
        }
        for name in [HeaderName.from, .to, .contact, .route, .recordRoute, .path, .supported, .other, .callID] {
            message.forEachNameAddress(in: name) { address in
                guard address.isValid else { return true }
                self.check(address.range, span)
                self.check(address.uri, span)
                self.check(address.tag, span)
                self.check(address.displayText(span), span)
                claim(address.q >= -1 && address.q <= 1000, "a quality outside of its range")
                _ = address.parameter(span, named: ("x" as StaticString).span)
                if let uri = SIPURI(span, address.uri) { self.visit(uri, span) }
                return true
            }
        }
        for index in 0..<message.headerCount {
            let field = message.field(at: index)
            self.check(field.nameRange, span)
            self.check(field.value, span)
            self.check(field.range, span)
            var members = ListScanner(field.value)
            while let member = members.next(span) { self.check(member, span) }
            var parameters = ParameterScanner(field.value)
            while parameters.next(span) { self.check(parameters.value, span) }
            _ = IPAddress(span, field.value)
            claim(message.next(after: index) > index || message.next(after: index) == -1, "fields go round")
        }
        _ = (message.cSeq, message.contentLength, message.maxForwards, message.expires, message.isEmergency)
        _ = (message.unusableField, message.contentType, message.topRoute, message.firstContact, message.topVia)
        _ = message.lists(("path" as StaticString).span, in: .supported)
        self.check(message.body, span)
    }

    static func visit(_ uri: SIPURI, _ span: Span<UInt8>) {
        for part in [uri.range, uri.user, uri.password, uri.host, uri.parameters, uri.headers] {
            self.check(part, span)
        }
        claim(uri.port >= -1 && uri.port <= 65_535, "a port that is none")
        _ = uri.hostAddress(span)
        claim(SIPURI.equal(uri, span, uri, span), "a URI that differs from itself")
    }

    static func check(_ range: ByteRange, _ span: Span<UInt8>) {
        claim(!range.isPresent || range.upper <= span.count && range.length >= 0, "a range outside of the bytes")
    }

    private static func writeUnchanged(_ message: Message) {
        let out = ByteBuffer(capacity: message.length)
        MessageWriter.write(message, EditList(), into: out)
        claim(
            message.span.equals(ByteRange(message.start, message.length), out.span), "changed without any edit")
    }

    /// The value of every kind of field.
    static func readValue(_ bytes: [UInt8]) {
        let buffer = ByteBuffer(capacity: 512 + bytes.count * 10)
        buffer.append("OPTIONS sip:a@b SIP/2.0\r\n")
        let names: [StaticString] = [
            "Via: ", "From: ", "To: ", "Contact: ", "Route: ", "Record-Route: ", "CSeq: ", "Content-Length: ",
            "Supported: ", "Content-Type: ", "Expires: ", "Max-Forwards: ",
        ]
        for name in names {
            buffer.append(name)
            buffer.append(bytes.span)
            buffer.append("\r\n")
        }
        buffer.append("\r\n")
        let message = Message(buffer: buffer)
        guard message.parse() == nil else { return }
        self.visit(message)
        self.readAgain(bytes)
    }

    /// An address that is taken out of its list and read alone says the same.
    private static func readAgain(_ bytes: [UInt8]) {
        let span = bytes.span
        let address = NameAddress(span, ByteRange(start: 0, count: bytes.count), isList: true)
        guard address.isValid, !address.isStar else { return }
        let alone = NameAddress(span, address.range, isList: false)
        claim(alone.isValid, "a member of a list that is none alone")
        claim(alone.uri == address.uri && alone.tag == address.tag && alone.q == address.q, "another address")
        claim(alone.expires == address.expires && alone.parameters == address.parameters, "other parameters")
    }

    static func readURI(_ bytes: [UInt8]) {
        let span = bytes.span
        let space = bytes.firstIndex(of: 32) ?? bytes.count
        _ = span.isEmergencyURI(ByteRange(0, space))
        guard let first = SIPURI(span, ByteRange(0, space)) else { return }
        self.visit(first, span)
        guard space < bytes.count, let second = SIPURI(span, ByteRange(space + 1, bytes.count)) else { return }
        self.visit(second, span)
        claim(
            SIPURI.equal(first, span, second, span) == SIPURI.equal(second, span, first, span),
            "one URI is equal to another, and not the other way round")
    }
}
