import Bytes
import ModuleKit
import SIPMessage

extension SDPOperations {
    var questionFunctions: [ScriptFunction] { self.mediaQuestions + self.codecQuestions + self.bodyQuestions }

    private var mediaQuestions: [ScriptFunction] {
        func question(
            _ name: String, _ summary: String, _ example: String,
            _ holds: @escaping @Sendable (SessionDescription.Media, Span<UInt8>, Span<UInt8>) -> Bool
        ) -> ScriptFunction {
            ScriptFunction(
                name, Argument("type", .format, "What is looked for."), in: .any, summary: summary,
                reference: "RFC 8866 §5.14", outcomes: [1: "there is one", -1: "there is none"],
                example: "if (\(name)(\"\(example)\")) { setflag(1); }"
            ) { route, arguments in
                guard let description = route.sessionDescription else { return .failure }
                let wanted = arguments.text(0, in: route)
                let message = route.message
                for media in description.media where holds(media, message.span, wanted.span) { return .success }
                return .failure
            }
        }
        return [
            question("sdp_with_media", "Tells whether there is an m= line of a type.", "video") {
                $1.equalsIgnoringCase($0.type, $2)
            },
            question(
                "sdp_with_active_media",
                "Tells whether there is a stream of a type that is neither refused nor inactive.",
                "video"
            ) { $1.equalsIgnoringCase($0.type, $2) && $0.isActive($1) },
            question("sdp_with_transport", "Tells whether there is an m= line with a transport.", "RTP/SAVPF") {
                $1.equalsIgnoringCase($0.transport, $2)
            },
            question(
                "sdp_with_transport_like", "Tells whether there is an m= line whose transport contains a text.", "SAVP"
            ) { media, span, text in
                guard text.count > 0, media.transport.length >= text.count else { return false }
                for start in media.transport.lower...(media.transport.upper - text.count)
                where span.equals(ByteRange(start: start, count: text.count), text) {
                    return true
                }
                return false
            },
        ]
    }

    private var codecQuestions: [ScriptFunction] {
        func question(_ name: String, byName: Bool, _ example: String, failure: Int) -> ScriptFunction {
            var outcomes = [
                1: "all media have all of them", 2: "some have some", -1: "none has any, or no session description",
            ]
            if failure != -1 { outcomes[failure] = "no session description" }
            return ScriptFunction(
                name, Argument("list", .format, byName ? "Codec names, with commas." : "Payload numbers, with commas."),
                in: .any, summary: "Tells whether the session description has one of the codecs.", outcomes: outcomes,
                example: "if (\(name)(\"\(example)\")) { setflag(1); }"
            ) { route, arguments in
                guard let description = route.sessionDescription else { return .code(failure) }
                let list = CodecList(arguments.text(0, in: route), byName: byName)
                let message = route.message
                var (found, missing) = (0, 0)
                for media in description.media {
                    let names = PayloadNames(media, message.span)
                    for member in list.each {
                        let isThere = media.formats.contains { member.contains($0, names, message.span) }
                        if isThere { found += 1 } else { missing += 1 }
                    }
                }
                return found == 0 ? .failure : missing == 0 ? 1 : 2
            }
        }
        return [
            question("sdp_with_codecs_by_id", byName: false, "0,8", failure: -2),
            question("sdp_with_codecs_by_name", byName: true, "PCMU,PCMA", failure: -1),
        ]
    }

    private var bodyQuestions: [ScriptFunction] {
        [
            ScriptFunction(
                "sdp_with_ice", in: .any, summary: "Tells whether the session description has candidates for ICE.",
                reference: "RFC 8839 §5.1", outcomes: [1: "it has", -1: "it has not"],
                example: "if (sdp_with_ice()) { setflag(1); }"
            ) { route, _ in
                guard let description = route.sessionDescription else { return .failure }
                let message = route.message
                var lines = LineScanner(description.range)
                while let line = lines.next(message.span) {
                    if message.span.hasPrefix(line.text, "a=candidate:") { return .success }
                }
                return .failure
            },
            ScriptFunction(
                "sdp_content", Argument("sloppy", .literal, "Anything: look at types only.", optional: true), in: .any,
                summary: "Tells whether the body is or contains a session description.",
                outcomes: [1: "it does", -1: "it does not, or none that can be read"],
                example: "if (sdp_content()) { setflag(1); }"
            ) { route, arguments in
                if arguments.has(0) { return SDPBody.isAnnounced(in: route.message) ? .success : .failure }
                return route.sessionDescription == nil ? .failure : .success
            },
            ScriptFunction(
                "sdp_get_address_family", in: .any, summary: "Tells the address family of the session's c= line.",
                reference: "RFC 8866 §5.7", outcomes: [4: "IPv4", 6: "IPv6", -1: "there is none"],
                example: "$avp(family) = sdp_get_address_family();"
            ) { route, _ in
                guard let connection = route.sessionDescription?.connection else { return .failure }
                return connection.isIPv6 ? 6 : 4
            },
        ]
    }
}
