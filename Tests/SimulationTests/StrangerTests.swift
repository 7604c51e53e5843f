import Bytes
import ModuleKit
import SIPMessage
import StandardModules
import Testing

@testable import ApusServer
@testable import Simulation

/// The server with its built-in configuration, and a stranger who knows nobody's password.
struct StrangerScene {
    static let victim = SocketAddress(ip: IPAddress(ipv4: 0xC633_6407), port: 5060)  // 198.51.100.7
    let recorder = Recorder()
    let stage: Stage
    let socket: ListenSocket
    let stranger: SocketAddress

    init(_ script: String? = nil) throws {
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        setup.text = script.map { ("test.cfg", $0) }
        setup.wallSeconds = 1_767_268_800
        self.stage = try Stage(setup, listener: self.recorder)
        self.stranger = SocketAddress(ip: IPAddress(ipv4: 0xCB00_7142), port: 5060)  // 203.0.113.66
        self.stage.addPhone("stranger", self.stranger, .udp)
        self.stage.addPhone("victim", Self.victim, .udp)
        self.socket = try #require(self.stage.server.sockets.first { $0.transport == .udp && !$0.address.ip.isIPv6 })
    }

    /// A request with no more in it than it needs.
    static func request(
        _ method: String, _ uri: String = "sip:127.0.0.1", number: Int = 1, via: String = "203.0.113.66:5060",
        to: String = "<sip:b@127.0.0.1>", extra: String = ""
    ) -> ByteString {
        ByteString(
            """
            \(method) \(uri) SIP/2.0
            Via: SIP/2.0/UDP \(via);branch=z9hG4bKo\(number)
            From: <sip:a@x>;tag=1
            To: \(to)
            Call-ID: c\(number)
            CSeq: 1 \(method)
            \(extra)Content-Length: 0


            """.replacing("\n", with: "\r\n"))
    }

    func send(_ bytes: ByteString, from source: SocketAddress? = nil) {
        self.stage.arrive(bytes, from: source ?? self.stranger, nil, on: self.socket)
    }

    var departed: [StageEvent.Departed] { RoutingTests.departed(self.recorder) }
    func departed(to address: SocketAddress) -> [StageEvent.Departed] {
        self.departed.filter { $0.destination.address == address }
    }
    func clear() { self.recorder.events = [] }
    var transactions: Int { self.stage.server.counter("tmx", "inuse_transactions") ?? -1 }
}

@Suite("What a stranger can have the server send: amplification and reflection")
struct StrangerTests {
    static let methods = [
        "INVITE", "REGISTER", "OPTIONS", "SUBSCRIBE", "MESSAGE", "PUBLISH", "NOTIFY", "REFER", "BYE", "CANCEL", "ACK",
        "PRACK", "UPDATE", "INFO", "OWN",
    ]
    static let shapes: [(name: String, uri: String, to: String, extra: String)] = [
        ("to the server", "sip:127.0.0.1", "<sip:b@127.0.0.1>", ""),
        ("to a user who is not there", "sip:b@127.0.0.1", "<sip:b@127.0.0.1>", ""),
        ("elsewhere", "sip:b@198.51.100.7", "<sip:b@127.0.0.1>", ""),
        ("in a dialog of nobody's", "sip:b@127.0.0.1", "<sip:b@127.0.0.1>;tag=2", ""),
        ("without hops", "sip:b@127.0.0.1", "<sip:b@127.0.0.1>", "Max-Forwards: 0\n"),
        ("with what nobody supports", "sip:b@127.0.0.1", "<sip:b@127.0.0.1>", "Proxy-Require: a,b,c\n"),
        ("with a broken CSeq", "sip:b@127.0.0.1", "<sip:b@127.0.0.1>", "CSeq: x\n"),
        ("with a broken URI", "sip:b@[", "<sip:b@127.0.0.1>", ""),
        ("of another scheme", "tel:+1", "<tel:+1>", ""),
    ]

    @Test(arguments: methods, shapes.indices)
    func `a reply is at most 2.5 times as large as its request`(_ method: String, _ index: Int) throws {
        let shape = Self.shapes[index]
        let scene = try StrangerScene()
        let request = StrangerScene.request(method, shape.uri, to: shape.to, extra: shape.extra)
        scene.send(request)
        #expect(scene.departed.count <= 1, "\(method) \(shape.name)")
        for reply in scene.departed {
            #expect(reply.destination.address == scene.stranger)
            #expect(reply.bytes.count * 2 <= request.count * 5, "\(request.count) bytes: \(reply.bytes.string)")
        }
        // Whatever is repeated is repeated as RFC 3261 §17.2.1 has it: the refusal of an INVITE by a transaction, for want
        // of an ACK, after 0.5, 1.5, 3.5, 7.5, 11.5 … 31.5 seconds.
        scene.stage.advance(by: .seconds(200))
        #expect(scene.departed.count <= (method == "INVITE" ? 11 : 1), "\(method) \(shape.name)")
        #expect(scene.transactions == 0)
    }

