import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// The same request on its way to the next address of its target (RFC 3263 §4.3).
struct NextAttempt {
    /// Number of the branch that was made for it.
    var branch: Int
    var bytes: ByteString
    var destination: Destination
    /// What the machine of that branch asks for, to be applied under the same lock.
    var reaction: TransactionReaction
}

/// What is to be known of the server when a branch looks for its next address.
struct FailoverRules {
    var maxBranches: Int
    /// `dns_reuse_rcv_socket`: from the socket that the request came in on, where that fits.
    var reusesSocket: Bool
    var blocklist: DestinationBlocklist
    /// Methods that the list counts for (`blst_methods_lookup`).
    var checkedMethods: Int
    var now: Instant

    func leavesAlone(_ destination: Destination, for method: Method) -> Bool {
        self.checkedMethods & Transactions.bit(of: method) != 0
            && self.blocklist.contains(destination.transport, destination.address, at: self.now)
    }
}

extension TransactionRecord {
    /// Has a new branch take the place of one that failed, when its target has another address. What came of the old one
    /// no longer competes: it was one server of several, and the next one speaks for all.
    /// - Parameter wasSent: false: it did not even get there. A request that went over a stream for its size then goes
    ///   over UDP before any other address is tried (RFC 3261 §18.1.1).
    /// - Returns: what is to be sent; nil when there is no other address, or the script does not want it.
    mutating func failOver(
        from branch: Int, _ id: TransactionID, _ rules: FailoverRules, wasSent: Bool = true
    ) -> NextAttempt? {
        guard branch < self.branches.count, self.server.isOpen, self.branches.count < rules.maxBranches else {
            return nil
        }
        let old = self.branches[branch]
        var destination = old.destination
        var sent = old.sent
        // The socket that the bytes were written for.
        var sentBy = old.destination.socket
        if !wasSent, let other = destination.overUDP {
            destination = other
            if let datagram = self.rare?.datagrams.first(where: { $0.branch == branch }) {
                sent = datagram.bytes
                sentBy = other.socket
            }
        } else {
            guard !self.marks.contains(.skipsFailover) else { return nil }
            repeat {
                guard let next = destination.next else { return nil }
                destination = next
            } while rules.leavesAlone(destination, for: self.method)
        }
        if rules.reusesSocket { destination.socket = self.receivingSocket(for: destination) ?? destination.socket }
        destination.mayConnect = old.destination.mayConnect
        destination.closesAfter = old.destination.closesAfter
        let parameter = BranchParameter(
            hash: UInt16(truncatingIfNeeded: id.stripe), handle: id.handle, random: self.random,
            branch: self.branches.count)
        guard let socket = destination.socket, let received = self.request?.arrival.socket,
            let bytes = Self.readdress(
                sent, parameter, destination.transport,
                by: sentBy.map { socket.isSame(as: $0) && socket.port == $0.port } == true ? nil : socket,
                insteadOf: sentBy, received: received),
            self.responses.add() == self.branches.count
        else { return nil }
        self.responses.sent(self.branches.count)
        self.responses.discard(branch)
        let isReliable = destination.transport.isReliable
        let endsBy = self.timers.lifetimeEnd(isInvite: self.isInvite, now: self.created)
        var made = old
        made.machine =
            self.isInvite
            ? .invite(InviteClientTransaction(isReliable: isReliable, endsBy: endsBy))
            : .other(NonInviteClientTransaction(isReliable: isReliable, endsBy: endsBy))
        made.timers = MachineTimers()
        made.destination = destination
        made.sent = bytes
        made.isResent = false
        made.isReplyHeld = false
        made.reply = ByteString()
        made.cancel = nil
        made.cancelTimers = MachineTimers()
        let reaction = made.machine.start(rules.now, self.timers)
        self.branches.append(made)
        return NextAttempt(
            branch: self.branches.count - 1, bytes: bytes, destination: destination, reaction: reaction)
    }

    private func receivingSocket(for destination: Destination) -> ListenSocket? {
        guard let socket = self.request?.arrival.socket else { return nil }
        let isFitting =
            socket.transport == destination.transport
            && socket.address.ip.isIPv6 == destination.address.ip.isIPv6
        return isFitting ? socket : nil
    }

    /// The request as it was sent, with our Via and our Record-Route made over for another branch, protocol and socket.
    /// - Parameter socket: nil: as before.
    private static func readdress(
        _ sent: ByteString, _ parameter: BranchParameter, _ transport: TransportProtocol, by socket: ListenSocket?,
        insteadOf old: ListenSocket?, received: ListenSocket
    ) -> ByteString? {
        guard let message = Message(sent.span) else { return nil }
        let via = message.topVia
        guard via.isValid, via.transportRange.isPresent, via.sentBy.isPresent, via.branch.isPresent,
            via.transportRange.upper <= via.sentBy.lower, via.sentBy.upper <= via.branch.lower
        else { return nil }
        let span = message.span
        let buffer = ByteBuffer(capacity: sent.count + 128)
        var start = 0
        let field = message.field(at: message.first(.via))
        if let socket, let old, let hop = RecordedHop(message, above: Int(field.start), old: old, received: received) {
            buffer.append(span, ByteRange(0, message.firstHeaderStart))
            buffer.append(hop.fields(leavingBy: socket))
            start = Int(field.start)
        }
        buffer.append(span, ByteRange(start, via.transportRange.lower))
        buffer.append(transport.viaName)
        if let socket {
            buffer.append(span, ByteRange(via.transportRange.upper, via.sentBy.lower))
            buffer.append(socket.sentBy)
            buffer.append(span, ByteRange(via.sentBy.upper, via.branch.lower))
        } else {
            buffer.append(span, ByteRange(via.transportRange.upper, via.branch.lower))
        }
        parameter.write(to: buffer)
        buffer.append(span, ByteRange(via.branch.upper, sent.count))
        return ByteString(buffer.span)
    }
}

