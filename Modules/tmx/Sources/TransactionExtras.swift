import Bytes
import ModuleKit
import SIPMessage
import tm

/// The `tmx` module: variables and helpers about transactions.
public final class TransactionExtras: ServerModule {
    public static let name = "tmx"
    public static let summary = "Transaction variables ($T_…), route kind tests, precheck of repeated requests."

    public struct Settings: Sendable {
        public var prechecks = true
    }

    public static var defaultSettings: Settings { Settings() }
    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "precheck_trans", \.prechecks, "Whether t_precheck_trans() keeps track of requests in progress.")
        ]
    }

    let settings: Settings
    let transactions: Transactions
    let inProgress: RequestsInProgress

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.transactions = try host.module(Transactions.self)
        self.inProgress = host.shared("tmx.requests-in-progress") { RequestsInProgress() }
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.routeEnded = { [inProgress = self.inProgress] route, _ in inProgress.leave(route) }
        return hooks
    }
}

/// Requests whose script is still running, by Call-ID, CSeq and method: their retransmissions are noticed before they
/// have a transaction.
final class RequestsInProgress: Sendable {
    private final class Mark: ReusableState {
        /// nil: of an earlier message.
        var key: UInt64?
        init() {}
        func clear() { self.key = nil }
    }

    private let table = StripedTable<Set<UInt64>>(stripes: 64) { _ in [] }

    /// Enters the request.
    /// - Returns: false when the same request is being worked on already.
    func enter(_ route: RouteContext) -> Bool {
        if route.state(Mark.self)?.key != nil { return true }
        let message = route.message
        var key = message.span.hash(message.callID)
        key = message.span.hash(message.from.tag, seed: key)
        key = message.span.hash(message.cSeq.numberRange, seed: key)
        key = message.span.hash(message.methodRange, seed: key)
        let isNew = self.table.withStripe(key) { $0.insert(key).inserted }
        if isNew { route.reusedState(Mark.self).key = key }
        return isNew
    }

    func leave(_ route: RouteContext) {
        guard let key = route.state(Mark.self)?.key else { return }
        self.table.withStripe(key) { _ = $0.remove(key) }
    }
}