    @Test func `one who asks for a password gets one reply, however often it is asked for`() throws {
        let scene = try StrangerScene(
            """
            loadmodule "sl.so"
            loadmodule "pv.so"
            loadmodule "tm.so"
            loadmodule "tmx.so"
            loadmodule "auth.so"
            request_route {
                if (!pv_www_authenticate("$td", "secret", "0")) { auth_challenge("$td", "1"); exit; }
                sl_send_reply("200", "OK");
            }
            """)
        for number in 0..<1_000 {
            scene.clear()
            let request = StrangerScene.request(
                number % 2 == 0 ? "REGISTER" : "INVITE", number: number, to: "<sip:b@example.com>")
            scene.send(request)
            #expect(scene.departed.count == 1)
            let reply = try #require(scene.departed.first)
            #expect([401, 407].contains(reply.message.status))
            #expect(reply.bytes.count * 2 <= request.count * 5, "\(request.count) bytes: \(reply.bytes.string)")
        }
        // Nothing is known of them afterwards: nothing is sent again, no transaction was made.
        #expect(scene.transactions == 0)
        scene.clear()
        scene.stage.advance(by: .seconds(200))
        #expect(scene.departed.isEmpty)
    }

    // MARK: Reflection

    static let disguises = [
        "198.51.100.7:5060", "198.51.100.7", "198.51.100.7:5060;rport", "198.51.100.7;received=198.51.100.7",
        "203.0.113.66:5060;maddr=198.51.100.7", "203.0.113.66;received=198.51.100.7;rport=5060", "victim.example:5060",
    ]

    @Test(arguments: disguises, ["REGISTER", "INVITE", "OPTIONS", "MESSAGE"])
    func `a Via that names somebody else sends nothing there`(_ via: String, _ method: String) throws {
        let scene = try StrangerScene()
        for uri in ["sip:127.0.0.1", "sip:b@127.0.0.1", "sip:b@192.0.2.9"] {
            scene.send(StrangerScene.request(method, uri, via: via))
            scene.stage.advance(by: .seconds(40))
        }
        #expect(!scene.departed.isEmpty)
        #expect(scene.departed.allSatisfy { $0.destination.address.ip == scene.stranger.ip })
    }

    @Test(arguments: methods)
    func `Route, Contact and all the rest that name somebody else send nothing there`(_ method: String) throws {
        let elsewhere = "<sip:198.51.100.7:5060;lr>"
        for (number, extra) in [
            "Route: \(elsewhere)\n", "Route: <sip:127.0.0.1;lr>, \(elsewhere)\n",
            "Route: <sip:127.0.0.1;lr>\nRoute: \(elsewhere)\n",
            "Record-Route: \(elsewhere)\n", "Path: \(elsewhere)\n", "Reply-To: \(elsewhere)\n",
            "Refer-To: \(elsewhere)\n", "Service-Route: \(elsewhere)\n", "Alert-Info: \(elsewhere)\n",
        ].enumerated() {
            let scene = try StrangerScene()
            for uri in ["sip:b@127.0.0.1", "sip:b@198.51.100.7", "sip:127.0.0.1"]
            where method != "REGISTER" || number > 2 {
                scene.send(StrangerScene.request(method, uri, number: number, extra: extra))
            }
            scene.stage.advance(by: .seconds(40))
            #expect(scene.departed(to: StrangerScene.victim).isEmpty, "\(method) \(extra)")
        }
        let scene = try StrangerScene()
        if method != "REGISTER" {
            scene.send(StrangerScene.request(method, "sip:b@127.0.0.1", extra: "Contact: \(elsewhere)\n"))
            scene.stage.advance(by: .seconds(40))
            #expect(scene.departed(to: StrangerScene.victim).isEmpty)
        }
    }

    /// A proxy keeps no dialogs, so it cannot tell a made-up one from one of yesterday (RFC 3261 §16.12).
    @Test(arguments: ["BYE", "INVITE", "MESSAGE", "ACK", "NOTIFY"])
    func `a request of a made-up dialog goes on as often as its transaction repeats it, and hardly larger`(
        _ method: String
    ) throws {
        let scene = try StrangerScene()
        let request = StrangerScene.request(
            method, "sip:b@198.51.100.7:5060", to: "<sip:b@127.0.0.1>;tag=2", extra: "Route: <sip:127.0.0.1;lr>\n")
        scene.send(request)
        scene.stage.advance(by: .seconds(300))
        let sent = scene.departed(to: StrangerScene.victim)
        // retr_timer2 and fr_timer: 10 copies; timer E: 11; an ACK has no transaction.
        #expect(sent.count <= (method == "INVITE" ? 10 : method == "ACK" ? 1 : 11))
        for copy in sent { #expect(copy.bytes.count <= request.count + 250, "\(copy.bytes.string)") }
        #expect(scene.transactions == 0)
    }

    @Test func `a binding that names somebody else has one call sent there, ten times at the most`() throws {
        let scene = try StrangerScene()
        scene.send(
            StrangerScene.request("REGISTER", extra: "Contact: <sip:x@198.51.100.7:5060>\n"))
        #expect(scene.departed(to: StrangerScene.victim).isEmpty)
        scene.send(StrangerScene.request("INVITE", "sip:b@127.0.0.1", number: 2))
        scene.stage.advance(by: .seconds(300))
        #expect(scene.departed(to: StrangerScene.victim).count <= 10)
        #expect(scene.transactions == 0)
    }
}
