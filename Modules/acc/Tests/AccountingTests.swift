import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import acc
@testable import tm

@Suite("acc: which events give which lines")
struct AccountingTests {
    static let flags: [(String, ParameterValue)] = [
        ("log_flag", .int(1)), ("log_missed_flag", .int(2)), ("failed_transaction_flag", .int(3)),
        ("failed_filter", .text("404, 407")),
        ("log_extra", .text("who=$avp(user); none=$avp(none)")),
    ]

    struct Scene {
        let bench = ModuleBench()
        let module: Accounting

        init(_ more: [(String, ParameterValue)] = []) throws {
            try self.bench.load(Transactions.self)
            self.module = try self.bench.load(Accounting.self, AccountingTests.flags + more)
        }

        func request(_ method: String = "INVITE", flags: [UInt32], toTag: String = "") throws -> RouteContext {
            let route = try self.bench.receive(
                """
                \(method) sip:bob@192.0.2.9 SIP/2.0
                Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
                Route: <sip:127.0.0.1;lr;ftag=a1>
                From: <sip:alice@example.org>;tag=a1
                To: <sip:bob@example.org>\(toTag)
                Call-ID: c1
                CSeq: 1 \(method)

                """)
            for flag in flags { route.flags |= 1 << flag }
            route.attributes.push(.text("user"), .text("alice"))
            return route
        }

        /// Lines after the reply, without the time.
        func lines(_ code: Int, _ reason: String, for route: RouteContext, isLocal: Bool = true) -> [String] {
            self.module.replied(
                route,
                TransactionReplyEvent(
                    code: code, reason: ByteString(reason), toTag: "t1", isLocal: isLocal, bytes: ByteString()))
            return self.logged
        }

        var logged: [String] {
            self.bench.log.map { line in
                var parts = line.split(separator: ";", omittingEmptySubsequences: false)
                if let first = parts.first, let cut = first.firstIndex(of: "=") { parts[0] = first[...cut] }
                return parts.joined(separator: ";")
            }
        }
    }

    @Test func `a 2xx of a marked transaction gives the line that existing parsers expect`() throws {
        let scene = try Scene()
        let lines = scene.lines(200, "All Fine", for: try scene.request(flags: [1]))
        #expect(
            lines == [
                "NOTICE: ACC: transaction answered: timestamp=;method=INVITE;from_tag=a1;to_tag=t1;call_id=c1;code=200;"
                    + "reason=All Fine;who=alice;none="
            ])
    }

    @Test func `a failed call is missed, and answered only with the failure flag`() throws {
        let missed = try Scene()
        let first = missed.lines(486, "Busy Here", for: try missed.request(flags: [1, 2]))
        #expect(first.count == 1 && first[0].hasPrefix("NOTICE: ACC: call missed: timestamp=;method=INVITE;"))
        let both = try Scene()
        let second = both.lines(486, "Busy Here", for: try both.request(flags: [1, 2, 3]))
        #expect(second.map { $0.contains("call missed") } == [true, false])
        let filtered = try Scene()
        #expect(filtered.lines(407, "Who are you", for: try filtered.request(flags: [1, 3])).isEmpty)
    }

    @Test func `nothing is written without a flag, nor for a failed request that is no INVITE`() throws {
        let scene = try Scene()
        #expect(scene.lines(200, "OK", for: try scene.request(flags: [])).isEmpty)
        #expect(scene.lines(480, "No", for: try scene.request("MESSAGE", flags: [1, 2])).isEmpty)
    }

    @Test func `a local reply inside a dialog repeats the tag of the request`() throws {
        let scene = try Scene()
        let lines = scene.lines(200, "OK", for: try scene.request("BYE", flags: [1], toTag: ";tag=x9"))
        #expect(lines.first?.contains("to_tag=x9;") == true)
    }

    @Test func `CANCEL transactions are watched only with report_cancels`() throws {
        let quiet = try Scene()
        #expect(!quiet.module.wants(try quiet.request("CANCEL", flags: [1])))
        let open = try Scene([("report_cancels", .int(1))])
        #expect(open.module.wants(try open.request("CANCEL", flags: [1])))
        #expect(!open.module.wants(try open.request(flags: [7])))
    }

    @Test func `a comment begins with a code or is all reason`() throws {
        let scene = try Scene()
        let route = try scene.request(flags: [])
        #expect(try scene.bench.call("acc_log_request", "404 Not There", in: route) == 1)
        #expect(try scene.bench.call("acc_log_request", "just text", in: route) == 1)
        #expect(scene.logged.map { $0.hasPrefix("NOTICE: ACC: request accounted: timestamp=;") } == [true, true])
        #expect(scene.logged[0].contains(";to_tag=;call_id=c1;code=404;reason=Not There;"))
        #expect(scene.logged[1].contains(";code=;reason=just text;"))
    }

    @Test func `a marked ACK inside a dialog is written`() throws {
        let scene = try Scene([("report_ack", .int(1))])
        scene.module.acknowledged(try scene.request("ACK", flags: [], toTag: ";tag=b2"))
        #expect(scene.logged.isEmpty)
        scene.module.acknowledged(try scene.request("ACK", flags: [1], toTag: ";tag=b2"))
        #expect(
            scene.logged.first?.contains("request acknowledged: timestamp=;method=ACK;from_tag=a1;to_tag=b2") == true)
    }

    @Test func `detect_direction swaps the tags of what the callee sends`() throws {
        let scene = try Scene([("detect_direction", .int(1))])
        let route = try scene.bench.receive(
            """
            BYE sip:alice@192.0.2.9 SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
            Route: <sip:127.0.0.1;lr;ftag=a1>
            From: <sip:bob@example.org>;tag=b2
            To: <sip:alice@example.org>;tag=a1
            Call-ID: c1
            CSeq: 1 BYE

            """)
        route.flags = 2
        #expect(scene.lines(200, "OK", for: route).first?.contains("from_tag=a1;to_tag=b2;") == true)
    }

    @Test func `log_extra takes variables only`() throws {
        for text in ["who", "who=alice", "=$avp(x)", "a=$nosuch"] {
            let bench = ModuleBench()
            try bench.load(Transactions.self)
            #expect(throws: ModuleError.self) {
                try bench.load(Accounting.self, [("log_extra", .text(ByteString(text)))])
            }
        }
    }

    @Test(arguments: [
        (0, "timestamp=1795489282"), (1, "timestamp=1795489282;texten=5090"),
        (2, "timestamp=1795489282;tattr=1795489282.005"), (4, "timestamp=1795489282;tattr=2026-11-24 03:01:22"),
    ]) func `time_mode adds the time in another form`(mode: Int, expected: String) {
        var settings = Accounting.Settings()
        settings.timeMode = mode
        settings.timeAttribute = "tattr"
        settings.timeExtension = "texten"
        let out = ByteBuffer()
        AccountingClock(settings).write(to: out, microseconds: 1_795_489_282_005_090)
        #expect(ByteString(out.span).string == expected)
    }
}
