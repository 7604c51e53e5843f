import ModuleKit
import SIPTesting
import Testing

@testable import rr

@Suite("rr: a second Route that names no socket")
struct MismatchTests {
    private func log(_ parameters: [(String, ParameterValue)], second: String) throws -> [String] {
        let bench = try RecordRouteTests.bench(parameters)
        let route = try bench.receive(
            """
            BYE sip:bob@192.0.2.9 SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
            Route: <sip:127.0.0.1;lr;r2=on>, <\(second);lr;r2=on>
            From: <sip:alice@example.org>;tag=a1
            To: <sip:bob@example.org>;tag=b1
            Call-ID: c1
            CSeq: 1 BYE

            """)
        #expect(try bench.call("loose_route", in: route) == 1)
        return bench.log.filter { $0.contains("no socket matches") }
    }

    @Test func `is logged, unless enable_socket_mismatch_warning is 0`() throws {
        #expect(try self.log([], second: "sip:127.0.0.1:5099").count == 1)
        #expect(try self.log([("enable_socket_mismatch_warning", .int(0))], second: "sip:127.0.0.1:5099").isEmpty)
        #expect(try self.log([], second: "sip:127.0.0.1:5080").isEmpty)
    }
}
