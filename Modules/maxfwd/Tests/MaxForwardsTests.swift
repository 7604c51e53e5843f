import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import maxfwd

@Suite("RFC 3261 §16.6 step 3: Max-Forwards")
struct MaxForwardsTests {
    static func call(
        _ header: String, limit: Int = 70
    ) throws -> (code: Int, text: String, bench: ModuleBench, route: RouteContext) {
        let bench = ModuleBench()
        try bench.load(MaxForwards.self, [("max_limit", .int(limit))])
        let route = try bench.receive(
            "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\n\(header)CSeq: 1 OPTIONS\n"
        )
        let code = try bench.call("mf_process_maxfwd_header", "10", in: route)
        let buffer = ByteBuffer()
        MessageWriter.write(route.message, route.edits, into: buffer)
        return (code, ByteString(buffer.span).string.replacingCRLF, bench, route)
    }

    @Test(arguments: [
        ("Max-Forwards: 70\n", 70, 1, "Max-Forwards: 69\n"),
        ("Max-Forwards: 1\n", 70, 1, "Max-Forwards: 0\n"),
        ("Max-Forwards: 10\n", 70, 1, "Max-Forwards:  9\n"),
        ("Max-Forwards: 200\n", 70, 1, "Max-Forwards:  70\n"),
        ("Max-Forwards: 0\n", 70, -1, "Max-Forwards: 0\n"),
        ("Max-Forwards: x\n", 70, -2, "Max-Forwards: x\n"),
        ("Max-Forwards: 256\n", 70, 1, "Max-Forwards:  70\n"),
        ("", 70, 2, "Max-Forwards: 10\n"),
    ])
    func `a hop is taken, or the field is added`(_ header: String, _ limit: Int, _ code: Int, _ expected: String) throws
    {
        let result = try Self.call(header, limit: limit)
        #expect(result.code == code)
        #expect(result.text.contains(expected))
        #expect(result.text.components("Max-Forwards") == 1)
    }

    @Test(arguments: [
        ("Max-Forwards: 2\n", 1), ("Max-Forwards: 3\n", -1), ("Max-Forwards:\n", 1), ("", -2),
        ("Max-Forwards: x\n", -3), ("Max-Forwards: -1\n", -3), ("Max-Forwards: 4294967296\n", -3),
    ])
    func `the count is compared`(_ header: String, _ code: Int) throws {
        let bench = ModuleBench()
        try bench.load(MaxForwards.self)
        let route = try bench.receive(
            "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\n\(header)CSeq: 1 OPTIONS\n")
        for name in ["is_maxfwd_lt", "maxfwd_at_least", "mf_lowlimit"] {
            #expect(try bench.call(name, "3", in: route) == code)
        }
    }

    @Test func `a field without a value has no hops left`() throws {
        #expect(try Self.call("Max-Forwards:\n").code == -1)
    }

    @Test func `the script sees the hop taken, and can take another`() throws {
        let (_, _, bench, route) = try Self.call("Max-Forwards: 70\n")
        #expect(route.message.maxForwards == 69)
        #expect(try bench.call("process_maxfwd", "10", in: route) == 1)
        #expect(route.message.maxForwards == 68)
        #expect(try bench.call("is_maxfwd_lt", "69", in: route) == 1)
        #expect(try bench.call("is_maxfwd_lt", "68", in: route) == -1)
    }

    @Test func `a count that grows shorter stays readable`() throws {
        let (_, _, bench, route) = try Self.call("Max-Forwards: 10\n")
        #expect(route.message.maxForwards == 9)
        #expect(route.message.text(route.message.value(.maxForwards)) == "9")
        #expect(try bench.call("mf_process_maxfwd_header", "10", in: route) == 1)
        #expect(route.message.maxForwards == 8)
    }

    @Test func `a field that was just added counts, and is added once`() throws {
        let (_, _, bench, route) = try Self.call("")
        #expect(try bench.call("is_maxfwd_lt", "11", in: route) == 1)
        #expect(try bench.call("is_maxfwd_lt", "10", in: route) == -1)
        #expect(try bench.call("mf_process_maxfwd_header", "10", in: route) == 2)
        #expect(route.edits.count == 1)
    }
}

extension String {
    /// How often `text` occurs.
    func components(_ text: String) -> Int { self.ranges(of: text).count }
}
