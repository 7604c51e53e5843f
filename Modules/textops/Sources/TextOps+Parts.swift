import Bytes
import ModuleKit
import SIPMessage

extension TextOps {
    private static let type = Argument("type", .format, "Content-Type of the part.")

    /// Functions for bodies of several parts. They read the body as received.
    var partFunctions: [ScriptFunction] {
        let result = Argument("result", .variable, "Takes the text.")
        let changing: RouteKinds = [.request, .failure, .branch]
        let reading: RouteKinds = [.request, .failure, .anyReply, .branch]
        return [
            ScriptFunction(
                "filter_body", Argument("type", .literal, "Content-Type of the part."), in: .any,
                summary: "Leaves of a body of several parts the content of the first one of a type.",
                reference: "RFC 2046 §5.1", outcomes: [1: "done", -1: "not a body of several parts, or no such part"],
                example: #"if (filter_body("application/sdp")) { remove_hf("Content-Type"); }"#
            ) { route, arguments in
                let message = route.message
                guard let body = MultipartBody(message),
                    let index = body.part(of: arguments.text(0, in: route), message)
                else { return .failure }
                let content = body.parts[index].content
                route.edits.delete(ByteRange(message.bodyStart, content.lower))
                route.edits.delete(ByteRange(content.upper, message.length))
                return .success
            },
            ScriptFunction(
                "get_body_part", Self.type, result, in: reading,
                summary: "Puts the content of the first part of a type into a variable; a body that is no list of parts"
                    + " counts as one.",
                reference: "RFC 2046 §5.1", outcomes: [1: "done", -1: "there is none"],
                example: #"get_body_part("application/sdp", "$var(sdp)");"#
            ) { route, arguments in Self.getPart(route, arguments) { $0.content } },
            ScriptFunction(
                "get_body_part_raw", Self.type, result, in: reading,
                summary: "Like get_body_part(), with the header fields of the part.", reference: "RFC 2046 §5.1",
                outcomes: [1: "done", -1: "there is none"],
                example: #"get_body_part_raw("application/sdp", "$var(part)");"#
            ) { route, arguments in Self.getPart(route, arguments) { $0.whole } },
            ScriptFunction(
                "remove_body_part", Self.type, in: changing, summary: "Removes the first part of a type.",
                reference: "RFC 2046 §5.1", outcomes: [1: "removed", -1: "there is none"],
                example: #"remove_body_part("text/plain");"#
            ) { route, arguments in
                let message = route.message
                guard let body = MultipartBody(message),
                    let index = body.part(of: arguments.text(0, in: route), message)
                else { return .failure }
                route.edits.delete(ByteRange(body.parts[index].delimiter, body.next(after: index)))
                return .success
            },
            Self.appending("append_body_part", "text", in: changing) { $0 },
            Self.appending("append_body_part_hex", "hex", in: changing) { Hexadecimal.decode($0) },
            ScriptFunction(
                "set_body_multipart",
                Argument(
                    "text", .format, "Content of the first part; as the only argument: the boundary.", optional: true),
                Argument("type", .format, "Its Content-Type.", optional: true),
                Argument(
                    "boundary", .format, "Text between the parts; unique-boundary-1 when left out.", optional: true),
                in: changing,
                summary: "Makes the body one of several parts: of what it is, or of a new first part.",
                reference: "RFC 2046 §5.1", outcomes: [1: "done, or it is one already", -1: "text or type is empty"],
                example: #"set_body_multipart("hello", "text/plain", "b1");"#
            ) { route, arguments in Self.makeMultipart(route, arguments) },
        ]
    }

    private static func getPart(
        _ route: RouteContext, _ arguments: Arguments, _ range: (MultipartBody.Part) -> ByteRange
    ) -> Outcome {
        let message = route.message
        let type = arguments.text(0, in: route)
        guard let variable = arguments.variable(1), message.body.count > 0 else { return .failure }
        let found: ByteRange
        if let body = MultipartBody(message) {
            guard let index = body.part(of: type, message) else { return .failure }
            found = range(body.parts[index])
        } else {
            let span = message.span
            guard span.equalsIgnoringCase(message.contentType, type.span) else { return .failure }
            found = message.body
        }
        return variable.write(.bytes(message.text(found)), in: route) ? .success : .failure
    }

    private static func appending(
        _ name: String, _ argument: String, in routes: RouteKinds,
        _ bytes: @escaping @Sendable (ByteString) -> ByteString?
    ) -> ScriptFunction {
        ScriptFunction(
            name,
            Argument(
                argument, .format, argument == "hex" ? "Content of the part in hexadecimal." : "Content of the part."),
            Self.type, Argument("disposition", .format, "Its Content-Disposition.", optional: true), in: routes,
            summary: "Adds a part to a body of several parts, behind the others.", reference: "RFC 2046 §5.1",
            outcomes: [1: "added", -1: "not a body of several parts, or text or type is empty"],
            example: "\(name)(\"6162\", \"text/plain\");"
        ) { route, arguments in
            let type = arguments.text(1, in: route)
            guard let content = bytes(arguments.text(0, in: route)), !content.isEmpty, !type.isEmpty,
                let body = MultipartBody(route.message)
            else {
                route.log(.error, "\(name): not a body of several parts, or an empty one to add")
                return .failure
            }
            let writer = route.edits.beginInsert()
            let out = writer.buffer
            if !body.isClosed, body.end == route.message.length { out.append("\r\n") }
            Self.write(content, type, arguments.text(2, in: route), body.boundary, to: out)
            if body.isClosed {
                route.edits.endInsert(writer, at: body.end)
            } else {
                Self.close(body.boundary, to: out)
                route.edits.endReplace(writer, ByteRange(body.end, route.message.length))
            }
            return .success
        }
    }

    private static func makeMultipart(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        let message = route.message
        let boundary: ByteString
        switch arguments.count {
        case 1: boundary = arguments.text(0, in: route)
        case 3: boundary = arguments.text(2, in: route)
        default: boundary = "unique-boundary-1"
        }
        var content = message.text(message.body)
        var type = message.text(message.value(.contentType))
        if arguments.count >= 2 {
            content = arguments.text(0, in: route)
            type = arguments.text(1, in: route)
        } else if MultipartBody(message) != nil {
            return .success
        }
        guard !content.isEmpty, !type.isEmpty, !boundary.isEmpty else {
            route.log(.error, "set_body_multipart: a part needs a text, a type and a boundary")
            return .failure
        }
        let out = ByteBuffer(capacity: content.count + 256)
        Self.write(content, type, ByteString(), boundary, to: out)
        Self.close(boundary, to: out)
        guard
            case .code(1) = Self.setBody(
                ByteString(out.span), "multipart/mixed;boundary=\"" + boundary + "\"", route)
        else { return .failure }
        if !message.has(.mimeVersion) { route.edits.insert(at: message.headersEnd, "Mime-Version: 1.0\r\n") }
        return .success
    }

    private static func write(
        _ content: ByteString, _ type: ByteString, _ disposition: ByteString, _ boundary: ByteString, to out: ByteBuffer
    ) {
        out.append("--")
        out.append(boundary)
        out.append("\r\nContent-Type: ")
        out.append(type)
        if !disposition.isEmpty {
            out.append("\r\nContent-Disposition: ")
            out.append(disposition)
        }
        out.append("\r\n\r\n")
        out.append(content)
        out.append("\r\n")
    }

    private static func close(_ boundary: ByteString, to out: ByteBuffer) {
        out.append("--")
        out.append(boundary)
        out.append("--\r\n")
    }
}
