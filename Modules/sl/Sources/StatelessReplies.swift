import Bytes
import ModuleKit
import SIPMessage
import Synchronization

/// The `sl` module: replies to requests without keeping anything of them (RFC 3261 §8.2.7).
///
/// Nothing is remembered: a retransmitted request runs the script again and gets the same To tag. By that tag the ACK
/// to a negative reply is recognised and ends here, before the script.
public final class StatelessReplies: ServerModule {
    public static let name = "sl"
    public static let summary = "Stateless replies, and replies through the transaction where there is one."

    let settings: Settings
    let replies: LocalReply
    let answers: HTTPReply
    let counters: Counters
    let events = EventRoutes()

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.replies = LocalReply(host: host)
        self.answers = HTTPReply(host: host)
        self.counters = Counters(host.counters)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.requestArrived = { [self] route in self.absorb(route) }
        return hooks
    }

    /// Takes away the ACK to a reply that was sent from here.
    private func absorb(_ route: RouteContext) -> Bool {
        guard route.message.method == .ack, self.replies.tags.isOwn(.stateless, in: route.message) else { return false }
        route.worker.count(self.counters.acknowledgements)
        let event = self.events.filteredACK(route.program)
        if event.isPresent { self.schedule(event, about: route.message.buffer, in: route) }
        return true
    }

    /// Runs an event route on a copy of `bytes`.
    func schedule(_ event: RouteID, about bytes: ByteBuffer, in route: RouteContext) {
        guard let context = route.worker.makeContext(bytes.span, arrival: route.arrival, program: route.program) else {
            return
        }
        route.worker.schedule(RouteCall(route: event, kind: .event) { _, result in .code(result.code) }, in: context)
    }
}

/// The module's event routes, looked up once: a module belongs to one program.
final class EventRoutes: Sendable {
    /// Bit 63: looked up. Two halves of 31 bits, each the route's index plus 1.
    private let cache = Atomic<UInt64>(0)

    func filteredACK(_ program: any RouteProgram) -> RouteID { self.route(program, shift: 0) }
    func localResponse(_ program: any RouteProgram) -> RouteID { self.route(program, shift: 31) }

    private func route(_ program: any RouteProgram, shift: UInt64) -> RouteID {
        var known = self.cache.load(ordering: .relaxed)
        if known == 0 {
            let filtered = program.route(.event, named: "sl:filtered-ack").index
            let response = program.route(.event, named: "sl:local-response").index
            known = 1 << 63 | UInt64(UInt32(filtered + 1)) | UInt64(UInt32(response + 1)) << 31
            self.cache.store(known, ordering: .relaxed)
        }
        return RouteID(index: Int(known >> shift & 0x7fff_ffff) - 1)
    }
}
