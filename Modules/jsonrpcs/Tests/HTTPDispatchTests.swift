import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import xhttp

@testable import jsonrpcs

@Suite("jsonrpcs: over HTTP")
struct HTTPDispatchTests {
    private final class Scene {
        let bench = ModuleBench()

        init(transport: Int = 1) throws {
            try self.bench.load(HTTPRequests.self)
            try self.bench.load(
                JSONRPCServer.self, [("transport", .int(transport)), ("pretty_format", .int(0))])
        }

        func dispatch(_ body: String, _ line: String = "POST /RPC HTTP/1.1") throws -> Int {
            let route = try self.bench.receive(
                "\(line)\nHost: h\nContent-Length: \(body.utf8.count)\n\n\(body)", on: 1, connection: 3)
            return try self.bench.call("jsonrpc_dispatch", in: route)
        }

        var lines: [String] { self.bench.sent.last?.split(separator: "\n").map(String.init) ?? [] }
    }

    @Test func `a result has status 200`() throws {
        let scene = try Scene()
        #expect(
            try scene.dispatch(#"{"jsonrpc":"2.0","method":"jsonrpc.echo","params":["a",1],"id":7}"#) == 1)
        #expect(scene.lines.first == "HTTP/1.1 200 OK")
        #expect(scene.lines.contains("Content-Type: application/json"))
        #expect(scene.lines.last == #"{"jsonrpc":"2.0","result":["a",1],"id":7}"#)
    }

    @Test func `a fault is the status and its reason`() throws {
        let scene = try Scene()
        #expect(try scene.dispatch(#"{"jsonrpc":"2.0","method":"no.such","id":7}"#) == 1)
        #expect(scene.lines.first == "HTTP/1.1 500 Method Not Found")
        #expect(
            scene.lines.last
                == #"{"jsonrpc":"2.0","error":{"code":500,"message":"Method Not Found"},"id":7}"#)
    }

    @Test(arguments: ["", "{", "hello", "{\"jsonrpc\":\"2.0\",\"meth"]) func `what is no JSON is for the script`(
        _ body: String
    ) throws {
        let scene = try Scene()
        #expect(try scene.dispatch(body) == -1)
        #expect(scene.bench.sent.isEmpty)
        #expect(scene.bench.log.contains { $0.contains("jsonrpc_dispatch: the document is no JSON") })
    }

    @Test func `only HTTP is dispatched, and only where the parameter allows it`() throws {
        let body = #"{"jsonrpc":"2.0","method":"jsonrpc.echo","params":["a",1],"id":7}"#
        let scene = try Scene()
        let sip = try scene.bench.receive("OPTIONS sip:a SIP/2.0\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\n\n", on: 1)
        #expect(try scene.bench.call("jsonrpc_dispatch", in: sip) == -1)
        let other = try Scene(transport: 6)
        #expect(try other.dispatch(body) == -1)
        #expect(other.bench.log.contains { $0.contains("transport") })
        #expect(try Scene(transport: 0).dispatch(body) == 1)
    }

    @Test func `without xhttp the parameter is refused`() throws {
        let bench = ModuleBench()
        #expect(throws: ModuleError.self) { try bench.load(JSONRPCServer.self, [("transport", .int(1))]) }
        try bench.load(JSONRPCServer.self)
    }
}
