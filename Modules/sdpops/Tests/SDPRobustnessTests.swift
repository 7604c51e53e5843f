import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import sdpops

@Suite("sdpops: bad input")
struct SDPRobustnessTests {
    /// Numbers that look random and are the same in every run.
    private struct Sequence {
        var state: UInt64

        mutating func below(_ limit: Int) -> Int {
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((self.state >> 33) % UInt64(limit))
        }
    }

    private static func mutated(_ text: String, _ sequence: inout Sequence) -> String {
        var bytes = Array(text.utf8)
        for _ in 0...sequence.below(6) where !bytes.isEmpty {
            let place = sequence.below(bytes.count)
            switch sequence.below(5) {
            case 0: bytes.remove(at: place)
            case 1: bytes[place] = [10, 32, 61, 58, 47, 48, 255, 109][sequence.below(8)]
            case 2: bytes.removeSubrange(place..<min(place + sequence.below(40), bytes.count))
            case 3: bytes.insert(contentsOf: bytes[place..<min(place + sequence.below(40), bytes.count)], at: place)
            default: bytes = Array(bytes.prefix(place))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [UInt64](1...8))
    func `changed descriptions are read or refused, and can always be sent`(_ seed: UInt64) throws {
        var sequence = Sequence(state: seed)
        let multipart = "--b\nContent-Type: application/sdp\n\n\(SDPScene.full)--b--\n"
        for round in 0..<150 {
            let isMultipart = round % 3 == 0
            let body = Self.mutated(isMultipart ? multipart : SDPScene.full, &sequence)
            let scene = try SDPScene(body, type: isMultipart ? "multipart/mixed;boundary=b" : "application/sdp")
            for name in [
                "sdp_with_media", "sdp_with_active_media", "sdp_with_transport_like", "sdp_with_codecs_by_id",
                "sdp_with_codecs_by_name", "sdp_remove_codecs_by_id", "sdp_keep_codecs_by_name",
                "sdp_remove_line_by_prefix", "sdp_remove_media",
            ] { _ = try scene.call(name, ["audio", "0,8", "PCMU", "a="][sequence.below(4)]) }
            _ = try scene.call("sdp_print", "3")
            _ = try scene.call("sdp_get_line_startswith", "$avp(x)", "a=")
            for key in ["body", "sess_version", "c:ip", "o:ip", "m0:raw", "m0:rtp:port", "m0:rtcp:port", "m0:b:AS"] {
                _ = try scene.text(key)
            }
            _ = try scene.bench.write("sdp", "sess_version", .int(-1), in: scene.route)
            if try scene.call("sdp_iterator_start", "i") == 1 {
                while try scene.call("sdp_iterator_next", "i") == 1 { _ = try scene.call("sdp_iterator_rm", "i") }
            }
            let buffer = ByteBuffer()
            MessageWriter.write(scene.route.message, scene.route.edits, into: buffer)
            let isReadable = Message(buffer.span) != nil
            #expect(isReadable)
        }
    }
}
