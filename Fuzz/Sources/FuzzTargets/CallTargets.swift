import Bytes
import ModuleKit
import SIPMessage

/// Several messages, one after the other, through a server with transactions, registrations and dialogs. Segments end
/// with the byte 30; the first byte of each says what it is:
///
/// - `t`: time passes, a quarter of a second for each unit of the next byte;
/// - `r`: an answer to what the server sent, the newest first, chosen by the next byte: the status line without its
///   version, fields and a body; Via, From, To, Call-ID and CSeq are the request's;
/// - `f`: what follows the first message in its transaction or dialog: the method, fields and a body; the rest is the
///   message's, and To that of the server's last reply;
/// - everything else: a message as it is.
enum CallTargets {
    private static let held = Lock(Held())

    private struct Held {
        var server: FuzzServer?
        var runs = 0
    }

    /// After so many runs everything begins anew, whatever has gathered.
    private static let runs = 2000
    private static let segmentLimit = 16

    static func run(_ bytes: [UInt8]) {
        self.held.withLock { held in
            held.runs += 1
            if held.runs % self.runs == 0 { held.server = nil }
            let server = held.server ?? self.made()
            held.server = server
            self.run(bytes, server)
        }
    }

    private static func made() -> FuzzServer {
        FuzzDatabase.hold([])
        return FuzzServer("calls.cfg", CallScript.text, modules: [ModuleType(FuzzDatabase.self)])
    }

    private static func run(_ bytes: [UInt8], _ server: FuzzServer) {
        server.forget()
        var first: [UInt8]?
        for (number, segment) in bytes.split(separator: 30).prefix(self.segmentLimit).enumerated() {
            let rest = segment.dropFirst(2)
            let choice = Int(segment.dropFirst().first ?? 0)
            switch segment.first {
            case UInt8(ascii: "t"): server.advance(.milliseconds(choice * 250))
            case UInt8(ascii: "r"):
                let requests = server.requests
                guard !requests.isEmpty else { continue }
                let request = requests[requests.count - 1 - choice % requests.count]
                if let reply = self.reply(to: request, Array(rest)) { server.receive(reply, from: choice) }
            case UInt8(ascii: "f"):
                guard let first, let next = self.followUp(first, server.lastReply, Array(rest)) else { continue }
                server.receive(next, from: 0)
            default:
                let message = Array(segment)
                if first == nil { first = message }
                server.receive(message, from: number, onStream: message.count % 4 == 3)
            }
        }
        self.finish(server)
    }

    /// Nothing is left when all timers are over: no transaction, and no binding but those that do not end.
    private static func finish(_ server: FuzzServer) {
        func held() -> Int { server.server.counter("tmx", "inuse_transactions") ?? 0 }
        func bindings() -> Int { server.server.counter("usrloc", "location_contacts") ?? 0 }
        if held() > 0 || bindings() > 0 {
            server.advance(.seconds(900)) { held() == 0 && bindings() == 0 }
            claim(held() == 0, "\(held()) transactions are left")
            claim(bindings() == 0, "\(bindings()) bindings are left")
        }
    }

    private static let copied: [HeaderName] = [.via, .from, .to, .callID, .cSeq]

    private static func reply(to request: ByteString, _ rest: [UInt8]) -> [UInt8]? {
        guard let message = Message(request.span) else { return nil }
        let end = rest.firstIndex(of: 10).map { $0 + 1 } ?? rest.count
        var out = Array("SIP/2.0 ".utf8) + rest[..<end]
        if end == rest.count { out += Array("\r\n".utf8) }
        for index in 0..<message.headerCount {
            let field = message.field(at: index)
            guard self.copied.contains(field.name) else { continue }
            let text = message.text(field.range).bytes
            out += field.name == .to && !message.to.hasTag ? self.tagged(text) : text
        }
        return out + rest[end...]
    }

    /// The field with a tag before its line end.
    private static func tagged(_ field: [UInt8]) -> [UInt8] {
        let end = field.lastIndex { $0 != 13 && $0 != 10 }.map { $0 + 1 } ?? field.count
        return Array(field[..<end]) + Array(";tag=r".utf8) + Array(field[end...])
    }

    private static func followUp(_ first: [UInt8], _ lastReply: ByteString, _ rest: [UInt8]) -> [UInt8]? {
        guard let message = Message(first.span), message.isRequest else { return nil }
        let reply = Message(lastReply.span)
        let end = rest.firstIndex(of: 10).map { $0 + 1 } ?? rest.count
        let method = rest[..<end].prefix { $0 > 32 }
        var out = Array(method)
        out.append(32)
        out += message.text(message.requestURI).bytes
        out += Array(" SIP/2.0\r\n".utf8)
        for index in 0..<message.headerCount {
            let field = message.field(at: index)
            switch field.name {
            case .via, .from, .callID: out += message.text(field.range).bytes
            case .to:
                let known = reply.map { $0.text($0.value(.to)) } ?? message.text(field.value)
                out += Array("To: ".utf8) + known.bytes + Array("\r\n".utf8)
            case .cSeq:
                out += Array("CSeq: \(message.cSeq.number) ".utf8) + Array(method)
                out += Array("\r\n".utf8)
            default: break
            }
        }
        return out + rest[end...]
    }
}
