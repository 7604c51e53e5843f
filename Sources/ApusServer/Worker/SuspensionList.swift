import Bytes
import ModuleKit
import RouteScript
import Synchronization

/// All scripts that wait, for whoever wants to see them. Entering and leaving cost one short lock each.
final class SuspensionList: Sendable {
    /// What is shown of one of them.
    struct Entry: Sendable {
        var since: Instant
        var place: WaitingPlace
        /// Method or status and Call-ID of its message.
        var message: String
        var callID: ByteString
        var source: String
    }

    private struct Member {
        weak var token: SuspensionToken?
    }

    private static let stripeCount = 16
    private let stripes = (0..<SuspensionList.stripeCount).map { _ in Lock<[ObjectIdentifier: Member]>([:]) }

    private func stripe(of token: SuspensionToken) -> Lock<[ObjectIdentifier: Member]> {
        // Objects are at multiples of 16.
        self.stripes[Int(bitPattern: ObjectIdentifier(token)) >> 4 & (Self.stripeCount - 1)]
    }

    func insert(_ token: SuspensionToken) {
        self.stripe(of: token).withLock { $0[ObjectIdentifier(token)] = Member(token: token) }
    }

    func remove(_ token: SuspensionToken) {
        self.stripe(of: token).withLock { _ = $0.removeValue(forKey: ObjectIdentifier(token)) }
    }

    /// The longest waiting ones first, at most `limit`.
    func entries(limit: Int) -> [Entry] {
        var tokens: [SuspensionToken] = []
        for stripe in self.stripes { tokens += stripe.withLock { $0.values.compactMap(\.token) } }
        let waiting = tokens.compactMap { token in token.since.map { ($0, token) } }.sorted { $0.0 < $1.0 }
        return waiting.prefix(limit).compactMap { $0.1.describe() }
    }
}
