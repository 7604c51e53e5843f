import Bytes
import ModuleKit
import SIPMessage

/// Asks contacts for a sign of life, each once in `ka_interval` seconds, and notes their answers.
///
/// Nothing is kept of a request: its From tag says which binding it is for and when it was sent, and comes back with the
/// answer.
final class KeepaliveSender: Sendable {
    private let store: LocationStore
    private let settings: UserLocation.Settings
    private let logLine: FormatString?
    private let walk = Lock(SlotWalk())

    init(store: LocationStore, settings: UserLocation.Settings, host: any ModuleHost) throws {
        self.store = store
        self.settings = settings
        self.logLine =
            settings.keepalive.logLevel == 255 ? nil : try host.compiler.format(settings.keepalive.logText)
    }

    /// Whom one slice found.
    struct Target: Sendable {
        var table: LocationTable
        var address: ByteString
        var contact: FoundContact
        var stripe: Int
        var handle: Handle
    }

    /// Does one slice. Called by one thread at a time.
    func step(_ worker: any WorkerServices) {
        let keepalive = self.settings.keepalive
        var walk = self.walk.withLock { $0 }
        let parts = walk.next(self.store.all, steps: keepalive.interval * 10)
        self.walk.withLock { $0 = walk }
        let second = worker.now.seconds
        for part in parts {
            let targets = part.table.targets(stripe: part.stripe, slots: part.slots, now: second) { self.isWanted($0) }
            for target in targets {
                let record = target.contact.record
                let heard = max(record.answered, record.modified)
                if keepalive.timeout > 0, record.answered > 0 || record.modified > 0,
                    second > heard &+ UInt32(keepalive.timeout)
                {
                    _ = target.table.remove(ruid: target.contact.ruid, of: target.address.span)
                } else {
                    self.send(target, worker)
                }
            }
        }
    }

    private func isWanted(_ contact: ContactRecord) -> Bool {
        let mode = self.settings.keepalive.mode
        if mode & 4 != 0, contact.connection != 0 { return false }
        if mode & 1 != 0 { return true }
        let flag = self.settings.natFlag
        return mode & 2 != 0 && flag >= 0 && contact.branchFlags & 1 << UInt32(flag) != 0
    }

    private func send(_ target: Target, _ worker: any WorkerServices) {
        let contact = target.contact
        let next = contact.received.isEmpty ? contact.uri : contact.received
        let hop = contact.path.isEmpty ? next : Self.firstHop(contact.path)
        let socket = worker.host.socket(named: contact.socket)
        guard
            case .destination(var destination) = worker.nextHop(
                for: hop.span, range: ByteRange(start: 0, count: hop.count), socket: socket),
            let from = destination.socket ?? socket
        else { return }
        if destination.transport.isReliable {
            destination.connection = ConnectionID(rawValue: contact.record.connection)
            destination.mayConnect = false
        }
        let keepalive = self.settings.keepalive
        let time = UInt64(max(worker.now.milliseconds, 0))
        let out = worker.outgoing()
        func line(_ parts: ByteString...) {
            for part in parts { out.append(part) }
            out.append("\r\n")
        }
        let mark = ByteBuffer(capacity: 64)
        TemporaryGRUU.write(contact.ruid, stripe: target.stripe, target.handle, to: mark)
        mark.append(UInt8(ascii: "-"))
        mark.append(hex: time)
        let tag = ByteString(mark.span)
        let hasDomain = target.address.bytes.contains(UInt8(ascii: "@"))
        line(keepalive.method, " ", contact.uri, " SIP/2.0")
        line(
            "Via: SIP/2.0/", ByteString("\(from.transport.name)".uppercased()), " ", from.sentBy, ";branch=z9hG4bK", tag
        )
        if !contact.path.isEmpty { line("Route: ", contact.path) }
        line("From: <", keepalive.from, ">;tag=", tag)
        line("To: <sip:", target.address, hasDomain ? "" : "@" + keepalive.domain, ">")
        line("Call-ID: ", tag)
        line("CSeq: 80 ", keepalive.method)
        line("Max-Forwards: 70")
        line("Content-Length: 0")
        out.append("\r\n")
        worker.send(out, to: destination, token: 0)
    }

    private static func firstHop(_ path: ByteString) -> ByteString {
        let span = path.span
        let entry = NameAddress(span, ByteRange(start: 0, count: span.count), isList: true)
        return entry.isValid ? ByteString(span, entry.uri) : ByteString()
    }

    /// Takes an answer to a keepalive; nil for every other reply.
    func take(_ route: RouteContext) -> Outcome? {
        let message = route.message
        let span = message.span
        let tag = message.from.tag
        guard tag.count > 6, span.extracting(tag.indices).starts(with: ("uloc-" as ByteString).span) else { return nil }
        var end = tag.upper - 1
        while end > tag.lower, span[end] != UInt8(ascii: "-") { end -= 1 }
        var sent: UInt64 = 0
        for index in (end + 1)..<max(tag.upper, end + 1) {
            guard let digit = span[index].hexValue, sent < 1 << 56 else { return nil }
            sent = sent << 4 | UInt64(digit)
        }
        guard end > tag.lower, self.settings.keepalive.counts(message.statusCode) else { return .success }
        let name = span.extracting(tag.lower..<end)
        let now = route.worker.now
        let took = UInt32(clamping: max(now.milliseconds - Int64(clamping: sent), 0) * 1000)
        for table in self.store.all where table.noteAnswer(name, second: now.seconds, took: took) { break }
        if let line = self.logLine, let level = LogLevel(rawValue: self.settings.keepalive.logLevel) {
            route.log(level, line.evaluate(in: route).string)
        }
        return .success
    }
}

extension LocationTable {
    /// Bindings of the next `slots` slots of a stripe that are wanted.
    func targets(
        stripe index: Int, slots: Int, now: UInt32, _ isWanted: (ContactRecord) -> Bool
    ) -> [KeepaliveSender.Target] {
        self.stripes.withStripe(at: index) { stripe in
            var found: [KeepaliveSender.Target] = []
            for (handle, contact) in stripe.nextContacts(slots: slots)
            where !contact.isExpired(at: now) && isWanted(contact) {
                found.append(
                    KeepaliveSender.Target(
                        table: self, address: stripe.name(of: contact.owner),
                        contact: self.copy(contact, from: stripe, at: now), stripe: index, handle: handle))
            }
            return found
        }
    }

    /// Notes that the binding whose mark is `name` has answered.
    /// - Returns: false when it is not there.
    func noteAnswer(_ name: Span<UInt8>, second: UInt32, took: UInt32) -> Bool {
        guard let mark = TemporaryGRUU(name, stripes: self.stripes.count) else { return false }
        return self.stripes.withStripe(at: mark.stripe) { stripe in
            guard let contact = stripe.contacts[mark.handle], name.starts(with: self.commons.ruid(contact).span) else {
                return false
            }
            stripe.contacts.withRecord(mark.handle) {
                $0.answered = second
                $0.roundTrip = took
            }
            return true
        }
    }
}
