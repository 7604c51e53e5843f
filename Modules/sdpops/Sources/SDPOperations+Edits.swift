import Bytes
import ModuleKit
import SIPMessage

extension SDPOperations {
    private static let medium = Argument("media", .format, "Only in m= lines of this type.", optional: true)
    private static let outcomes = [1: "done, also when there was nothing to do", -1: "no session description"]

    /// The media that an optional argument chooses.
    private static func media(
        _ description: SessionDescription, _ index: Int, _ arguments: Arguments, _ route: RouteContext
    ) -> [SessionDescription.Media] {
        guard arguments.has(index) else { return description.media }
        let wanted = arguments.text(index, in: route)
        let message = route.message
        return description.media.filter { message.span.equalsIgnoringCase($0.type, wanted.span) }
    }

    /// Which codecs stay.
    var codecFunctions: [ScriptFunction] {
        func function(_ name: String, byName: Bool, keeps: Bool, _ example: String) -> ScriptFunction {
            ScriptFunction(
                name, Argument("list", .format, byName ? "Codec names, with commas." : "Payload numbers, with commas."),
                Self.medium, in: .any,
                summary: keeps
                    ? "Removes all codecs but some from the session description."
                    : "Removes codecs from the session description.",
                reference: "RFC 8866 §5.14", outcomes: Self.outcomes, example: "\(name)(\"\(example)\");"
            ) { route, arguments in
                guard let description = route.sessionDescription else { return .failure }
                let list = CodecList(arguments.text(0, in: route), byName: byName)
                let message = route.message
                for media in Self.media(description, 1, arguments, route) {
                    let names = PayloadNames(media, message.span)
                    let removed = media.formats.filter { list.contains($0, names, message.span) != keeps }
                    media.remove(removed, from: message, route.edits)
                }
                return .success
            }
        }
        return [
            function("sdp_remove_codecs_by_id", byName: false, keeps: false, "0,8"),
            function("sdp_remove_codecs_by_name", byName: true, keeps: false, "PCMU,PCMA"),
            function("sdp_keep_codecs_by_id", byName: false, keeps: true, "0,101"),
            function("sdp_keep_codecs_by_name", byName: true, keeps: true, "PCMU,telephone-event"),
        ]
    }

    /// Whole lines and whole media.
    var removalFunctions: [ScriptFunction] {
        func removing(
            _ name: String, _ what: String, _ example: String,
            _ part: @escaping @Sendable (SessionDescription.Media) -> ByteRange
        ) -> ScriptFunction {
            ScriptFunction(
                name, Argument("type", .format, "The \(what)."), in: .any,
                summary: "Removes the media descriptions of a \(what).", reference: "RFC 8866 §5.14",
                outcomes: [1: "removed", -1: "there was none, or no session description"],
                example: "\(name)(\"\(example)\");"
            ) { route, arguments in
                guard let description = route.sessionDescription else { return .failure }
                let wanted = arguments.text(0, in: route)
                let message = route.message
                var count = 0
                for media in description.media where message.span.equalsIgnoringCase(part(media), wanted.span) {
                    route.edits.delete(media.range)
                    count += 1
                }
                return count > 0 ? .success : .failure
            }
        }
        return [
            removing("sdp_remove_media", "media type", "video") { $0.type },
            removing("sdp_remove_transport", "transport", "RTP/AVP") { $0.transport },
            ScriptFunction(
                "sdp_remove_line_by_prefix", Argument("prefix", .format, "How the lines begin: a=X-."), Self.medium,
                in: .any, summary: "Removes the lines of the session description that begin with a text.",
                outcomes: Self.outcomes, example: #"sdp_remove_line_by_prefix("a=X-", "audio");"#
            ) { route, arguments in
                let prefix = arguments.text(0, in: route)
                guard !prefix.isEmpty, let description = route.sessionDescription else { return .failure }
                let message = route.message
                let ranges =
                    arguments.has(1)
                    ? Self.media(description, 1, arguments, route).map(\.range) : [description.range]
                for range in ranges {
                    var lines = LineScanner(range)
                    while let line = lines.next(message.span) {
                        if message.span.hasPrefix(line.text, prefix.span) { route.edits.delete(line.whole) }
                    }
                }
                return .success
            },
        ]
    }
}