extension Transactions {
    func failoverRules(_ worker: any WorkerServices) -> FailoverRules {
        FailoverRules(
            maxBranches: self.host.settings.maxBranches, reusesSocket: self.settings.reusesReceivingSocket,
            blocklist: self.host.blocklist, checkedMethods: worker[self.settings.checkedMethods], now: worker.now)
    }

    /// Sends what `failOver` made, once the stripe is released.
    func send(_ attempt: NextAttempt, of id: TransactionID, by worker: any WorkerServices) {
        let token = id.token(branch: attempt.branch)
        if !self.send(attempt.bytes, to: attempt.destination, token: token, by: worker) {
            self.branchFailedToSend(id, attempt.branch, by: worker)
        }
    }

    /// Whether the list of destinations to leave alone does not count for a request (`blst_methods_lookup`).
    func passesBlocklist(_ route: RouteContext) -> Bool {
        route[self.settings.checkedMethods] & Self.bit(of: route.message.method) == 0
    }

    /// The same for a request of our own.
    func passesBlocklist(_ method: Method, _ worker: any WorkerServices) -> Bool {
        worker[self.settings.checkedMethods] & Self.bit(of: method) == 0
    }

    /// No reply came from there in time: it is left alone for a while, where the method counts (`blst_methods_add`).
    func noteSilence(_ destination: Destination, _ method: Method, by worker: any WorkerServices) {
        let blocklist = self.host.blocklist
        guard blocklist.isUsed, worker[self.settings.blockingMethods] & Self.bit(of: method) != 0 else { return }
        blocklist.add(destination.transport, destination.address, .timeout, at: worker.now)
    }

    /// It answered 503: it is left alone as long as it says (`blst_503`, RFC 3261 §21.5.4).
    func noteUnavailable(_ destination: Destination, _ reply: Message, by worker: any WorkerServices) {
        let blocklist = self.host.blocklist
        guard blocklist.isUsed, worker[self.settings.blocksOn503] != 0 else { return }
        let asked = Self.retryAfter(reply) ?? worker[self.settings.blockingDefault]
        let seconds = min(max(asked, worker[self.settings.blockingLeast]), worker[self.settings.blockingMost])
        guard seconds > 0 else { return }
        blocklist.add(destination.transport, destination.address, .unavailable, lifetime: seconds, at: worker.now)
    }

    private static func retryAfter(_ reply: Message) -> Int? {
        let index = reply.first(.retryAfter)
        guard index >= 0 else { return nil }
        let value = reply.field(at: index).value
        var seconds: Int?
        for index in value.indices {
            guard let digit = reply.span[index].hexValue, digit < 10 else { break }
            seconds = min((seconds ?? 0) * 10 + Int(digit), 1_000_000_000)
        }
        return seconds
    }

    /// Bits of methods in `blst_methods_add`.
    static func bit(of method: Method) -> Int {
        switch method {
        case .invite: 1
        case .cancel: 2
        case .ack: 4
        case .bye: 8
        case .info: 16
        case .register: 32
        case .subscribe: 64
        case .notify: 128
        case .message: 256
        case .options: 512
        case .prack: 1024
        case .update: 2048
        case .refer: 4096
        case .publish: 8192
        default: 16384
        }
    }
}

/// `failover_reply_codes`: the replies that send a request to its next address.
public struct FailoverCodes: Sendable, Equatable {
    var ranges: [ClosedRange<Int>] = [503...503]

    public init() {}

    /// Reads `503`, `500-504`, `code=503`, `class=5`, several with `;` or `,` between them.
    public init(_ text: ByteString) throws {
        self.ranges = []
        let items = text.bytes.split { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: ",") }
        for item in items {
            let word = String(decoding: item.filter { !$0.isBlank }, as: UTF8.self)
            let parts = word.split(separator: "=", maxSplits: 1)
            let kind = parts.count == 2 ? parts[0] : "code"
            let ends = (parts.last ?? "").split(separator: "-").map { Int($0) ?? 0 }
            guard let first = ends.first, let last = ends.last, ends.count <= 2, first <= last else {
                throw ArgumentError("'\(word)': write code=503, code=500-504 or class=5")
            }
            switch kind {
            case "code" where first >= 300 && last < 700: self.ranges.append(first...last)
            case "class" where first >= 3 && last < 7: self.ranges.append(first * 100...last * 100 + 99)
            default: throw ArgumentError("'\(word)': write code=503, code=500-504 or class=5")
            }
        }
    }

    func contains(_ status: Int) -> Bool { self.ranges.contains { $0.contains(status) } }
}
