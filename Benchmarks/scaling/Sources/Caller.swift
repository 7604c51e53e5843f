import ApusServer
import Bytes
import SIPMessage

/// Caller and callees of one thread: a REGISTER for each tenth call, then INVITE, 180, 200, ACK, BYE and its 200.
final class Caller: @unchecked Sendable {  // belongs to its thread
    static let calleePort: UInt16 = 15070
    private static let users = 10_000

    private let worker: ParallelWorker
    private let socket: ListenSocket
    private let outbox: Outbox
    private let number: Int
    private let own = SocketAddress(ip: IPAddress("127.0.0.1") ?? .anyIPv4, port: 15100)
    private let callee = SocketAddress(ip: IPAddress("127.0.0.1") ?? .anyIPv4, port: Caller.calleePort)
    private var buffer = ByteBuffer(capacity: 4096)
    /// Via, From, To, Call-ID, CSeq and Record-Route of the request that reached the callee.
    private let copied = ByteBuffer(capacity: 4096)
    private let route = ByteBuffer(capacity: 512)
    private(set) var failed = 0

    init(_ worker: ParallelWorker, _ socket: ListenSocket, _ outbox: Outbox, number: Int) {
        self.worker = worker
        self.socket = socket
        self.outbox = outbox
        self.number = number
    }

    /// Calls until `isOver`.
    /// - Returns: how many.
    func call(until isOver: () -> Bool) -> Int {
        for user in 0..<Self.users { self.register(user, round: 0) }
        var count = 0
        while !isOver() {
            if count % 10 == 0 { self.register(count / 10 % Self.users, round: count + 1) }
            self.call(count)
            count += 1
            if count % 8 == 0 { self.worker.work() }
        }
        return count
    }

    private func register(_ user: Int, round: Int) {
        self.begin("REGISTER sip:example.org SIP/2.0\r\n", call: round, turn: 1)
        self.line("From: <sip:", user, "@example.org>;tag=a\r\n")
        self.line("To: <sip:", user, "@example.org>\r\n")
        self.end(call: round, user, "REGISTER", body: "Expires: 3600\r\n")
        self.expect(up: 1, down: 0)
    }

    private func call(_ call: Int) {
        let user = (call &* 7919) % Self.users
        self.request("INVITE", call, user)
        self.expect(up: 1, down: 1)
        self.copyFields()
        self.answer("SIP/2.0 180 Ringing\r\n")
        self.expect(up: 1, down: 0)
        self.answer("SIP/2.0 200 OK\r\n")
        self.expect(up: 1, down: 0)
        self.request("ACK", call, user)
        self.expect(up: 0, down: 1)
        self.request("BYE", call, user)
        self.expect(up: 0, down: 1)
        self.copyFields()
        self.answer("SIP/2.0 200 OK\r\n")
        self.expect(up: 1, down: 0)
    }

    private func expect(up: Int, down: Int) {
        if self.outbox.upCount != up || self.outbox.downCount != down { self.failed += 1 }
        self.outbox.removeAll()
    }

    // MARK: Messages

    private func request(_ method: String, _ call: Int, _ user: Int) {
        let isFirst = method == "INVITE"
        self.buffer.removeAll()
        self.buffer.append(method)
        if isFirst {
            self.line(" sip:", user, "@example.org SIP/2.0\r\n")
        } else {
            self.line(" sip:", user, "@127.0.0.1:15070 SIP/2.0\r\n")
        }
        self.via(call, turn: method == "BYE" ? 3 : isFirst ? 1 : 2)
        let route = self.route
        if !isFirst { self.buffer.append(route.span) }
        self.line("From: <sip:caller", self.number, "@example.org>;tag=a\r\n")
        self.line("To: <sip:", user, isFirst ? "@example.org>\r\n" : "@example.org>;tag=b\r\n")
        self.end(call: call, user, method, body: "")
    }

    private func begin(_ first: String, call: Int, turn: Int) {
        self.buffer.removeAll()
        self.buffer.append(first)
        self.via(call, turn: turn)
    }

    private func via(_ call: Int, turn: Int) {
        self.buffer.append("Via: SIP/2.0/UDP 127.0.0.1:15100;branch=z9hG4bK-" as StaticString)
        self.buffer.append(hex: UInt64(self.number), digits: 2)
        self.buffer.append(hex: UInt64(call), digits: 8)
        self.buffer.append(hex: UInt64(turn))
        self.buffer.append("\r\nMax-Forwards: 70\r\n" as StaticString)
    }

    private func line(_ before: String, _ number: Int, _ after: String) {
        self.buffer.append(before)
        if before.hasSuffix("caller") {
            self.buffer.append(decimal: number)
        } else {
            self.buffer.append("u" as StaticString)
            self.buffer.append(hex: UInt64(self.number), digits: 2)
            self.buffer.append(decimal: number)
        }
        self.buffer.append(after)
    }

    private func end(call: Int, _ user: Int, _ method: String, body: String) {
        self.buffer.append("Call-ID: " as StaticString)
        self.buffer.append(hex: UInt64(self.number), digits: 2)
        self.buffer.append(hex: UInt64(call), digits: 8)
        self.buffer.append(method == "REGISTER" ? "r" : "c")
        self.buffer.append("@127.0.0.1\r\nCSeq: " as StaticString)
        self.buffer.append(method == "BYE" ? "2 " : "1 ")
        self.buffer.append(method)
        self.line("\r\nContact: <sip:", user, "@127.0.0.1:15070>\r\nUser-Agent: a phone of some kind 1.2.3\r\n")
        self.buffer.append(body)
        self.buffer.append("Content-Length: 0\r\n\r\n" as StaticString)
        self.worker.receive(&self.buffer, from: self.own, on: self.socket)
    }

    private func answer(_ first: String) {
        self.buffer.removeAll()
        self.buffer.append(first)
        let copied = self.copied
        self.buffer.append(copied.span)
        self.buffer.append("Contact: <sip:b@127.0.0.1:15070>\r\nContent-Length: 0\r\n\r\n" as StaticString)
        self.worker.receive(&self.buffer, from: self.callee, on: self.socket)
    }

    /// What a reply copies of the request that reached the callee, and the route of later requests.
    private func copyFields() {
        self.copied.removeAll()
        let down = self.outbox.down
        let span = down.span
        var start = 0
        var isFirst = true
        for index in 0..<span.count where span[index] == 10 {
            let line = span.extracting(start..<index + 1)
            start = index + 1
            defer { isFirst = false }
            guard !isFirst, line.count > 4 else { continue }
            switch line[0] {
            case UInt8(ascii: "V"), UInt8(ascii: "F"): self.copied.append(line)
            case UInt8(ascii: "T"):
                self.copied.append(line.extracting(0..<line.count - 2))
                if !Self.hasTag(line) { self.copied.append(";tag=b" as StaticString) }
                self.copied.append("\r\n" as StaticString)
            case UInt8(ascii: "C"):
                // Call-ID and CSeq, not Contact and Content-Length.
                if line[1] == UInt8(ascii: "S") || line[1] == UInt8(ascii: "a") { self.copied.append(line) }
            case UInt8(ascii: "R") where line[6] == UInt8(ascii: "-"):
                self.copied.append(line)
                self.route.removeAll()
                self.route.append(line.extracting(7..<line.count))
            default: break
            }
        }
    }

    private static func hasTag(_ line: Span<UInt8>) -> Bool {
        for index in 0..<line.count - 4 where line[index] == UInt8(ascii: ";") && line[index + 1] == UInt8(ascii: "t") {
            return true
        }
        return false
    }
}
