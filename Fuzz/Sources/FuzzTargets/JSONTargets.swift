import Bytes
import ControlProtocol
import ModuleKit
import jsonrpcs

/// Documents of JSON-RPC.
enum JSONTargets {
    private static let held = Lock<(server: FuzzServer?, runs: Int)>((nil, 0))
    private static let runs = 500

    static func run(_ bytes: [UInt8]) {
        self.frame(bytes)
        guard let value = try? JSONReader.value(bytes) else { return }
        for isPretty in [false, true] {
            let written = JSONWriter.text(value, isPretty: isPretty)
            // Escapes make it longer, and bytes that are no UTF-8: too long for the reader, maybe.
            guard written.count <= JSONReader.byteLimit, case let again? = try? JSONReader.value(written.bytes) else {
                claim(written.count > JSONReader.byteLimit, "what was written is no JSON")
                continue
            }
            claim(JSONWriter.text(again, isPretty: isPretty) == written, "read to something else")
        }
        self.carryOut(bytes)
    }

    /// Documents end at the same places however the stream is cut.
    private static func frame(_ bytes: [UInt8]) {
        var whole = JSONFramer()
        let framing = whole.frame(bytes)
        if case .document(let count) = framing { claim(count > 0 && count <= bytes.count, "longer than the bytes") }
        var pieces = JSONFramer()
        for end in stride(from: 1, to: bytes.count, by: max(bytes.count / 8, 1)) {
            let early = pieces.frame(Array(bytes.prefix(end)))
            guard early == .incomplete else { return claim(framing != .incomplete, "an end that the whole has not") }
        }
        claim(pieces.frame(bytes) == framing, "another framing")
    }

    /// As a script does: the document is the body of a message.
    private static func carryOut(_ bytes: [UInt8]) {
        guard let request = try? JSONRPCRequest(bytes), !CommandTargets.left.contains(request.method.string) else {
            return
        }
        self.held.withLock { held in
            held.runs += 1
            if held.runs % self.runs == 0 { held.server = nil }
            let server = held.server ?? self.made()
            held.server = server
            let head = """
                MESSAGE sip:json@example.org SIP/2.0\r
                Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\(held.runs)\r
                From: <sip:ann@example.org>;tag=1\r
                To: <sip:ann@example.org>\r
                Call-ID: json\(held.runs)\r
                CSeq: 1 MESSAGE\r
                Content-Length: \(bytes.count)\r
                \r

                """
            server.receive(Array(head.utf8) + bytes, from: 0)
            server.forget()
        }
    }

    private static func made() -> FuzzServer {
        FuzzServer("jsonrpc.cfg", self.script)
    }

    private static let script = """
        loadmodule "pv.so"
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "usrloc.so"
        loadmodule "htable.so"
        loadmodule "cfg_rpc.so"
        loadmodule "counters.so"
        loadmodule "kex.so"
        loadmodule "corex.so"
        loadmodule "jsonrpcs.so"
        modparam("htable", "htable", "t=>size=4;")
        request_route {
            if (jsonrpc_exec("$rb")) $var(n) = $jsonrpl(code) + $(jsonrpl(body){s.len});
            sl_send_reply("200", "$jsonrpl(text)");
            exit;
        }
        """
}
