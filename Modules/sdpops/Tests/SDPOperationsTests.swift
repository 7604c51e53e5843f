import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import sdpops

/// A message with a body, and what becomes of it.
struct SDPScene {
    static let full = """
        v=0
        o=alice 2890844526 2890842807 IN IP4 10.0.0.1
        s=-
        c=IN IP4 10.0.0.2
        t=0 0
        a=group:BUNDLE 0 1
        m=audio 49170 RTP/AVP 0 8 97 101
        b=AS:64
        a=rtpmap:0 PCMU/8000
        a=rtpmap:97 iLBC/8000
        a=rtpmap:101 telephone-event/8000
        a=fmtp:97 mode=20
        a=fmtp:101 0-15
        a=X-foo:bar
        a=sendrecv
        a=candidate:1 1 UDP 2130706431 10.0.0.2 49170 typ host
        m=video 51372 RTP/SAVP 31 32 99
        c=IN IP4 10.0.0.3
        a=rtpmap:99 H264/90000
        a=rtcp-fb:99 nack
        a=rtcp:51400
        a=inactive

        """

    let bench: ModuleBench
    let route: RouteContext

    init(_ body: String = full, type: String? = "application/sdp") throws {
        self.bench = ModuleBench()
        try self.bench.load(SDPOperations.self)
        let header = type.map { "Content-Type: \($0)\n" } ?? ""
        self.route = try self.bench.receive(
            "INVITE sip:bob@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 INVITE\n\(header)\n\(body)")
    }

    func call(_ name: String, _ arguments: String...) throws -> Int {
        switch arguments.count {
        case 0: try self.bench.call(name, in: self.route)
        case 1: try self.bench.call(name, arguments[0], in: self.route)
        default: try self.bench.call(name, arguments[0], arguments[1], in: self.route)
        }
    }

    /// Lines that a call took out (`-`) and put in (`+`).
    func changes() -> [String] {
        func lines(_ text: String) -> [String] { text.replacingCRLF.split(separator: "\n").map(String.init) }
        let message = self.route.message
        let before = lines(self.route.copy(message.body).string)
        let buffer = ByteBuffer()
        MessageWriter.write(message, self.route.edits, into: buffer)
        let written = ByteString(buffer.span).string
        let body = written.range(of: "\r\n\r\n").map { String(written[$0.upperBound...]) } ?? ""
        let after = lines(body)
        let difference = after.difference(from: before)
        return difference.removals.map(Self.text) + difference.insertions.map(Self.text)
    }

    private static func text(_ change: CollectionDifference<String>.Change) -> String {
        switch change {
        case .insert(_, let line, _): "+" + line
        case .remove(_, let line, _): "-" + line
        }
    }

    func read(_ key: String) throws -> Value { try self.bench.read("sdp", key, in: self.route) }
    func text(_ key: String) throws -> String { self.route.text(try self.read(key)).string }
    func avp(_ name: String) -> String { self.route.text(self.route.attributes.value(.text(ByteString(name)))).string }
}

extension String {
    /// Without Foundation.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = self.startIndex
        while start < self.endIndex {
            if self[start...].hasPrefix(text) { return start..<self.index(start, offsetBy: text.count) }
            start = self.index(after: start)
        }
        return nil
    }
}

@Suite("sdpops")
struct SDPOperationsTests {
    private static let malformed = [
        "", "hello\n", "v=0\n", "o=a 1 2 IN IP4 1.1.1.1\nc=IN IP4 1.1.1.1\nm=audio 1 RTP/AVP 0\n",
        "v=0\no=a 1 2 IN IP4 1.1.1.1\ns=-\nt=0 0\nm=audio 1 RTP/AVP 0\n",
        "v=0\no=a 1 2 IN IP4 1.1.1.1\nc=IN IP4 1.1.1.1\nt=0 0\n",
        "v=0\no=a 1 2 IN IP4 1.1.1.1\nc=IN IP4 1.1.1.1\nm=audio\n", "v=0\no=a\nc=IN IP4 1.1.1.1\nm=audio 1 RTP/AVP 0\n",
        "v=0\no=a 1 2 IN IP4 1.1.1.1\nc=junk\nm=audio 1 RTP/AVP 0\n",
        "v=0\no=a 1 2 IN IP4 1.1.1.1\nc=IN IP4 1.1.1.1\nm=audio 5 RTP/AVP 0\nm=audio\n", "v=0\nm=\no=\nc=\n",
    ]

