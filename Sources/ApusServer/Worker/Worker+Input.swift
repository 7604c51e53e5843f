import Bytes
import ModuleKit
import RouteScript
import SIPMessage

extension Worker {
    /// Finds out whether the host in the top Via is a name of the sender (`dns`, `rev_dns`), which then gets no
    /// `received`; RFC 3261 §18.2.1 would have it for every name.
    /// - Returns: what the script has to wait for before it begins; nil when nothing has to be asked.
    func checkVia(_ context: RouteContext, _ program: Program) -> Outcome? {
        let message = context.message
        let via = message.topVia
        guard via.host.isPresent, via.hostAddress(message.span) == nil,
            // Added for other reasons anyway.
            !via.hasRport, !via.receivedParameter.isPresent
        else { return nil }
        let source = context.arrival.source.ip
        let name = ByteString(message.span, via.host)
        if self.policy.viaCheck == .byName {
            if let known = self.server.knownAddresses(of: name) {
                if known.contains(source) { context.options.insert(.senderIsNamed) }
                return nil
            }
            self.host.addresses(of: name, then: self.suspend(context))
            return .suspended(
                Continuation { context, result in
                    if let found = result.payload as? [IPAddress], found.contains(source) {
                        context.options.insert(.senderIsNamed)
                    }
                    return Self.firstRoute(program, context)
                })
        }
        let names = self.server.reverseNames
        if let known = names.name(of: source, at: self.now) {
            if known?.span.equalsIgnoringCase(name.span) == true { context.options.insert(.senderIsNamed) }
            return nil
        }
        self.host.name(of: source, then: self.suspend(context))
        return .suspended(
            Continuation { context, result in
                let found = result.payload as? ByteString
                names.note(found, of: source, at: context.worker.now)
                if found?.span.equalsIgnoringCase(name.span) == true { context.options.insert(.senderIsNamed) }
                return Self.firstRoute(program, context)
            })
    }

    /// Whether the bytes are a packet of HEP version 3. They have been shown to the modules, and nobody else wants them.
    func isHEP(_ context: RouteContext) -> Bool {
        let message = context.message
        let span = message.span
        guard span.count >= 6, span.equals(ByteRange(start: 0, count: 4), "HEP3") else { return false }
        self.server.logger.debug("HEP packet from \(context.arrival.source): no module took it")
        return true
    }
}

/// Names of senders' addresses, for as long as a minute: asking the system for one blocks a thread.
final class ReverseNames: Sendable {
    private static let lifetime = Interval.seconds(60)
    /// Addresses that are remembered at most; when there are more, all are forgotten.
    private static let capacity = 8192

    private struct Entry {
        var name: ByteString?
        var expires: Instant
    }
    private let entries = Lock<[IPAddress: Entry]>([:])

    /// The name, or that there is none; nil: somebody has to be asked.
    func name(of address: IPAddress, at now: Instant) -> ByteString?? {
        self.entries.withLock { entries in
            guard let entry = entries[address], now < entry.expires else { return nil }
            return .some(entry.name)
        }
    }

    func note(_ name: ByteString?, of address: IPAddress, at now: Instant) {
        self.entries.withLock { entries in
            if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
            entries[address] = Entry(name: name, expires: now + Self.lifetime)
        }
    }
}
