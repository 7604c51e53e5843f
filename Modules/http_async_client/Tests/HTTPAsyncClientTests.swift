import Bytes
import HTTPTransfer
import ModuleKit
import SIPTesting
import Testing

@testable import http_async_client

@Suite("http_async_client")
struct HTTPAsyncClientTests {
    private let bench = ModuleBench()
    private let module: HTTPAsyncClient
    private let route: RouteContext

    init() throws {
        self.module = try self.bench.load(HTTPAsyncClient.self)
        self.route = try self.bench.receive(
            "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKown\nFrom: <sip:a@b>;tag=own\nTo: <sip:a@b>\nCall-ID: own\nCSeq: 1 OPTIONS\n\n"
        )
    }

    private func set(_ key: DraftKey, _ value: Value) -> Bool {
        key.set(value, &QueryDraft.of(self.route).content, self.module.settings.options(self.bench), self.route)
    }

    @Test func `what is said about a query counts once`() {
        #expect(self.set(.hdr, .text("X-A: 1\r\nX-B: 2")))
        #expect(self.set(.hdr, .text("X-C: 3")))
        #expect(self.set(.body, .text("data")))
        #expect(self.set(.method, .text("PUT")))
        #expect(self.set(.timeout, .int(300)))
        #expect(self.set(.suspend, .int(0)))
        #expect(self.set(.username, .text("me")))
        let content = QueryDraft.of(self.route).take()
        #expect(content.headers == ["X-A: 1", "X-B: 2", "X-C: 3"])
        #expect(content.body == "data")
        #expect(content.method == "PUT")
        #expect(content.timeout == 300)
        #expect(!content.suspends)
        #expect(content.options?.username == "me")
        let next = QueryDraft.of(self.route).take()
        #expect(next.headers.isEmpty && next.body == nil && next.suspends && next.options == nil)
    }

    @Test func `null for all forgets, and bad values are refused`() {
        #expect(self.set(.body, .text("data")))
        #expect(self.set(.all, .null))
        #expect(QueryDraft.of(self.route).content.body == nil)
        #expect(!self.set(.all, .int(1)))
        #expect(!self.set(.timeout, .int(0)))
        #expect(!self.set(.httpVersion, .int(9)))
    }

    @Test func `the variables show the answer`() throws {
        var response = HTTPResponse(result: 0)
        response.status = 200
        response.header = "HTTP/1.1 200 All Fine\r\nX-A: 1\r\nx-a: 2\r\n\r\n"
        response.body = "body"
        response.times.total = 1234
        self.route.setState(QueryAnswer(response, number: 7, data: "extra"))
        func read(_ name: String, _ inner: String? = nil) throws -> String {
            self.route.text(try self.bench.read(name, inner, in: self.route)).string
        }
        #expect(try read("http_ok") == "1")
        #expect(try read("http_err") == "")
        #expect(try read("http_rs") == "200")
        #expect(try read("http_rr") == "All Fine")
        #expect(try read("http_rb") == "body")
        #expect(try read("http_bs") == "4")
        #expect(try read("http_hdr", "X-A") == "1")
        #expect(try read("http_ml") == "45")
        #expect(try read("http_time", "total") == "1234")
        #expect(try read("http_xdata") == "extra")
        #expect(try read("http_req_id") == "7")
    }

    @Test func `a failure has a text and nothing else`() throws {
        self.route.setState(QueryAnswer(HTTPResponse(result: 7), number: 1, data: ByteString()))
        #expect(self.route.text(try self.bench.read("http_ok", in: self.route)) == "0")
        #expect(self.route.text(try self.bench.read("http_err", in: self.route)) == "Couldn't connect to server")
        #expect(try self.bench.read("http_rs", in: self.route).isNull)
        #expect(try self.bench.read("http_xdata", in: self.route).isNull)
    }

    @Test func `a query needs a route to answer to`() throws {
        #expect(try self.bench.call("http_async_query", "http://127.0.0.1:1/", "NOWHERE", in: self.route) == -1)
        #expect(self.bench.counters.value("http_async_client", "requests") == 0)
    }
}
