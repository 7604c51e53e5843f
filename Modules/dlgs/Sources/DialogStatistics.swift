import Bytes
import ModuleKit
import SIPMessage
import tm

/// The `dlgs` module: counts calls without taking part in them.
///
/// The script announces a call with `dlgs_init()` and shows it later requests with `dlgs_update()`; replies are looked
/// at on their way, and what tm answers itself when it is loaded. Calls of all workers and of earlier configurations are in one `DialogTable`.
public final class DialogStatistics: ServerModule {
    public static let name = "dlgs"
    public static let summary = "Counts calls, with filters and tags, without changing their routing."

    let settings: Settings
    let table: DialogTable
    private let ear: LocalReplyEar

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.table = host.shared("dlgs.table") { DialogTable() }
        self.ear = LocalReplyEar(self.table)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.replyPassing = { [unowned self] route in self.replyPassed(route) }
        hooks.started = { [unowned self] host in
            if let transactions = try? host.module(Transactions.self) { transactions.add(self.ear) }
        }
        hooks.periodic = [
            PeriodicTask("dlgs lifetimes", every: .seconds(self.settings.timerInterval)) { [unowned self] _ in
                self.table.removeExpired(self.settings.lifetimes, now: self.table.clock.seconds())
            }
        ]
        return hooks
    }

    private func replyPassed(_ route: RouteContext) {
        let message = route.message
        guard message.method == .invite, self.table.isUsed else { return }
        let code = message.statusCode
        guard code > 100 else { return }
        let now = self.table.clock.seconds()
        self.table.withRecord(of: message) { record in
            record.receiveReply(code, toTag: message.text(message.to.tag), now: now)
        }
    }
}

/// Hears of replies that passed by no callee: of the script, and of timeouts.
private final class LocalReplyEar: TransactionObserver {
    private let table: DialogTable
    init(_ table: DialogTable) { self.table = table }

    func wants(_ route: RouteContext) -> Bool { route.message.method == .invite }

    func replied(_ route: RouteContext, _ event: TransactionReplyEvent) {
        guard event.isLocal else { return }
        self.table.withRecord(of: route.message) { record in
            record.receiveReply(event.code, toTag: event.toTag, now: self.table.clock.seconds())
        }
    }
}

extension DialogStatistics {
    public struct Settings: Sendable {
        var activeLifetime = 10_800
        var initialLifetime = 180
        var finishedLifetime = 10
        var timerInterval = 30
        var hashSize = 9
        public init() {}

        var lifetimes: DialogLifetimes {
            DialogLifetimes(initial: self.initialLifetime, active: self.activeLifetime, finished: self.finishedLifetime)
        }
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "active_lifetime", \.activeLifetime, in: 1...31_536_000, "Seconds that an acknowledged call is kept."),
            ModuleParameter(
                "init_lifetime", \.initialLifetime, in: 1...86_400,
                "Seconds that a call has to be answered and acknowledged in."),
            ModuleParameter(
                "finish_lifetime", \.finishedLifetime, in: 0...86_400, "Seconds that a call is kept when it is over."),
            ModuleParameter(
                "timer_interval", \.timerInterval, in: 1...86_400,
                "Seconds between two searches for calls past their lifetime."),
            ModuleParameter("hash_size", \.hashSize, in: 1...24, "Accepted; the table grows by itself."),
        ]
    }
}
