import Bytes
import ModuleKit
import SIPTesting
import Testing

@testable import usrloc

@Suite("usrloc: signs of life (ka_*)")
struct KeepaliveTests {
    /// A location table with a contact, and what keeps it alive.
    private struct Scene {
        let bench = ModuleBench()
        let location: UserLocation

        init(_ parameters: [(String, ParameterValue)], flags: Int = 0, path: String = ".") throws {
            self.location = try self.bench.load(
                UserLocation.self,
                [("preload", .text("location")), ("ka_interval", .int(1)), ("nat_bflag", .int(3))] + parameters)
            // Commands go by the clock of the machine.
            self.bench.worker.now = .now()
            _ = try self.bench.call(
                "ul.add",
                [
                    .string("location"), .string("alice"), .string("sip:alice@192.0.2.7:5070"), .int(100),
                    .double(0.5), .string(path), .int(0), .int(flags), .int(32),
                ])
        }

        /// Lets an interval pass.
        func turn(seconds: Int = 0) {
            self.bench.worker.advance(seconds: seconds)
            for task in self.location.hooks.periodic where task.name == "usrloc keepalive" {
                for _ in 0..<1_200 { task.body(self.bench.worker) }
            }
        }

        var requests: [String] { self.bench.sent.filter { !$0.hasPrefix("SIP/2.0") } }

        func field(_ name: String) throws -> RPCValue? {
            guard
                case .structure(let members)? = try self.bench.call(
                    "ul.lookup", [.string("location"), .string("alice")]
                ).first,
                case .structure(let contacts)? = members.last?.value,
                case .structure(let fields)? = contacts.first?.value
            else { return nil }
            return fields.first { $0.name == name }?.value
        }

        /// Has the contact answer a request.
        func answer(_ request: String, _ status: String) throws -> Outcome? {
            let copied = request.split(separator: "\n").filter { line in
                ["Via", "From", "To", "Call-ID", "CSeq"].contains { line.hasPrefix($0 + ":") }
            }
            let route = try self.bench.receive("SIP/2.0 \(status)\n" + copied.joined(separator: "\n") + "\n")
            return self.location.hooks.replyArrived?(route)
        }
    }

    @Test func `every contact is asked, with the method and the names of the configuration`() throws {
        let scene = try Scene([
            ("ka_mode", .int(1)), ("ka_from", .text("sip:own@example.org")), ("ka_domain", .text("example.net")),
            ("ka_method", .text("INFO")),
        ])
        scene.turn()
        let request = try #require(scene.requests.first)
        #expect(request.hasPrefix("INFO sip:alice@192.0.2.7:5070 SIP/2.0\n"))
        #expect(request.contains("\nFrom: <sip:own@example.org>;tag=uloc-"))
        #expect(request.contains("\nTo: <sip:alice@example.net>\n"))
        #expect(request.contains(" INFO\nMax-Forwards: 70\n"))
        #expect(scene.bench.worker.sent.first?.destination.address.description == "192.0.2.7:5070")
    }

    @Test func `a contact behind a path is asked through it`() throws {
        let scene = try Scene([("ka_mode", .int(1))], path: "<sip:192.0.2.99;lr>")
        scene.turn()
        #expect(scene.requests.first?.contains("\nRoute: <sip:192.0.2.99;lr>\n") == true)
        #expect(scene.bench.worker.sent.first?.destination.address.description == "192.0.2.99:5060")
    }

    @Test(arguments: [(0, 0, false), (1, 0, true), (2, 0, false), (2, 8, true), (6, 8, true), (4, 8, false)])
    func `ka_mode says who is asked`(mode: Int, flags: Int, isAsked: Bool) throws {
        let scene = try Scene([("ka_mode", .int(mode))], flags: flags)
        scene.turn()
        #expect(scene.requests.isEmpty == !isAsked)
    }

    @Test func `an answer is noted with the time it took`() throws {
        let scene = try Scene([("ka_mode", .int(1)), ("ka_loglevel", .int(0)), ("ka_logmsg", .text("alive: $ru"))])
        scene.turn()
        let request = try #require(scene.requests.first)
        scene.bench.worker.now = scene.bench.worker.now + .milliseconds(70)
        #expect(try scene.answer(request, "404 Not Found") != nil)
        guard case .int(let took)? = try scene.field("KA-Roundtrip") else {
            Issue.record("no time")
            return
        }
        #expect(took >= 70_000)
        #expect(scene.bench.log.contains { $0.contains("alive: ") })
    }

    @Test func `answers of other requests are left alone`() throws {
        let scene = try Scene([("ka_mode", .int(1))])
        scene.turn()
        let request = try #require(scene.requests.first)
        #expect(try scene.answer(request.replacing("tag=uloc-", with: "tag=own-"), "200 OK") == nil)
        for tag in ["ulcx-", "uloc-", "uloc-1-2-3-", "uloc--", "uloc-1-2-3-ffffffffffffffffff"] {
            let from = request.split(separator: "\n").map {
                $0.hasPrefix("From:") ? "From: <sip:a@b>;tag=\(tag)" : String($0)
            }
            _ = try scene.answer(from.joined(separator: "\n"), "200 OK")
        }
        #expect(try scene.field("KA-Roundtrip") == .int(0))
    }

    @Test func `only the codes of ka_reply_codes are signs of life`() throws {
        let scene = try Scene([("ka_mode", .int(1)), ("ka_reply_codes", .text("200, 4"))])
        scene.turn()
        let request = try #require(scene.requests.first)
        scene.bench.worker.now = scene.bench.worker.now + .milliseconds(5)
        _ = try scene.answer(request, "500 Server Error")
        #expect(try scene.field("KA-Roundtrip") == .int(0))
        _ = try scene.answer(request, "481 Gone")
        #expect(try scene.field("KA-Roundtrip") != .int(0))
    }

    @Test func `a contact that is silent for ka_timeout seconds is removed`() throws {
        let scene = try Scene([("ka_mode", .int(1)), ("ka_timeout", .int(10))])
        scene.turn(seconds: 9)
        #expect(try scene.field("Address") != nil)
        scene.turn(seconds: 2)
        #expect(throws: RPCFault.self) { try scene.field("Address") }
    }

    @Test(arguments: [
        ("ka_method", ParameterValue.text("")), ("ka_method", .text("A B")), ("ka_reply_codes", .text("2x")),
        ("ka_mode", .int(8)), ("ka_interval", .int(0)),
    ])
    func `what means nothing is refused`(name: String, value: ParameterValue) {
        #expect(throws: (any Error).self) { try Scene([("ka_mode", .int(1)), (name, value)]) }
    }
}
