import Bytes
import ModuleKit
import SIPMessage
import usrloc

/// The reply that `save` did not send, for `reg_send_reply()`.
final class PreparedReply {
    let code: Int
    let reason: ByteString
    /// Header fields with their line ends; none when they are among those of the context.
    let headers: ByteString

    init(code: Int, reason: ByteString, headers: ByteString) {
        self.code = code
        self.reason = reason
        self.headers = headers
    }
}

extension Registrar {
    private static let ok = ByteString("OK")

    /// What a list of contacts says beside them; GRUUs when the client knows of them (RFC 5627 §5.1).
    func listing(for route: RouteContext, _ address: ByteString?) -> ContactListing {
        let message = route.message
        guard self.settings.gruuEnabled == 1, message.has(.supported), self.supports("gruu", message) else {
            return self.listing
        }
        var listing = self.listing
        func set(_ span: Span<UInt8>, _ uri: SIPURI?) {
            guard let uri, uri.host.isPresent else { return }
            let host = ByteString(span, uri.host)
            listing.gruuAddress = uri.hasUser ? ByteString(span, uri.user) + "@" + host : host
            listing.gruuHost = host
        }
        if let address {
            set(address.span, SIPURI(address.span, ByteRange(start: 0, count: address.count)))
        } else {
            set(message.span, message.toURI)
        }
        return listing
    }

    /// What a 200 has beside the contacts.
    func writeHeaders(_ route: RouteContext, _ path: ByteString) {
        let headers = route.replyHeaders
        let message = route.message
        if !path.isEmpty, self.settings.pathMode > 0, self.settings.pathMode == 2 || self.supports("path", message) {
            headers.append("Path: ")
            headers.append(path)
            headers.append("\r\n")
        }
        switch self.settings.outboundMode {
        case 1:
            headers.append("Supported: outbound\r\n")
            if self.supports("outbound", message) || message.lists(("outbound" as StaticString).span, in: .require) {
                headers.append("Require: outbound\r\n")
                self.writeFlowTimer(headers)
            }
        case 2:
            headers.append("Require: outbound\r\nSupported: outbound\r\n")
            self.writeFlowTimer(headers)
        default: break
        }
    }

    private func writeFlowTimer(_ headers: ByteBuffer) {
        guard self.settings.flowTimer > 0 else { return }
        headers.append("Flow-Timer: ")
        headers.append(decimal: self.settings.flowTimer)
        headers.append("\r\n")
    }

    /// What a refusal has beside the contacts.
    func writeFailure(_ route: RouteContext, _ failure: RegistrationFailure, _ path: ByteString) {
        let headers = route.replyHeaders
        switch failure {
        case .pathUnsupported:
            headers.append("Unsupported: path\r\n")
            if !path.isEmpty {
                headers.append("Path: ")
                headers.append(path)
                headers.append("\r\n")
            }
        case .outboundUnsupported: headers.append("Unsupported: outbound\r\n")
        case .intervalTooBrief:
            headers.append("Min-Expires: ")
            headers.append(decimal: route[self.settings.minExpires])
            headers.append("\r\n")
        default: break
        }
        headers.append("P-Registrar-Error: ")
        headers.append(failure.text)
        headers.append("\r\n")
        if failure == .tooMany, route[self.settings.retryAfter] > 0 {
            headers.append("Retry-After: ")
            headers.append(decimal: route[self.settings.retryAfter])
            headers.append("\r\n")
        }
    }

    /// Counts, replies where that is wanted, and gives the code for the script.
    func finish(_ route: RouteContext, _ saved: Saved, _ flags: SaveFlags) -> Int {
        route.worker.count(saved.failure == nil ? self.accepted : self.rejected)
        let headers = route.replyHeaders
        guard route.isRequest else {
            headers.truncate(to: saved.mark)
            return saved.code
        }
        let code = saved.failure?.code ?? 200
        let reason = saved.failure.map { ByteString($0.reason) } ?? Self.ok
        guard !flags.contains(.noReply) else {
            let isPrepared = flags.contains(.prepareReply) && saved.failure == nil
            let own = isPrepared ? ByteString() : ByteString(headers.span, ByteRange(saved.mark, headers.count))
            route.setState(PreparedReply(code: code, reason: reason, headers: own))
            if !isPrepared { headers.truncate(to: saved.mark) }
            return saved.code
        }
        self.replies.send(to: route, code: code, reason: reason)
        // What a refusal says stays for the reply that the script may send after it, as in Kamailio.
        if saved.failure == nil { headers.truncate(to: saved.mark) }
        return saved.code
    }

    /// `reg_send_reply`.
    func sendReply(_ route: RouteContext) -> Int {
        guard let prepared = route.state(PreparedReply.self) else { return -1 }
        route.removeState(PreparedReply.self)
        route.replyHeaders.append(prepared.headers)
        return self.replies.send(to: route, code: prepared.code, reason: prepared.reason) > 0 ? 1 : -1
    }
}
