import Bytes
import ModuleKit
import SIPMessage
import rr
import tm

/// Restores From and To of a request inside of a dialog, as the parameters of our Route entry tell it.
///
/// What was replaced in From of the first request stands in To when the callee asks, and the other way round.
struct PartyRestoration: Sendable {
    let fromParameter: ByteString
    let toParameter: ByteString
    let key: ByteString

    init(_ settings: UserAgentClient.Settings) {
        self.fromParameter = settings.fromParameter
        self.toParameter = settings.toParameter
        self.key = settings.password
    }

    /// - Parameters:
    ///   - party: which of the first request's parties.
    ///   - parameters: of our Route entry, from the first semicolon.
    /// - Returns: where the request has it; nil when it was not replaced.
    func restore(
        _ party: Party, _ route: RouteContext, parameters: ByteString, isUpstream: Bool
    ) -> Party? {
        let name = party == .from ? self.fromParameter : self.toParameter
        guard let text = Self.value(of: name, in: parameters), let delta = URIDelta(text, key: self.key) else {
            return nil
        }
        let place = Self.place(party, isUpstream: isUpstream)
        let address = place.address(in: route.message)
        guard address.isValid, !route.edits.isDeleted(address.uri) else { return nil }
        let uri = delta.applied(to: route.copy(address.uri))
        guard !uri.isEmpty else {
            route.log(.error, "uac: the \(name) of the Route does not fit this request")
            return nil
        }
        route.edits.replace(address.uri, with: uri.span)
        return place
    }

    static func place(_ party: Party, isUpstream: Bool) -> Party {
        (party == .from) != isUpstream ? .from : .to
    }

    /// Value of the parameter called `name`.
    static func value(of name: ByteString, in parameters: ByteString) -> ByteString? {
        let span = parameters.span
        var scanner = URIPartScanner(ByteRange(start: 0, count: span.count), separator: UInt8(ascii: ";"))
        while scanner.next(span) {
            guard span.equalsIgnoringCase(scanner.name, name.span), scanner.value.length > 0 else { continue }
            return ByteString(span, scanner.value)
        }
        return nil
    }
}

/// Restores what `loose_route` finds to have been replaced (`restore_mode` auto).
final class PartyFollower: RouteFollower {
    private let restoration: PartyRestoration
    private let transactions: Transactions

    init(_ settings: UserAgentClient.Settings, _ transactions: Transactions) {
        self.restoration = PartyRestoration(settings)
        self.transactions = transactions
    }

    func followed(_ route: RouteContext, parameters: ByteString, isUpstream: Bool) {
        // A Route that a request brings along before there is a dialog is anybody's invention.
        guard route.message.to.hasTag else { return }
        for party in [Party.from, .to] {
            guard
                let place = self.restoration.restore(party, route, parameters: parameters, isUpstream: isUpstream)
            else { continue }
            self.transactions.restoreReplies(to: route, place)
        }
    }
}

extension UserAgentClient {
    /// `uac_restore_from`, `uac_restore_to`.
    func restore(_ party: Party, _ route: RouteContext) -> Outcome {
        guard let rr = self.rr else {
            route.log(.error, "uac: there is nothing to restore by without module rr, or with restore_mode none")
            return .failure
        }
        let isUpstream = rr.isUpstream(route)
        let restoration = PartyRestoration(self.settings)
        let parameters = rr.routeParameters(route)
        if let place = restoration.restore(party, route, parameters: parameters, isUpstream: isUpstream) {
            self.transactions.restoreReplies(to: route, place)
            return .success
        }
        let variable = party == .from ? self.avps.from : self.avps.to
        guard let uri = variable.map({ route.text($0.read(in: route)) }), !uri.isEmpty else { return .failure }
        let place = PartyRestoration.place(party, isUpstream: isUpstream)
        let address = place.address(in: route.message)
        guard address.isValid, !route.edits.isDeleted(address.uri) else { return .failure }
        route.edits.replace(address.uri, with: uri.span)
        self.transactions.restoreReplies(to: route, place)
        return .success
    }
}
