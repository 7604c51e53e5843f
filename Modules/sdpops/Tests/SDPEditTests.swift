import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import sdpops

@Suite("sdpops: edits")
struct SDPEditTests {
    @Test(
        arguments: [
            (
                "sdp_remove_codecs_by_id", ["0"],
                ["-m=audio 49170 RTP/AVP 0 8 97 101", "-a=rtpmap:0 PCMU/8000", "+m=audio 49170 RTP/AVP 8 97 101"]
            ),
            (
                "sdp_remove_codecs_by_id", ["0,97", "audio"],
                [
                    "-m=audio 49170 RTP/AVP 0 8 97 101", "-a=rtpmap:0 PCMU/8000", "-a=rtpmap:97 iLBC/8000",
                    "-a=fmtp:97 mode=20", "+m=audio 49170 RTP/AVP 8 101",
                ]
            ),
            ("sdp_remove_codecs_by_id", ["99", "audio"], []), ("sdp_remove_codecs_by_id", ["55"], []),
            (
                "sdp_remove_codecs_by_name", ["pcma"],
                ["-m=audio 49170 RTP/AVP 0 8 97 101", "+m=audio 49170 RTP/AVP 0 97 101"]
            ),
            (
                "sdp_remove_codecs_by_name", ["H264"],
                [
                    "-m=video 51372 RTP/SAVP 31 32 99", "-a=rtpmap:99 H264/90000", "-a=rtcp-fb:99 nack",
                    "+m=video 51372 RTP/SAVP 31 32",
                ]
            ),
            (
                "sdp_keep_codecs_by_id", ["0,8", "audio"],
                [
                    "-m=audio 49170 RTP/AVP 0 8 97 101", "-a=rtpmap:97 iLBC/8000", "-a=rtpmap:101 telephone-event/8000",
                    "-a=fmtp:97 mode=20", "-a=fmtp:101 0-15", "+m=audio 49170 RTP/AVP 0 8",
                ]
            ),
            (
                "sdp_keep_codecs_by_name", ["PCMU,telephone-event"],
                [
                    "-m=audio 49170 RTP/AVP 0 8 97 101", "-a=rtpmap:97 iLBC/8000", "-a=fmtp:97 mode=20",
                    "-m=video 51372 RTP/SAVP 31 32 99", "-a=rtpmap:99 H264/90000", "-a=rtcp-fb:99 nack",
                    "+m=audio 49170 RTP/AVP 0 101", "+m=video 51372 RTP/SAVP",
                ]
            ),
            ("sdp_remove_line_by_prefix", ["a=X-"], ["-a=X-foo:bar"]),
            ("sdp_remove_line_by_prefix", ["a=rtpmap", "video"], ["-a=rtpmap:99 H264/90000"]),
            ("sdp_remove_line_by_prefix", ["c="], ["-c=IN IP4 10.0.0.2", "-c=IN IP4 10.0.0.3"]),
            ("sdp_remove_line_by_prefix", ["zzz"], []),
            (
                "sdp_remove_media", ["video"],
                [
                    "-m=video 51372 RTP/SAVP 31 32 99", "-c=IN IP4 10.0.0.3", "-a=rtpmap:99 H264/90000",
                    "-a=rtcp-fb:99 nack", "-a=rtcp:51400", "-a=inactive",
                ]
            ),
            (
                "sdp_remove_transport", ["rtp/savp"],
                [
                    "-m=video 51372 RTP/SAVP 31 32 99", "-c=IN IP4 10.0.0.3", "-a=rtpmap:99 H264/90000",
                    "-a=rtcp-fb:99 nack", "-a=rtcp:51400", "-a=inactive",
                ]
            ),
        ] as [(String, [String], [String])])
    func `removals`(_ name: String, _ arguments: [String], _ expected: [String]) throws {
        let scene = try SDPScene()
        #expect(
            try (arguments.count == 1 ? scene.call(name, arguments[0]) : scene.call(name, arguments[0], arguments[1]))
                == 1)
        #expect(scene.changes() == expected)
        // What was received can still be read.
        #expect(try scene.text("body").replacingCRLF == SDPScene.full)
    }

    @Test func `media that are not there cannot be removed`() throws {
        let scene = try SDPScene()
        #expect(try scene.call("sdp_remove_media", "text") == -1)
        #expect(try scene.call("sdp_remove_transport", "RTP/SAVPF") == -1)
        #expect(try scene.call("sdp_remove_line_by_prefix", "") == -1)
        #expect(scene.route.edits.isEmpty)
    }

    @Test func `the same codec goes once, however often it is removed`() throws {
        let scene = try SDPScene()
        for _ in 0..<2 { #expect(try scene.call("sdp_remove_codecs_by_id", "8") == 1) }
        #expect(scene.changes() == ["-m=audio 49170 RTP/AVP 0 8 97 101", "+m=audio 49170 RTP/AVP 0 97 101"])
    }

    @Test func `numbers and lines that repeat are removed once each`() throws {
        let formats = [String](repeating: "7", count: 3000).joined(separator: " ")
        let lines = String(repeating: "a=rtpmap:7 X/8000\na=fmtp:7 x\n", count: 1000)
        for (name, list) in [("sdp_keep_codecs_by_name", "PCMU"), ("sdp_remove_codecs_by_id", "7")] {
            let scene = try SDPScene(
                "v=0\no=a 1 2 IN IP4 1.1.1.1\nc=IN IP4 1.1.1.1\nm=audio 5 RTP/AVP \(formats)\n\(lines)")
            #expect(try scene.call(name, list) == 1)
            #expect(scene.route.edits.count == 5000)
        }
    }

    @Test func `static payload types have names without rtpmap, unless rtpmap says otherwise`() throws {
        let body =
            "v=0\no=a 1 2 IN IP4 1.1.1.1\nc=IN IP4 1.1.1.1\nm=audio 5 RTP/AVP 0 5 6 16 17 18\na=rtpmap:18 mine/8000\n"
        let scene = try SDPScene(body)
        #expect(try scene.call("sdp_with_codecs_by_name", "G729") == -1)
        #expect(try scene.call("sdp_with_codecs_by_name", "MINE") == 1)
        #expect(try scene.call("sdp_with_codecs_by_name", "MINE,PCMU") == 1)
        #expect(try scene.call("sdp_with_codecs_by_name", "MINE,GSM") == 2)
        #expect(try scene.call("sdp_remove_codecs_by_name", "DVI4") == 1)
        #expect(scene.changes() == ["-m=audio 5 RTP/AVP 0 5 6 16 17 18", "+m=audio 5 RTP/AVP 0 18"])
    }

    private static let multipart = """
        preamble
        --bnd
        Content-Type: text/plain

        v=0
        --bnd
        content-type : application/sdp; charset=x
        Content-Disposition: session

        v=0
        o=bob 1 2 IN IP6 ::1
        s=-
        c=IN IP6 ::1
        t=0 0
        m=audio 10 RTP/AVP 8 31 18 4
        a=sendonly
        --bnd--

        """

    @Test(arguments: ["multipart/mixed;boundary=bnd", #"multipart/related; x=y; boundary="bnd""#])
    func `a part of the body is one`(_ type: String) throws {
        let scene = try SDPScene(Self.multipart, type: type)
        #expect(try scene.call("sdp_content") == 1)
        #expect(try scene.call("sdp_content", "sloppy") == 1)
        #expect(try scene.text("body").replacingCRLF.hasSuffix("m=audio 10 RTP/AVP 8 31 18 4\na=sendonly\n"))
        #expect(try scene.text("body").hasPrefix("v=0\r\no=bob"))
        #expect(try scene.call("sdp_get_address_family") == 6)
        #expect(try scene.call("sdp_keep_codecs_by_id", "8") == 1)
        #expect(scene.changes() == ["-m=audio 10 RTP/AVP 8 31 18 4", "+m=audio 10 RTP/AVP 8"])
    }

    @Test(arguments: ["multipart/mixed", "multipart/mixed;boundary=", "multipart/mixed;boundary=other", "multipart/"])
    func `without its boundary no part is found`(_ type: String) throws {
        let scene = try SDPScene(Self.multipart, type: type)
        #expect(try scene.call("sdp_content") == -1)
        #expect(try scene.call("sdp_get", "$avp(s)") == -1)
    }

    @Test func `walking the lines`() throws {
        let scene = try SDPScene()
        #expect(try scene.call("sdp_iterator_rm", "x") == -1)
        #expect(try scene.call("sdp_iterator_next", "x") == -1)
        #expect(try scene.call("sdp_iterator_start", "x") == 1)
        #expect(try scene.call("sdp_iterator_append", "x", "a=none\r\n") == -1)
        var lines = 0
        while try scene.call("sdp_iterator_next", "x") == 1 {
            lines += 1
            let line = scene.route.text(try scene.bench.read("sdpitval", "x", in: scene.route)).string
            #expect(line.hasSuffix("\r\n"))
            if line.hasPrefix("b=") { #expect(try scene.call("sdp_iterator_rm", "x") == 1) }
            if line.hasPrefix("s=") { #expect(try scene.call("sdp_iterator_append", "x", "i=behind\r\n") == 1) }
            if line.hasPrefix("t=") { #expect(try scene.call("sdp_iterator_insert", "x", "e=before\r\n") == 1) }
        }
        #expect(lines == 22)
        #expect(scene.changes() == ["-b=AS:64", "+i=behind", "+e=before"])
        #expect(try scene.call("sdp_iterator_end", "x") == 1)
        #expect(try scene.bench.read("sdpitval", "x", in: scene.route).isNull)
    }

    @Test func `four iterators at once, not five`() throws {
        let scene = try SDPScene()
        for name in ["a", "b", "c", "d", "a"] { #expect(try scene.call("sdp_iterator_start", name) == 1) }
        #expect(try scene.call("sdp_iterator_start", "e") == -1)
        #expect(try scene.call("sdp_iterator_end", "a") == 1)
        #expect(try scene.call("sdp_iterator_start", "e") == 1)
        #expect(try SDPScene("").call("sdp_iterator_start", "a") == -1)
    }
}
