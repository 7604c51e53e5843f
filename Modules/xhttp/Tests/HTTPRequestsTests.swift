import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv

@testable import xhttp

@Suite("xhttp")
struct HTTPRequestsTests {
    private static let request =
        "POST /RPC?a=b HTTP/1.1\nHost: example.org\nContent-Type: text/plain\nContent-Length: 5\n\nhello"

    private final class Scene {
        let bench = ModuleBench(sockets: ["udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"])

        init(_ parameters: [(String, ParameterValue)] = []) throws {
            try self.bench.load(PseudoVariables.self)
            try self.bench.load(HTTPRequests.self, parameters)
            self.bench.program.routes = ["xhttp:request"]
        }

        func receive(_ text: String = HTTPRequestsTests.request) throws -> RouteContext {
            try self.bench.receive(text, from: "192.0.2.1:40000", on: 1, connection: 7)
        }

        func reply(
            _ code: String, _ reason: String, _ type: String, _ body: String, in route: RouteContext
        ) throws -> Int {
            try self.bench.call("xhttp_reply", code, reason, type, body, in: route)
        }
    }

    @Test func `a request is answered over its connection`() throws {
        let scene = try Scene()
        let route = try scene.receive()
        #expect(try scene.reply("200", "Fine", "text/html", "<p>hi</p>", in: route) == 1)
        #expect(
            scene.bench.sent == [
                """
                HTTP/1.1 200 Fine
                Sia: SIP/2.0/TCP 192.0.2.1:40000
                Content-Type: text/html
                Server: apus
                Content-Length: 9

                <p>hi</p>
                """
            ])
        let destination = try #require(scene.bench.worker.sent.first?.destination)
        #expect(destination.connection == ConnectionID(rawValue: 7))
        // No other connection of the client is found, and none is opened.
        #expect(destination.address.port == 0 && !destination.mayConnect && !destination.closesAfter)
    }

    @Test func `variables and transformations tell of the request`() throws {
        let scene = try Scene()
        let route = try scene.receive()
        #expect(route.text(try scene.bench.read("hu", in: route)) == "/RPC?a=b")
        #expect(route.text(try scene.bench.read("rm", in: route)) == "POST")
        #expect(route.text(try scene.bench.read("rb", in: route)) == "hello")
        let sip = try scene.bench.receive("OPTIONS sip:a SIP/2.0\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\n\n", on: 1)
        #expect(try scene.bench.read("hu", in: sip).isNull)
    }

    @Test(arguments: [
        ("/a/b?c=d?e", "path", "/a/b"), ("/a/b?c=d?e", "querystring", "c=d?e"), ("/a", "path", "/a"),
        ("/a", "querystring", ""), ("/?", "querystring", ""), ("?x", "path", ""), ("", "path", ""),
    ])
    func `a URL is taken apart at its question mark`(_ url: String, _ operation: String, _ wanted: String) throws {
        let scene = try Scene()
        let module = try HTTPRequests(HTTPRequests.defaultSettings, host: scene.bench)
        let parts = try #require(module.transformations.first)
        let transform = try parts.bind(operation, [], scene.bench.compiler)
        let route = try scene.receive()
        #expect(route.text(transform(route, .bytes(ByteString(url)))) == ByteString(wanted))
        #expect(transform(route, .null).isNull)
    }

    @Test func `headers of the script go along, and it may close the connection`() throws {
        let scene = try Scene()
        let route = try scene.receive()
        route.replyHeaders.append("X-Own: 1\r\n")
        route.options.insert(.replyClose)
        #expect(try scene.reply("404", "Not Found", "", "", in: route) == 1)
        #expect(
            scene.bench.sent == [
                """
                HTTP/1.1 404 Not Found
                Sia: SIP/2.0/TCP 192.0.2.1:40000
                X-Own: 1
                Server: apus
                Content-Length: 0
                Connection: close


                """
            ])
        #expect(scene.bench.worker.sent.first?.destination.closesAfter == true)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\nHost: h\nConnection: keep-alive\n\n", "", false),
        ("GET / HTTP/1.1\nHost: h\nConnection: x, Close\n\n", "Connection: close", true),
        ("GET / HTTP/1.0\n\n", "Connection: close", true),
        ("GET / HTTP/1.0\nConnection: Keep-Alive\n\n", "Connection: keep-alive", false),
    ])
    func `the client says whether the connection stays`(_ text: String, _ field: String, _ closes: Bool) throws {
        let scene = try Scene()
        let route = try scene.receive(text)
        #expect(try scene.reply("200", "OK", "", "", in: route) == 1)
        let sent = try #require(scene.bench.sent.first)
        #expect(sent.hasPrefix(text.contains("1.0") ? "HTTP/1.0 200 OK\n" : "HTTP/1.1 200 OK\n"))
        #expect(field.isEmpty ? !sent.contains("Connection:") : sent.contains("\n\(field)\n"))
        #expect(scene.bench.worker.sent.first?.destination.closesAfter == closes)
    }

    @Test func `answers without a body have none`() throws {
        let scene = try Scene()
        let head = try scene.receive("HEAD / HTTP/1.1\nHost: h\n\n")
        #expect(try scene.reply("200", "OK", "a/b", "hello", in: head) == 1)
        #expect(scene.bench.sent.last?.hasSuffix("Content-Length: 5\n\n") == true)
        for code in ["204", "304"] {
            let route = try scene.receive()
            #expect(try scene.reply(code, "None", "", "hello", in: route) == 1)
            #expect(scene.bench.sent.last?.contains("Content-Length") == false)
            #expect(scene.bench.sent.last?.hasSuffix("\n\n") == true)
        }
    }

    @Test(arguments: [
        ("99", "OK", "a/b"), ("100", "Continue", ""), ("700", "OK", "a/b"), ("x", "OK", "a/b"), ("200", "", "a/b"),
        ("200", "OK\r\nX: 1", "a/b"), ("200", "OK", "a/b\r\nX: 1"), ("200", "OK\n", "a/b"),
    ])
    func `a bad answer is none`(_ code: String, _ reason: String, _ type: String) throws {
        let scene = try Scene()
        let route = try scene.receive()
        #expect(try scene.reply(code, reason, type, "b", in: route) == -1)
        #expect(scene.bench.sent.isEmpty)
        #expect(scene.bench.log.contains { $0.contains("xhttp_reply") })
        #expect(try scene.reply("200", "OK", "", "", in: route) == 1)
    }

    @Test func `there is one answer, and none to SIP`() throws {
        let scene = try Scene()
        let route = try scene.receive()
        #expect(try scene.reply("200", "OK", "", "one", in: route) == 1)
        #expect(try scene.reply("200", "OK", "", "two", in: route) == -1)
        let sip = try scene.bench.receive("OPTIONS sip:a SIP/2.0\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\n\n", on: 1)
        #expect(try scene.reply("200", "OK", "", "", in: sip) == -1)
        #expect(scene.bench.sent.count == 1)
    }

    @Test(arguments: [
        ("", "", "/a", true), ("^/RPC", "", "/RPC", true), ("^/RPC", "", "/rpc", false), ("", "^/x", "/x/y", false),
        ("", "^/x", "/a/x", true), ("a", "b", "/ab", false),
    ])
    func `URLs may be left to others`(_ match: String, _ skip: String, _ url: String, _ isServed: Bool) throws {
        let scene = try Scene([
            ("url_match", .text(ByteString(match))), ("url_skip", .text(ByteString(skip))),
        ])
        let route = try scene.receive("GET \(url) HTTP/1.1\nHost: h\n\n")
        let outcome = scene.bench.program.hooks.takeHTTPRequest(route)
        #expect((outcome != nil) == isServed)
    }

    @Test func `a bad expression is refused with its reason`() throws {
        #expect(throws: ArgumentError.self) { try Scene([("url_match", .text("("))]) }
    }

    @Test func `a request without an answer is told of`() throws {
        let scene = try Scene()
        let route = try scene.receive()
        guard case .run(let call)? = scene.bench.program.hooks.takeHTTPRequest(route) else {
            Issue.record("no route runs")
            return
        }
        _ = call.then(route, RouteResult(code: 1))
        #expect(
            scene.bench.log.contains {
                $0.contains("event_route[xhttp:request] has not answered the HTTP request from 192.0.2.1:40000")
            })
    }
}
