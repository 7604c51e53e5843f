import ApusServer
import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// A server with the world around it, all in memory: phones, a network between them, names, and a clock that moves only
/// when it is told to. What a server does in 32 seconds happens here in microseconds, and always the same way.
///
/// Not `Sendable`: one thread uses it.
package final class Stage {
    package let server: VirtualServer
    package weak var listener: (any StageListener)?
    /// What servers outside answer; the last one that fits counts, and where none does nobody is there.
    package var outsideAnswers: [StandingAnswer] = []
    /// What phones answer that have no order of their own.
    package var standardAnswers: [Phone.Answer]?
    /// Domain of the phones' addresses of record, and of a REGISTER.
    package var domain = "example.com"

    package private(set) var phones: [Phone] = []
    private var phoneByName: [String: Phone] = [:]
    private var phoneByAddress: [SocketAddress: Phone] = [:]
    private var queue: [Due] = []
    private var order = 0
    private var isWorking = false
    private let start: Instant
    var recent = RecentBytes()
    private var suspended: Set<ObjectIdentifier> = []
    private let ear: StageEar

    struct Due {
        var time: Instant
        var order: Int
        var action: () -> Void
    }

    /// - Parameters:
    ///   - names: addresses of host names; none: the name cannot be resolved. A name that is not here gets an address
    ///     of 198.51.100.0/24, always the same.
    /// - Throws: `VirtualFailure` when the configuration has errors or cannot start.
    package init(
        _ setup: VirtualSetup, names: [String: [IPAddress]] = [:], listener: (any StageListener)? = nil
    ) throws(VirtualFailure) {
        self.listener = listener
        self.ear = StageEar(names: names)
        self.server = try VirtualServer(setup, observer: self.ear)
        self.start = self.server.now
        self.ear.attach(self)
        self.settle()
    }

    /// Since the beginning.
    package var elapsed: Interval { self.server.now - self.start }

    /// Scripts that wait for something.
    package var suspendedCount: Int { self.suspended.count }

    // MARK: Phones

    /// The phone of that name; a new one gets the next address of 192.0.2.0/24.
    package func phone(_ name: String) -> Phone {
        if let known = self.phoneByName[name] { return known }
        let number = UInt32(self.phones.count % 253 + 1)
        return self.addPhone(name, SocketAddress(ip: IPAddress(ipv4: 0xC000_0200 + number), port: 5060), .udp)
    }

    /// Adds a phone, or moves the one of that name.
    @discardableResult
    package func addPhone(_ name: String, _ address: SocketAddress, _ transport: TransportProtocol) -> Phone {
        let phone = Phone(
            name: name, address: address, transport: transport,
            connection: transport.isStream ? UInt64(self.phones.count + 1) : 0, domain: self.domain)
        if let known = self.phoneByName[name] {
            phone.answers = known.answers
            self.phones.removeAll { $0 === known }
            self.phoneByAddress[known.address] = nil
        }
        self.phones.append(phone)
        self.phoneByName[name] = phone
        self.phoneByAddress[address] = phone
        return phone
    }

    package func phone(at address: SocketAddress) -> Phone? { self.phoneByAddress[address] }
    package func knownPhone(_ name: String) -> Phone? { self.phoneByName[name] }

    // MARK: What happens

    /// A phone sends a message.
    /// - Parameters:
    ///   - socket: the server's; nil: the first one of the phone's protocol.
    ///   - bytes: what is really sent, when it is not what the message would be.
    ///   - waited: how long it waits for the server; nil: that is unknown to it.
    /// - Returns: false when the server has no socket that it could reach.
    @discardableResult
    package func send(
        _ message: PlainMessage, from phone: Phone, to socket: ListenSocket? = nil, bytes: ByteString? = nil,
        waited: Interval? = nil
    ) -> Bool {
        guard let socket = socket ?? self.socket(for: phone) else { return false }
        if !message.isReply { phone.noteSent(message, on: socket) }
        self.arrive(
            bytes ?? message.bytes, from: phone.address, phone.name, on: socket, connection: phone.connection,
            waited: waited)
        return true
    }

    /// Bytes arrive from anywhere.
    package func arrive(
        _ bytes: ByteString, from source: SocketAddress, _ name: String?, on socket: ListenSocket,
        connection: UInt64 = 0, waited: Interval? = nil
    ) {
        self.listener?.note(
            .received(
                .init(message: PlainMessage(bytes), bytes: bytes, source: source, socket: socket, phone: name)),
            at: self.elapsed)
        self.server.receive(bytes, from: source, on: socket, connection: connection, waited: waited)
        self.settle()
    }

    func socket(for phone: Phone) -> ListenSocket? {
        self.server.sockets.first {
            $0.transport == phone.transport && $0.address.ip.isIPv6 == phone.address.ip.isIPv6
        }
    }

    /// A phone answers a request that it got.
    /// - Returns: the reply as sent.
    @discardableResult
    package func reply(_ message: PlainMessage, to pending: Phone.PendingRequest, from phone: Phone) -> PlainMessage {
        phone.noteReply(message, to: pending.value)
        self.send(message, from: phone, to: pending.value.socket)
        return message
    }

    // MARK: Time

    /// Lets time pass: whatever is due meanwhile happens, each at its time.
    package func advance(by interval: Interval) { self.advance(to: self.server.now + interval) }

    private func advance(to end: Instant) {
        self.settle()
        while true {
            var next = end
            if let due = self.queue.map(\.time).min(), due < next { next = due }
            if let due = self.server.nextDeadline, due < next { next = due }
            self.server.move(to: next)
            self.settle()
            if !(self.server.now < end) { return }
        }
    }

    /// Lets time pass until no script waits any more, but no longer than `limit`.
    package func finishScripts(within limit: Interval) {
        let end = self.server.now + limit
        while !self.suspended.isEmpty, self.server.now < end {
            let deadlines = [self.queue.map(\.time).min(), self.server.nextDeadline].compactMap { $0 }
            guard let next = deadlines.min() else { return }
            self.advance(to: min(max(next, self.server.now + .milliseconds(1)), end))
        }
    }

    /// Does `action` after `interval`.
    package func schedule(after interval: Interval, _ action: @escaping () -> Void) {
        self.order += 1
        self.queue.append(Due(time: self.server.now + interval, order: self.order, action: action))
    }

    /// Does what is due now, and what that leads to, one after the other: an action that leads to more comes back here and
    /// leaves it to the loop, so that a server that sends to itself needs no more stack than one that does not. A message
    /// that circles between server and network for ever is given up.
    private func settle() {
        guard !self.isWorking else { return }
        self.isWorking = true
        defer { self.isWorking = false }
        for _ in 0..<20_000 {
            let due = self.queue.indices.filter { !(self.server.now < self.queue[$0].time) }
            guard
                let first = due.min(by: {
                    (self.queue[$0].time, self.queue[$0].order) < (self.queue[$1].time, self.queue[$1].order)
                })
            else { return }
            self.queue.remove(at: first).action()
        }
        self.queue.removeAll()
    }
}

extension Stage {
    func scriptRan(in context: RouteContext, _ state: RunState) {
        var end = StageEvent.ScriptEnd(
            kind: context.routeKind, message: Self.describe(context.message), isSuspended: false,
            result: RouteResult(code: 1))
        switch state {
        case .ended(let result):
            self.suspended.remove(ObjectIdentifier(context))
            end.result = result
            self.listener?.inspect(context, after: end)
        case .suspended:
            self.suspended.insert(ObjectIdentifier(context))
            end.isSuspended = true
        }
        self.listener?.note(.script(end), at: self.elapsed)
    }

    private static func describe(_ message: Message) -> String {
        if message.isRequest { return message.text(message.methodRange).string }
        return "\(message.statusCode) \(message.text(message.cSeq.methodRange))"
    }
}
