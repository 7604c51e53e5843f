import Bytes
import ModuleKit
import SIPMessage
import sl
import usrloc

/// The `registrar` module: takes REGISTER requests (RFC 3261 §10.3) and finds where users are (§16.5).
///
/// `save` checks a REGISTER, hands it to `usrloc` in one step under one lock, and replies with the bindings as they are
/// then. `lookup` puts the bindings of a user into the request's targets, best first.
public final class Registrar: ServerModule {
    public static let name = "registrar"
    public static let summary = "Registers users and finds them."

    let settings: Settings
    let location: UserLocation
    let replies: StatelessReplies
    let host: any ModuleHost
    /// What `received_avp` names.
    let receivedVariable: VariableReference?
    let accepted: CounterID
    let rejected: CounterID
    let scan: ContactScan
    let addressOfRecord: AddressOfRecord
    let listing: ContactListing
    let rules: BindingRules
    /// One per worker, so that a REGISTER allocates nothing.
    private let scratch: [SaveScratch]

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.location = try host.module(UserLocation.self)
        self.replies = try host.module(StatelessReplies.self)
        self.receivedVariable =
            settings.receivedVariable.isEmpty ? nil : try host.compiler.variable(settings.receivedVariable)
        self.scan = ContactScan(settings: settings)
        self.addressOfRecord = AddressOfRecord(
            usesDomain: self.location.usesDomain, isCaseSensitive: settings.isCaseSensitive,
            realmPrefix: settings.realmPrefix)
        self.listing = ContactListing(receivedName: settings.receivedParameter)
        var rules = self.location.rules
        rules.tellsFlowsApart = settings.regIDMode == 1
        self.rules = rules
        self.scratch = (0..<max(host.workerCount, 1)).map { [location] _ in SaveScratch(location.makeMemo()) }
        self.location.observeExpiry(event: "usrloc:contact-expired") { worker, expired in
            Self.announce(expired, on: worker)
        }
        let counters = host.counters
        let registry = host.compiler.configuration
        self.accepted = counters.register("registrar", "accepted_regs", "REGISTER requests that were accepted.")
        self.rejected = counters.register("registrar", "rejected_regs", "REGISTER requests that were refused.")
        counters.register("registrar", "max_expires") { settings.maxExpires.value(in: registry?.snapshot) }
        counters.register("registrar", "max_contacts") { settings.maxContacts.value(in: registry?.snapshot) }
        counters.register("registrar", "default_expire") { settings.defaultExpires.value(in: registry?.snapshot) }
        counters.register("registrar", "default_expires_range") {
            settings.defaultExpiresRange.value(in: registry?.snapshot)
        }
        counters.register("registrar", "expires_range") { settings.expiresRange.value(in: registry?.snapshot) }
    }

    func scratch(for worker: any WorkerServices) -> SaveScratch {
        let index = worker.index
        return self.scratch.indices.contains(index) ? self.scratch[index] : SaveScratch(self.location.makeMemo())
    }
}

/// Buffers of one worker for the REGISTER in hand.
final class SaveScratch: @unchecked Sendable {  // only its worker's thread touches it
    let address = ByteBuffer(capacity: 256)
    let path = ByteBuffer(capacity: 256)
    let received = ByteBuffer(capacity: 128)
    let updates = FlatStore<BindingUpdate>(capacity: 8)
    let memo: InternMemo

    init(_ memo: InternMemo) { self.memo = memo }

    func clear() {
        self.address.removeAll()
        self.path.removeAll()
        self.received.removeAll()
        self.updates.removeAll()
        self.memo.settle()
    }
}
