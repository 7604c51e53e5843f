import Bytes
import ModuleKit
import SIPMessage

/// A request as other programs are told of it: lines in the order of the FIFO interface, version 0.3.
///
/// A line is never more than one: what has line ends in it (folded header fields) gets blanks in their place, so that
/// nobody can write lines of his own.
struct ApplicationRequest {
    private(set) var bytes: [UInt8] = []

    /// - Parameters:
    ///   - index, label: the two halves of the transaction's name, with which it is answered (`tm.reply`).
    init(_ action: ApplicationAction, _ route: RouteContext, index: Int, label: Int) {
        let message = route.message
        let span = message.span
        self.line("0.3")
        self.line(ByteString("sip_request.") + action.name)
        self.line(message.text(message.methodRange))
        route.withRequestURI { span, uri in
            self.line(uri.map { ByteString(span, $0.user) } ?? ByteString())
            self.line(uri.map { ByteString(span, $0.host) } ?? ByteString())
        }
        let socket = route.arrival.socket.address
        self.line(ByteString(socket.ip.description))
        self.line(socket.port == 5060 ? "." : ByteString(decimal: Int(socket.port)))
        self.line(message.text(message.requestURI))
        let hops = Hops(message)
        self.line(hops.target)
        self.line(ByteString(span, Self.withoutParameters(message.from)))
        self.line(message.text(message.value(.to)))
        self.line(message.text(message.callID))
        self.line(message.text(message.from.tag))
        self.line(message.text(message.to.tag))
        self.line(message.text(message.cSeq.numberRange))
        self.line(ByteString("\(index):\(label)"))
        self.line(hops.routes.isEmpty ? "." : hops.routes)
        self.line(hops.next.isEmpty ? "." : hops.next)
        self.line("P-MsgFlags: 08")
        self.append(action.appendix, route)
        self.line(".")
        // The body stands at the end, so its lines are its own.
        let hasBody = message.method == .invite || action.appendix?.elements.contains { $0.source == .body } == true
        self.bytes += hasBody ? message.text(message.body).bytes : [UInt8(ascii: ".")]
        self.bytes.append(10)
    }

    private mutating func append(_ appendix: ApplicationAppendix?, _ route: RouteContext) {
        for element in appendix?.elements ?? [] {
            let text: ByteString
            switch element.source {
            case .header(let name):
                guard let value = Self.header(name, route.message) else { continue }
                text = value
            case .attribute(let name):
                let value = route.attributes.value(name, at: 0)
                guard !value.isNull else { continue }
                text = route.text(value)
            case .body: continue
            }
            self.line(element.title + ": " + text)
        }
    }

    private static func header(_ name: ByteString, _ message: Message) -> ByteString? {
        let index = HeaderSelector(name).first(in: message)
        return index >= 0 ? message.text(message.field(at: index).value) : nil
    }

    private static func withoutParameters(_ address: NameAddress) -> ByteRange {
        guard address.isValid else { return .absent }
        let start = address.displayName.isPresent ? address.displayName.lower : address.uriIncludingBrackets.lower
        return ByteRange(start, address.uriIncludingBrackets.upper)
    }

    private mutating func line(_ text: ByteString) {
        self.bytes += text.bytes.map { $0 == 10 || $0 == 13 || $0 == 0 ? 32 : $0 }
        self.bytes.append(10)
    }

    /// Where a dialog that this request begins would send its requests: from Record-Route and Contact
    /// (RFC 3261 §12.1.1, §12.2.1.1).
    private struct Hops {
        var target: ByteString
        var routes = ByteString()
        var next = ByteString()

        init(_ message: Message) {
            let span = message.span
            var contact = ByteString()
            // The last one of the first field, as programs on the other side have always got it.
            var field = -1
            message.forEachNameAddress(in: .contact) { address in
                guard address.isValid, !address.isStar, field < 0 || address.fieldIndex == field else { return false }
                field = address.fieldIndex
                contact = ByteString(span, address.uri)
                return true
            }
            self.target = contact.isEmpty ? ByteString(span, message.from.uri) : contact
            var uris: [ByteString] = []
            var isLoose = true
            message.forEachNameAddress(in: .recordRoute) { address in
                guard address.isValid else { return false }
                if uris.isEmpty { isLoose = SIPURI(span, address.uri)?.lr ?? true }
                uris.append(ByteString(span, address.uri))
                return true
            }
            guard let first = uris.first else { return }
            func list(_ uris: [ByteString]) -> ByteString {
                ByteString(Array(uris.map { (ByteString("<") + $0 + ">").bytes }.joined(separator: [44])))
            }
            if isLoose {
                // The first one stands there twice: once as the hop to send to.
                self.routes = list([first] + uris)
                self.next = first
            } else {
                self.routes = list(Array(uris.dropFirst()) + [self.target])
                self.target = first
            }
        }
    }
}
