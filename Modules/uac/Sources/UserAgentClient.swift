import Bytes
import Database
import ModuleKit
import SIPMessage
import rr
import tm

/// The `uac` module: this server in the part of a user agent.
///
/// It shows callees other parties than the caller named and changes them back (`Replace`), answers challenges for a
/// caller (`Auth`), sends requests of its own (`Requests`), and keeps itself registered with others (`Registrations`).
public final class UserAgentClient: ServerModule {
    public static let name = "uac"
    public static let summary =
        "Replaces From and To, answers challenges, sends requests, registers with other servers."

    let settings: Settings
    let host: any ModuleHost
    let transactions: Transactions
    let avps: AttributeVariables
    let nonces: NonceCounts
    let registrations: RegistrationTable
    let defaultSocket: ListenSocket?
    /// Where registrations are kept; nil: in memory only.
    let database: Database?
    /// When registrations were read last, by the wall clock.
    let lastReload = Lock(0)
    /// rr may be loaded later in the file; known once the server starts, nil without it.
    private let recordRouting = Lock<RecordRouting?>(nil)

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.transactions = try host.module(Transactions.self)
        self.avps = try AttributeVariables(settings, host.compiler)
        self.nonces = host.shared("uac.nonces") { NonceCounts() }
        self.registrations = host.shared("uac.registrations") { RegistrationTable(isActive: settings.isActive) }
        self.database = settings.databaseURL.isEmpty ? nil : try Database(settings.databaseURL, host: host)
        self.defaultSocket = settings.defaultSocket.isEmpty ? nil : host.socket(named: settings.defaultSocket)
        if self.defaultSocket == nil, !settings.defaultSocket.isEmpty, !host.sockets.isEmpty {
            throw ModuleError("default_socket: there is no socket \(settings.defaultSocket)")
        }
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] host in
            try self.loadAtStart()
            guard self.settings.restoreMode != .none, let rr = try? host.module(RecordRouting.self) else { return }
            self.recordRouting.withLock { $0 = rr }
            if self.settings.restoreMode == .automatic {
                rr.add(follower: PartyFollower(self.settings, self.transactions))
            }
        }
        hooks.periodic = [
            PeriodicTask("uac registrations", every: .seconds(1)) { [unowned self] worker in
                self.registerDue(by: worker)
            }
        ]
        return hooks
    }

    var rr: RecordRouting? { self.recordRouting.withLock { $0 } }
}