    @Test(arguments: Self.malformed)
    func `what is no session description gives negative codes and changes nothing`(_ body: String) throws {
        let scene = try SDPScene(body)
        for name in [
            "sdp_with_media", "sdp_with_active_media", "sdp_with_transport", "sdp_with_transport_like",
            "sdp_with_codecs_by_name", "sdp_remove_codecs_by_id", "sdp_remove_codecs_by_name", "sdp_keep_codecs_by_id",
            "sdp_keep_codecs_by_name", "sdp_remove_line_by_prefix", "sdp_remove_media", "sdp_remove_transport",
        ] { #expect(try scene.call(name, "audio") == -1, "\(name)") }
        #expect(try scene.call("sdp_with_codecs_by_id", "0") == -2)
        #expect(try scene.call("sdp_transport", "$avp(t)") == -1)
        for name in ["sdp_with_ice", "sdp_content", "sdp_get_address_family"] { #expect(try scene.call(name) == -1) }
        #expect(try scene.call("sdp_print", "1") == -1)
        #expect(try scene.call("sdp_get", "$avp(s)") == (body.isEmpty ? -2 : -1))
        #expect(try scene.call("sdp_get_line_startswith", "$avp(s)", "m=") == (body.isEmpty ? -2 : -1))
        #expect(try scene.read("body").isNull)
        #expect(try scene.read("sess_version").isNull)
        #expect(try !scene.bench.write("sdp", "sess_version", .int(-1), in: scene.route))
        #expect(scene.route.edits.isEmpty)
    }

    @Test func `another body is none, whatever it looks like`() throws {
        let scene = try SDPScene(type: "text/plain")
        #expect(try scene.call("sdp_content") == -1)
        #expect(try scene.call("sdp_content", "sloppy") == -1)
        #expect(try scene.call("sdp_get", "$avp(s)") == -1)
        let untyped = try SDPScene(type: nil)
        #expect(try untyped.call("sdp_content") == -1)
    }

    @Test func `by type alone a broken one is one`() throws {
        let scene = try SDPScene("v=0\n")
        #expect(try scene.call("sdp_content") == -1)
        #expect(try scene.call("sdp_content", "sloppy") == 1)
    }

    @Test(arguments: [
        ("sdp_with_media", "audio", 1), ("sdp_with_media", "AUDIO", 1), ("sdp_with_media", "text", -1),
        ("sdp_with_media", "aud", -1), ("sdp_with_active_media", "audio", 1), ("sdp_with_active_media", "video", -1),
        ("sdp_with_active_media", "text", -1), ("sdp_with_transport", "RTP/AVP", 1),
        ("sdp_with_transport", "rtp/avp", 1), ("sdp_with_transport", "RTP/SAVPF", -1),
        ("sdp_with_transport_like", "SAVP", 1), ("sdp_with_transport_like", "savp", -1),
        ("sdp_with_transport_like", "", -1), ("sdp_with_transport_like", "RTP/SAVPPPP", -1),
        ("sdp_with_codecs_by_id", "0", 2), ("sdp_with_codecs_by_id", "1,2", -1), ("sdp_with_codecs_by_id", "1, 99", 2),
        ("sdp_with_codecs_by_id", "0,99", 2), ("sdp_with_codecs_by_name", "PCMU", 2),
        ("sdp_with_codecs_by_name", "pcma", 2), ("sdp_with_codecs_by_name", "GSM,iLBC", 2),
        ("sdp_with_codecs_by_name", "H264 , PCMU", 2), ("sdp_with_codecs_by_name", "G729", -1),
        ("sdp_with_codecs_by_name", "H261", -1), ("sdp_with_codecs_by_name", "", -1),
    ])
    func `questions`(_ name: String, _ argument: String, _ expected: Int) throws {
        #expect(try SDPScene().call(name, argument) == expected)
    }

    @Test func `questions about the whole`() throws {
        let scene = try SDPScene()
        #expect(try scene.call("sdp_with_ice") == 1)
        #expect(try scene.call("sdp_content") == 1)
        #expect(try scene.call("sdp_get_address_family") == 4)
        #expect(try scene.call("sdp_transport", "$avp(t)") == -2)
        #expect(try scene.call("sdp_print", "1") == 1)
        #expect(scene.bench.log.contains("NOTICE: sdp: video port 51372 RTP/SAVP 31 32 99"))
    }

    @Test func `an address of a medium is none of the session, and port 0 is no stream`() throws {
        let scene = try SDPScene(
            "junk\nv=0\no=a 1 2 IN IP4 1.1.1.1\nm=audio 0 RTP/AVP 0\nc=IN IP6 ::1\nm=audio 6/2 RTP/AVP\nc=IN IP6 ::1\n")
        #expect(try scene.call("sdp_get_address_family") == -1)
        #expect(try scene.call("sdp_with_active_media", "audio") == 1)
        #expect(try scene.call("sdp_transport", "$avp(t)") == 1)
        #expect(scene.avp("t") == "RTP/AVP")
        #expect(try scene.text("c:ip") == "::1")
        #expect(try scene.text("c:af") == "IP6")
        #expect(try scene.call("sdp_with_ice") == -1)
    }

    @Test func `the description and its lines go into variables`() throws {
        let scene = try SDPScene()
        #expect(try scene.call("sdp_get", "$avp(sdp)") == 1)
        #expect(scene.avp("sdp").replacingCRLF == SDPScene.full)
        #expect(try scene.call("sdp_get_line_startswith", "$avp(l)", "m=") == 1)
        #expect(scene.avp("l") == "m=audio 49170 RTP/AVP 0 8 97 101")
        #expect(try scene.call("sdp_get_line_startswith", "$avp(l)", "a=rtpmap:97") == 1)
        #expect(scene.avp("l") == "a=rtpmap:97 iLBC/8000")
        #expect(try scene.call("sdp_get_line_startswith", "$avp(l)", "zz") == -1)
        #expect(try scene.call("sdp_get_line_startswith", "$avp(l)", "") == -1)
    }

    @Test func `variables`() throws {
        let scene = try SDPScene()
        #expect(try scene.text("body").replacingCRLF == SDPScene.full)
        #expect(try scene.text("raw").replacingCRLF == SDPScene.full)
        for (key, value) in [
            ("sess_version", "2890842807"), ("c:ip", "10.0.0.2"), ("c:af", "IP4"), ("o:ip", "10.0.0.1"),
            ("m0:rtp:port", "49170"), ("m0:rtcp:port", "49171"), ("m0:b:AS", "64"),
        ] { #expect(try scene.text(key) == value, "\(key)") }
        #expect(try scene.text("m0:raw").hasPrefix("m=audio"))
        #expect(try scene.text("m0:raw").hasSuffix("typ host\r\n"))
        #expect(try scene.read("m0:b:RR").isNull)
        #expect(throws: ArgumentError.self) { try scene.read("m9:raw") }
    }

    @Test func `the version grows when it is set to -1`() throws {
        let scene = try SDPScene()
        #expect(try scene.bench.write("sdp", "sess_version", .int(-1), in: scene.route))
        #expect(
            scene.changes() == [
                "-o=alice 2890844526 2890842807 IN IP4 10.0.0.1", "+o=alice 2890844526 2890842808 IN IP4 10.0.0.1",
            ])
        #expect(try scene.text("sess_version") == "2890842807")
        #expect(try !scene.bench.write("sdp", "sess_version", .int(7), in: scene.route))
        let other = try SDPScene()
        #expect(try other.bench.write("sdp", "sess_version", .int(7), in: other.route))
        #expect(other.changes().last == "+o=alice 2890844526 7 IN IP4 10.0.0.1")
        #expect(try !other.bench.write("sdp", "sess_version", .bytes("x"), in: other.route))
        #expect(try !other.bench.write("sdp", "body", .bytes("x"), in: other.route))
    }
}
