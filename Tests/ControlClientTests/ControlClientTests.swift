import Bytes
import ControlProtocol
import Glibc
import ModuleKit
import SIPTesting
import SIPTransport
import Testing

@testable import ControlClient

/// A control socket in a directory of its own; `echo` gives its parameters back, all else is a fault.
private final class EchoServer {
    let path: String
    private let loop: EventLoop
    private let thread: WorkerThread
    private let socket: ControlSocket

    init(handler: @escaping ControlHandler = EchoServer.answer) throws {
        self.path = "\(try FreshDirectory.make())/ctl"
        self.socket = try ControlSocket.open(path: self.path, isDatagram: false, mode: 0o600, handler: handler)
        let loop = try EventLoop(index: 0)
        self.loop = loop
        let socket = self.socket
        loop.post(Attachment(socket))
        self.thread = try WorkerThread(name: "test-control") { loop.run() }
    }

    func stop() {
        self.loop.stop()
        self.thread.join()
        self.socket.remove()
    }

    private final class Attachment: LoopTask {
        private let socket: ControlSocket
        init(_ socket: ControlSocket) { self.socket = socket }
        func perform(on loop: EventLoop) { self.socket.attach(to: loop) }
    }

    @Sendable static func answer(_ bytes: [UInt8]) -> (used: Int, answer: [UInt8])? {
        switch BinaryRPC.frame(bytes) {
        case .incomplete: return (0, [])
        case .broken: return nil
        case .packet(let header, let length, let cookie, let size, _):
            var reader = BinaryRPCReader(bytes, from: header, count: length)
            let command = reader.value()
            var values: [RPCValue] = []
            while !reader.isAtEnd, let value = reader.value() { values.append(value) }
            let used = header + length
            guard command == .string("echo") else {
                let fault = RPCFault(500, "command not found")
                return (used, BinaryRPCWriter.fault(fault, cookie: cookie, cookieLength: size))
            }
            return (used, BinaryRPCWriter.reply(values, cookie: cookie, cookieLength: size))
        }
    }
}

@Suite("Control client")
struct ControlClientTests {
    private static let values: [RPCValue] = [
        .int(7), .string("two words"), .double(2.5),
        .structure(["name": .string("a"), "inner": .structure(["x": .int(1)])]), .array([.int(1), .int(2)]),
    ]

    @Test func `what a command answers comes back, call after call`() throws {
        let server = try EchoServer()
        defer { server.stop() }
        let client = try ControlClient(path: server.path)
        #expect(try client.call("echo", Self.values) == Self.values)
        #expect(try client.call("echo") == [])
        let long = RPCValue.string(String(repeating: "x", count: 300_000))
        #expect(try client.call("echo", [long]) == [long])
    }

    @Test func `a refusal has the server's code and words`() throws {
        let server = try EchoServer()
        defer { server.stop() }
        let client = try ControlClient(path: server.path)
        #expect(throws: ControlError.fault(RPCFault(500, "command not found"))) { try client.call("nosuch") }
        #expect(try client.call("echo", [.int(1)]) == [.int(1)])
    }

    @Test func `no socket, a socket nobody serves and a server that hangs up are told apart`() throws {
        let server = try EchoServer()
        let path = server.path
        #expect(throws: ControlError.noSocket("\(path)x")) { try ControlClient(path: "\(path)x") }
        server.stop()
        do { _ = try ControlSocket.open(path: path, isDatagram: false, mode: 0o600) { _ in nil } }
        #expect(throws: ControlError.nobodyServes(path)) { try ControlClient(path: path) }
        let rude = try EchoServer { _ in nil }
        defer { rude.stop() }
        let client = try ControlClient(path: rude.path)
        #expect(throws: ControlError.broken(rude.path, "the server closed the connection")) { try client.call("echo") }
    }

    @Test func `what answers in another protocol is not believed`() throws {
        let server = try EchoServer { ($0.count, Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)) }
        defer { server.stop() }
        let client = try ControlClient(path: server.path)
        #expect(throws: ControlError.self) { try client.call("echo") }
    }

    @Test func `the socket is where the environment says, else where servers put theirs`() {
        #expect(SocketPlace.candidates(userID: 7) { $0 == "APUS_SOCKET" ? "/x/ctl" : nil } == ["/x/ctl"])
        let places = SocketPlace.candidates(userID: 7) { $0 == "XDG_RUNTIME_DIR" ? "/run/user/7" : nil }
        #expect(places.first == "/run/kamailio/kamailio_ctl")
        #expect(places.contains("/run/apus/kamailio_ctl"))
        #expect(places.contains("/run/user/7/apus_ctl") && places.contains("/tmp/apus-7/apus_ctl"))
        #expect(SocketPlace.withoutScheme("unix:/a/b") == "/a/b")
    }
}

@Suite("Answers of the control client")
struct AnswerTests {
    private static let list: RPCValue = .structure([
        "socket": .structure(["proto": .string("udp"), "port": .string("5060")]),
        "socket": .structure(["proto": .string("tcp")]),
        "empty": .array([]), "text": .string("a \"b\"\n"),
    ])

    @Test func `people get the form of kamcmd`() {
        #expect(AnswerText.text([.string("one"), .int(2)]) == "one\n2\n")
        #expect(
            AnswerText.text([.structure(["now": .string("Sun"), "in": .structure(["n": .int(1)])])])
                == "{\n\tnow: Sun\n\tin: {\n\t\tn: 1\n\t}\n}\n")
    }

    @Test func `programs get JSON in which no name repeats`() {
        #expect(
            AnswerJSON.text([Self.list])
                == #"[{"socket":[{"proto":"udp","port":"5060"},{"proto":"tcp"}],"empty":[],"text":"a \"b\"\n"}]"#)
        #expect(AnswerJSON.text([.null, .double(.infinity), .double(2.5), .int(-1)]) == "[null,null,2.5,-1]")
        #expect(AnswerJSON.text(RPCFault(500, "no")) == #"{"error":{"code":500,"message":"no"}}"#)
    }

    @Test func `words that look like numbers are numbers unless they say otherwise`() {
        #expect(CallArguments.value("12") == .int(12))
        #expect(CallArguments.value("-1") == .int(-1))
        #expect(CallArguments.value("2.5") == .double(2.5))
        #expect(CallArguments.value("s:12") == .string("12"))
        #expect(CallArguments.value("nan") == .string("nan"))
        #expect(CallArguments.value("1.2.3.4") == .string("1.2.3.4"))
    }
}
