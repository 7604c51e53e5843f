import Bytes
import ModuleKit
import SIPMessage

extension SDPOperations {
    var readingFunctions: [ScriptFunction] {
        let variable = Argument("variable", .variable, "Takes the text.")
        return [
            ScriptFunction(
                "sdp_get", variable, in: .any, summary: "Puts the session description into a variable.",
                outcomes: [1: "done", -1: "it cannot be read", -2: "there is no body"],
                example: #"sdp_get("$avp(sdp)");"#
            ) { route, arguments in
                Self.reading(route) { Self.store($0.body, arguments, route) }
            },
            ScriptFunction(
                "sdp_get_line_startswith", variable, Argument("prefix", .format, "How the line begins: a=rtpmap."),
                in: .any, summary: "Puts the first line that begins with a text into a variable.",
                outcomes: [1: "done", -1: "there is no such line", -2: "there is no body"],
                example: #"sdp_get_line_startswith("$avp(mline)", "m=");"#
            ) { route, arguments in
                let prefix = arguments.text(1, in: route)
                guard !prefix.isEmpty else { return .failure }
                return Self.reading(route) { description in
                    let message = route.message
                    var lines = LineScanner(description.body)
                    while let line = lines.next(message.span) {
                        guard message.span.hasPrefix(line.text, prefix.span) else { continue }
                        return Self.store(line.text, arguments, route)
                    }
                    return .failure
                }
            },
            ScriptFunction(
                "sdp_transport", variable, in: .any,
                summary: "Puts the transport that all m= lines have in common into a variable.",
                reference: "RFC 8866 §5.14", outcomes: [1: "done", -1: "no session description", -2: "they differ"],
                example: #"sdp_transport("$avp(transport)");"#
            ) { route, arguments in
                guard let description = route.sessionDescription, let first = description.media.first else {
                    return .failure
                }
                let message = route.message
                let text = message.span.extracting(first.transport.indices)
                for media in description.media where !message.span.equalsIgnoringCase(media.transport, text) {
                    return -2
                }
                return Self.store(first.transport, arguments, route)
            },
            ScriptFunction(
                "sdp_print", Argument("level", .int, "Log level, -3 to 3."), in: .any,
                summary: "Logs what was understood of the session description.",
                outcomes: [1: "logged", -1: "it cannot be read"], example: #"sdp_print("1");"#
            ) { route, arguments in
                guard let number = arguments.int(0, in: route), let description = route.sessionDescription else {
                    return .failure
                }
                let level = LogLevel(rawValue: min(max(number, -3), 3)) ?? .info
                let address = description.firstConnection.map { route.copy($0.address) } ?? "none"
                route.log(level, "sdp: version \(route.copy(description.sessionVersion)), address \(address)")
                for media in description.media {
                    let formats = media.formats.map { route.copy($0).string }.joined(separator: " ")
                    route.log(
                        level,
                        "sdp: \(route.copy(media.type)) port \(route.copy(media.port)) \(route.copy(media.transport)) \(formats)"
                    )
                }
                return .success
            },
        ]
    }

    /// -2 without a body, -1 when it cannot be read.
    private static func reading(_ route: RouteContext, _ body: (SessionDescription) -> Outcome) -> Outcome {
        if case .absent = SDPBody.find(in: route.message) { return -2 }
        return route.sessionDescription.map(body) ?? .failure
    }

    private static func store(_ range: ByteRange, _ arguments: Arguments, _ route: RouteContext) -> Outcome {
        guard let variable = arguments.variable(0) else { return .failure }
        return variable.write(.bytes(route.copy(range)), in: route) ? .success : .failure
    }
}
