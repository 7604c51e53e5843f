import Bytes
import ModuleKit
import SIPMessage
import tm

/// From or To.
enum Party: Sendable {
    case from, to

    func address(in message: Message) -> NameAddress {
        switch self {
        case .from: message.from
        case .to: message.to
        }
    }

    var header: HeaderName {
        switch self {
        case .from: .from
        case .to: .to
        }
    }
}

extension UserAgentClient {
    /// `uac_replace_from`, `uac_replace_to`.
    /// - Parameters:
    ///   - display: in place of the display name, as it is written; empty takes it away; nil leaves it.
    ///   - uri: in place of the URI; empty leaves it.
    func replace(_ party: Party, _ route: RouteContext, display: ByteString?, uri: ByteString) -> Outcome {
        let message = route.message
        let address = party.address(in: message)
        guard route.isRequest, address.isValid else {
            route.log(.error, "uac: the \(party == .from ? "From" : "To") of the message cannot be replaced")
            return .failure
        }
        if let display { self.write(display, address, route) }
        guard !uri.isEmpty else { return .success }
        let original = route.copy(address.uri)
        guard original != uri else { return .success }
        // Two texts in the place of one URI would be none.
        guard !route.edits.isDeleted(address.uri) else {
            route.log(.error, "uac: the URI has been replaced already")
            return .failure
        }
        route.edits.replace(address.uri, with: uri.span)
        guard self.settings.restoreMode != .none else { return .success }
        self.remember(party, original: original, replaced: uri, in: route)
        return .success
    }

    private func write(_ display: ByteString, _ address: NameAddress, _ route: RouteContext) {
        if address.displayName.length > 0 {
            guard !route.edits.isDeleted(address.displayName) else { return }
            route.edits.replace(address.displayName, with: display.span)
            return
        }
        guard !display.isEmpty else { return }
        if address.hasBrackets {
            route.edits.insert(at: address.uriIncludingBrackets.lower, display + " ")
        } else {
            // A display name wants brackets round the URI (RFC 3261 §20.10).
            route.edits.insert(at: address.uri.lower, display + " <", before: true)
            route.edits.insert(at: address.uri.upper, ">" as ByteString)
        }
    }

    /// Keeps what it was in Record-Route, for requests of the dialog, and with the transaction, for replies.
    private func remember(_ party: Party, original: ByteString, replaced: ByteString, in route: RouteContext) {
        let parameter = party == .from ? self.settings.fromParameter : self.settings.toParameter
        let text = URIDelta(original, replaced).text(key: self.settings.password)
        self.rr?.addParameter(";" + parameter + "=" + text, to: route)
        let variable = party == .from ? self.avps.from : self.avps.to
        _ = variable?.write(.bytes(original), in: route)
        self.transactions.restoreReplies(to: route, party)
    }
}

/// Puts From and To of replies back to what the request had when it came in.
final class PartyRestorer: ReplyEditor {
    let restoresFrom: Bool
    let restoresTo: Bool

    init(from: Bool, to: Bool) {
        self.restoresFrom = from
        self.restoresTo = to
    }

    func edit(_ route: RouteContext, request: Message) {
        if self.restoresFrom { self.restore(.from, route, request) }
        if self.restoresTo { self.restore(.to, route, request) }
    }

    private func restore(_ party: Party, _ route: RouteContext, _ request: Message) {
        let message = route.message
        let span = request.span
        let index = message.first(party.header)
        let value = request.value(party.header)
        guard index >= 0, value.isPresent else { return }
        let tag = party.address(in: message).tag
        guard !party.address(in: request).hasTag, tag.length > 0 else {
            route.edits.replaceValue(at: index, with: span.extracting(value.indices), message)
            return
        }
        // The tag is the callee's own.
        let text = ByteString(span, value) + ";tag=" + route.copy(tag)
        route.edits.replaceValue(at: index, with: text.span, message)
    }
}

extension Transactions {
    /// Has the replies to the request of `route` show the party again that it came with.
    func restoreReplies(to route: RouteContext, _ party: Party) {
        let known = self.replyEditor(route) as? PartyRestorer
        let editor = PartyRestorer(
            from: party == .from || known?.restoresFrom == true, to: party == .to || known?.restoresTo == true)
        self.editReplies(route, with: editor)
    }
}
