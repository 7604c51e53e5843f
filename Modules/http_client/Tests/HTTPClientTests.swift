import Bytes
import HTTPTransfer
import ModuleKit
import SIPTesting
import Testing

@testable import http_client

@Suite("http_client: connections")
struct HTTPClientTests {
    private func connection(_ text: ByteString, _ settings: HTTPClient.Settings = .init()) throws -> HTTPConnection {
        try HTTPConnection(try ConnectionDefinition(text), settings: settings, host: ModuleBench())
    }

    @Test func `user and password come out of the URL, and paths are joined with one slash`() throws {
        let made = try self.connection("one=>https://user:pa:ss@127.0.0.1:8080/base/")
        #expect(made.name == "one")
        #expect(made.options.username == "user")
        #expect(made.options.password == "pa:ss")
        #expect(made.request("").url == "https://127.0.0.1:8080/base")
        #expect(made.request("more").url == "https://127.0.0.1:8080/base/more")
        #expect(made.request("/more").url == "https://127.0.0.1:8080/base/more")
    }

    @Test func `parameters of a connection win over those of the module`() throws {
        var settings = HTTPClient.Settings()
        settings.timeout = 9
        settings.timeoutMode = 2
        let plain = try self.connection("one=>http://127.0.0.1", settings)
        #expect(plain.timeout == .milliseconds(9))
        #expect(plain.options.followsRedirects)
        #expect(!plain.options.keepsConnection)
        let made = try self.connection(
            "two=>http://127.0.0.1;timeout=3;maxdatasize=10;useragent=me;httpredirect=0;keep_connections=1;failover=one",
            settings)
        #expect(made.timeout == .milliseconds(3))
        #expect(made.bodyLimit == 10)
        #expect(made.options.userAgent == "me")
        #expect(!made.options.followsRedirects)
        #expect(made.options.keepsConnection)
        #expect(made.failover == "one")
    }

    @Test(arguments: [
        "http://127.0.0.1", "=>http://127.0.0.1", "one=>", "one=>ftp://127.0.0.1", "one=>http://",
        "one=>http://127.0.0.1;colour=red", "one=>http://127.0.0.1;timeout=soon", "one=>http://127.0.0.1;timeout",
    ])
    func `what is no connection is refused`(text: String) {
        #expect(throws: (any Error).self) { try self.connection(ByteString(text)) }
    }

    @Test func `a file has a section for each connection`() throws {
        let text = "# all\n[one]\nurl = http://127.0.0.1/a\ntimeout = 2\n\n; next\n[two]\nurl=http://127.0.0.1/b\n"
        let found = try ConnectionFile.parse(text, "file")
        #expect(found.map(\.name) == ["one", "two"])
        #expect(found.map(\.url) == ["http://127.0.0.1/a", "http://127.0.0.1/b"])
        #expect(found[0].parameters == [.init(name: "timeout", value: "2")])
        #expect(throws: ModuleError.self) { try ConnectionFile.parse("url=x\n", "file") }
    }

    @Test func `a failover that does not exist is refused`() {
        let bench = ModuleBench()
        #expect(throws: ModuleError.self) {
            try bench.load(HTTPClient.self, [("httpcon", .text("one=>http://127.0.0.1;failover=two"))])
        }
    }

    @Test func `an unknown connection fails, and its result is empty`() throws {
        let bench = ModuleBench()
        try bench.load(HTTPClient.self)
        let route = try bench.receive(
            "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKown\nFrom: <sip:a@b>;tag=own\nTo: <sip:a@b>\nCall-ID: own\nCSeq: 1 OPTIONS\n\n"
        )
        #expect(try bench.call("http_connect", "none", "/", "$avp(x)", in: route) == -1)
        #expect(route.text(route.attributes.value(.text("x"))) == "")
        #expect(route.text(try bench.read("curlerror", "7", in: route)) == "Couldn't connect to server")
    }
}
