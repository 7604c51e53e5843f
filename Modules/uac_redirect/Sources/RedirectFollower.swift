import Bytes
import ModuleKit
import SIPMessage
import acc
import tm

/// The `uac_redirect` module: follows redirects for the caller (RFC 3261 §16.7 step 4).
///
/// In a failure route the contacts of all branches that redirected become branches, best q first, as far as filters and
/// limits let them. The script relays.
public final class RedirectFollower: ServerModule {
    public static let name = "uac_redirect"
    public static let summary = "Makes branches of the contacts in redirects."

    let settings: Settings
    let transactions: Transactions
    /// nil when nothing is accounted.
    let accounting: Accounting?
    private let maxBranches: Int

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.transactions = try host.module(Transactions.self)
        self.accounting = settings.accounts == .nothing ? nil : try? host.module(Accounting.self)
        self.maxBranches = host.settings.maxBranches
    }

    /// Appends contacts of the redirects of the leg that failed.
    /// - Returns: how many.
    func follow(_ route: RouteContext, _ limits: RedirectLimits, reason: ByteString?) -> Int {
        let filters = route.state(RedirectFilters.self) ?? RedirectFilters(self.settings)
        var left = limits.total
        var added = 0
        for bytes in self.transactions.redirects(route) {
            guard let reply = Message(bytes.span) else { continue }
            let found = RedirectContact.all(in: reply, standard: self.settings.quality)
                .filter { filters.accepts($0.uri, acceptsByDefault: self.settings.acceptsByDefault) }
            let chosen = found.prefix(min(limits.perBranch, left))
            left -= chosen.count
            // The best comes last, and so leaves last.
            for contact in chosen.reversed() {
                guard route.branches.count + 1 < self.maxBranches else {
                    route.log(.error, "uac_redirect: no more than \(self.maxBranches) branches (max_branches)")
                    return added
                }
                var branch = BranchTarget(uri: contact.uri)
                branch.q = contact.q
                branch.flags = self.settings.flags(contact.flags)
                route.branches.append(branch)
                added += 1
                if let reason { self.account(route, contact.uri, reason) }
            }
        }
        return added
    }

    /// Accounts the request as if it went to `uri`.
    private func account(_ route: RouteContext, _ uri: ByteString, _ reason: ByteString) {
        guard let accounting = self.accounting else { return }
        let (target, isConsumed) = (route.target, route.isTargetConsumed)
        route.setRequestURI(uri)
        let isForTable = self.settings.accounts == .table || self.settings.accounts == .both
        accounting.account(
            route, comment: reason, log: self.settings.accounts != .table,
            table: isForTable ? self.settings.table : nil)
        route.target = target
        route.isTargetConsumed = isConsumed
        route.invalidateRequestURI()
    }
}
