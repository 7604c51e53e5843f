import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import ApusServer

@Suite("Suspended scripts: what is kept")
struct HeldContextTests {
    private static let message = """
        OPTIONS sip:alice@example.org SIP/2.0\r
        Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1\r
        From: <sip:bob@example.org>;tag=1\r
        To: <sip:alice@example.org>\r
        Call-ID: 1\r
        CSeq: 1 OPTIONS\r
        Content-Length: 0\r
        \r

        """

    private let loaded: LoadedServer
    private let worker: Worker
    private let configuration: LoadedConfiguration

    init() throws {
        self.loaded = try LoadedServer("auto_aliases=no\nlisten=udp:127.0.0.1:5060\nrequest_route { exit; }\n")
        self.configuration = try #require(self.loaded.configuration)
        self.worker = Worker(
            index: 0, lane: 0, server: self.loaded.server,
            situation: Situation(self.configuration, descriptors: []))
    }

    private func context(_ text: String = HeldContextTests.message) throws -> RouteContext {
        let socket = try #require(self.loaded.server.sockets.sockets.first)
        let bytes = ByteString(text)
        let message = Message(bytes.span)
        return RouteContext(
            message: try #require(message),
            arrival: Arrival(source: socket.address, socket: socket, time: .zero), worker: self.worker,
            program: self.configuration.program)
    }

    @Test func `every property of a context is kept, or needs not be`() throws {
        let kept: Set<String> = [
            "ownArrival", "plain", "rare", "ownLogRule", "ownProgram", "programFacts", "moduleState", "ownExecution",
            "ownTarget", "ownAttributes", "edits", "replyHeaders", "replyBody", "replyBodyType", "computedArguments",
        ]
        // The message is parsed again; the rest belongs to the worker, or is found out anew.
        let others: Set<String> = [
            "message", "worker", "variables", "scratch", "parsedURI", "settings", "ownSnapshot",
        ]
        let found = Set(Mirror(reflecting: try self.context()).children.compactMap(\.label))
        #expect(found == kept.union(others), "a new property: add it to HeldContext, then here")
    }

    @Test func `what the script decided is there again in another context`() throws {
        final class Note {}
        let first = try self.context()
        first.setRequestURI("sip:carol@example.org")
        first.branches = [BranchTarget(uri: "sip:dave@example.org")]
        first.flags = 5
        first.extendedFlags = 1 << 40
        first.attributes.push(.text("a"), .int(7))
        first.edits.insert(at: first.message.headersEnd, "X-A: 1\r\n")
        first.replyHeaders.append("X-B: 2\r\n")
        first.options.insert(.forceRport)
        first.transaction = 99
        first.branchIndex = 2
        first.returnCode = -3
        let note = Note()
        first.setState(note)
        let held = HeldContext(takingFrom: first)

        let second = try self.context()
        second.message.buffer = held.buffer
        #expect(second.message.parse() == nil)
        second.reset(arrival: held.arrival, program: held.program)
        held.restore(to: second)
        #expect(second.text(second.requestURI) == "sip:carol@example.org")
        #expect(second.branches.first?.uri == "sip:dave@example.org")
        #expect(second.flags == 5)
        #expect(second.extendedFlags == 1 << 40)
        #expect(second.text(second.attributes.value(.text("a"))) == "7")
        #expect(second.edits.count == 1)
        let headers = second.replyHeaders
        let text = ByteString(headers.span)
        #expect(text == "X-B: 2\r\n")
        #expect(second.options.contains(.forceRport))
        #expect(second.transaction == 99)
        #expect(second.branchIndex == 2)
        #expect(second.returnCode == -3)
        #expect(second.state(Note.self) === note)
        #expect(first.state(Note.self) == nil)
    }

    @Test func `the variables of a worker come along, and the other worker's own are back afterwards`() {
        let first = WorkerVariables()
        let second = WorkerVariables()
        first[1] = .int(5)
        first[3] = .text("five")
        second[0] = .int(9)
        let saved = first.save()
        first[1] = .int(6)
        second.with(saved) {
            #expect(second[0].isZero)
            if case .int(let number) = second[1] { #expect(number == 5) } else { Issue.record("no number") }
            second[0] = .int(1)
        }
        if case .int(let number) = second[0] { #expect(number == 9) } else { Issue.record("no number") }
        #expect(second[1].isZero)
    }
}

extension Value {
    fileprivate var isZero: Bool {
        if case .int(0) = self { true } else { false }
    }
}
