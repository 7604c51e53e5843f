import Bytes
import HTTPTransfer
import Testing

@Suite("HTTP requests on libcurl", .timeLimit(.minutes(2)))
struct HTTPEngineTests {
    private let engine: HTTPEngine
    private let server: LoopbackServer

    init() throws {
        try HTTPLibrary.open()
        self.engine = HTTPEngine(name: "test-http")
        self.server = try LoopbackServer()
    }

    private func ask(_ path: String, _ change: (inout HTTPRequest) -> Void = { _ in }) async -> HTTPResponse {
        var request = HTTPRequest(url: ByteString(self.server.url(path)))
        request.timeout = .seconds(20)
        change(&request)
        return await self.send(request)
    }

    private func send(_ request: HTTPRequest) async -> HTTPResponse {
        await withCheckedContinuation { continuation in
            if !self.engine.send(request, completion: { continuation.resume(returning: $0) }) {
                continuation.resume(returning: HTTPResponse(result: -1))
            }
        }
    }

    @Test func `an answer has its status, reason, header fields and body`() async {
        let response = await self.ask("/lines")
        #expect(response.result == 0)
        #expect(response.status == 200)
        #expect(response.reason == "Very Well")
        #expect(response.body == "one\r\ntwo\r\n")
        #expect(response.values(of: "X-a") == ["1", "2"])
        #expect(response.times.total > 0)
    }

    @Test func `a body makes it a POST, and header lines are added`() async {
        let response = await self.ask("/echo") {
            $0.body = "a=b"
            $0.headers = ["X-One: 1", "Content-Type: text/json"]
            $0.options.userAgent = "agent 7"
        }
        let lines = response.body.string.split(separator: "\n").map(String.init)
        #expect(lines.first == "POST /echo")
        #expect(lines.contains("X-One: 1"))
        #expect(lines.contains("Content-Type: text/json"))
        #expect(lines.contains("User-Agent: agent 7"))
        #expect(lines.last == "a=b")
    }

    @Test func `any method goes, with or without a body`() async {
        let response = await self.ask("/echo") {
            $0.method = "DELETE"
            $0.body = "x"
        }
        #expect(response.body.string.hasPrefix("DELETE /echo\n"))
        let bare = await self.ask("/echo") { $0.method = "PUT" }
        #expect(bare.body.string.hasPrefix("PUT /echo\n"))
    }

    @Test func `redirects are followed only when wanted`() async {
        let stays = await self.ask("/moved")
        #expect(stays.status == 302)
        #expect(stays.redirect == ByteString(self.server.url("/lines")))
        let follows = await self.ask("/moved") { $0.options.followsRedirects = true }
        #expect(follows.status == 200)
        #expect(follows.url == ByteString(self.server.url("/lines")))
        #expect(follows.values(of: "Location").isEmpty)
    }

    @Test func `user and password answer a challenge`() async {
        let response = await self.ask("/secret") {
            $0.options.username = "user"
            $0.options.password = "pass"
        }
        #expect(response.status == 200)
        #expect(response.body == "Basic dXNlcjpwYXNz")
    }

    @Test func `a server that hangs is given up in time`() async {
        let response = await self.ask("/hang") { $0.timeout = .milliseconds(200) }
        #expect(response.result == HTTPResponse.timedOut)
        #expect(response.status == 0)
    }

    @Test func `what cannot be reached or understood is a result, not a status`() async {
        #expect(await self.send(HTTPRequest(url: "http://127.0.0.1:1/")).result == 7)
        #expect(await self.send(HTTPRequest(url: "file:///etc/passwd")).result == HTTPResponse.unsupportedScheme)
        #expect(await self.send(HTTPRequest(url: "")).result != 0)
        #expect(await self.ask("/drop").result == 52)
        #expect(HTTPLibrary.text(of: 7) == "Couldn't connect to server")
    }

    @Test func `an endless answer is cut at the limit and ends the transfer`() async {
        let response = await self.ask("/endless") { $0.bodyLimit = 100_000 }
        #expect(response.result == 0)
        #expect(response.isCut)
        #expect(response.body.count == 100_000)
    }

    @Test func `connections are used again, unless they must not be`() async {
        let first = await self.ask("/port").body
        let second = await self.ask("/port").body
        #expect(first == second)
        let third = await self.ask("/port") { $0.options.keepsConnection = false }.body
        let fourth = await self.ask("/port").body
        #expect(third != fourth)
    }

    @Test func `hundreds of slow requests take the time of one`() async {
        let responses = await withTaskGroup(of: HTTPResponse.self) { group in
            for _ in 0..<300 { group.addTask { await self.ask("/slow?300") } }
            return await group.reduce(into: [HTTPResponse]()) { $0.append($1) }
        }
        #expect(responses.count == 300)
        #expect(responses.allSatisfy { $0.result == 0 && $0.body == "slow" })
        #expect(self.engine.count == 0)
    }

    @Test func `requests past the limit are refused, and so are those after the end`() {
        var limits = HTTPEngine.Limits()
        limits.requests = 2
        let small = HTTPEngine(name: "test-small", limits: limits)
        let request = HTTPRequest(url: ByteString(self.server.url("/hang")))
        #expect(small.send(request) { _ in })
        #expect(small.send(request) { _ in })
        #expect(!small.send(request) { _ in })
        small.stop()
        #expect(!small.send(request) { _ in })
    }
}
