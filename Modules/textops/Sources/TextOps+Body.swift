import Bytes
import ModuleKit
import SIPMessage

extension TextOps {
    /// Functions that set the body of the message.
    var bodyFunctions: [ScriptFunction] {
        let type = Argument("type", .format, "Content-Type.")
        return [
            ScriptFunction(
                "set_body", Argument("text", .format, "The new body."), type,
                in: [.request, .failure, .anyReply, .branch],
                summary: "Replaces the body and its type.", reference: "RFC 3261 §7.4",
                outcomes: [1: "replaced", -1: "text or type is empty"],
                example: #"set_body("hello", "text/plain");"#
            ) { route, arguments in
                Self.setBody(arguments.text(0, in: route), arguments.text(1, in: route), route)
            },
            ScriptFunction(
                "set_body_hex", Argument("hex", .format, "The new body in hexadecimal."), type, in: .any,
                summary: "Replaces the body by bytes given in hexadecimal.", reference: "RFC 3261 §7.4",
                outcomes: [1: "replaced", -1: "not hexadecimal, or text or type is empty"],
                example: #"set_body_hex("616263", "text/plain");"#
            ) { route, arguments in
                guard let bytes = Hexadecimal.decode(arguments.text(0, in: route)) else { return .failure }
                return Self.setBody(bytes, arguments.text(1, in: route), route)
            },
        ]
    }

    /// The new type stands behind all header fields, unless it is the one that is there.
    static func setBody(_ body: ByteString, _ type: ByteString, _ route: RouteContext) -> Outcome {
        guard Self.isComplete(body, type, route) else { return .failure }
        let message = route.message
        route.edits.replace(message.body, with: body.span)
        let index = message.first(.contentType)
        if index >= 0 {
            if message.span.equals(message.field(at: index).value, type.span) { return .success }
            if !route.edits.isRemoved(index, message) { route.edits.removeHeader(at: index, message) }
        }
        let writer = route.edits.beginInsert()
        writer.buffer.append("Content-Type: ")
        writer.buffer.append(type)
        writer.buffer.append("\r\n")
        route.edits.endInsert(writer, at: message.headersEnd)
        return .success
    }

    private static func isComplete(_ body: ByteString, _ type: ByteString, _ route: RouteContext) -> Bool {
        if body.isEmpty || type.isEmpty { route.log(.error, "textops: a body needs a text and a type") }
        return !body.isEmpty && !type.isEmpty
    }

    /// Functions that set the body of replies made by the server.
    var replyFunctions: [ScriptFunction] {
        let type = Argument("type", .format, "Content-Type.")
        let routes: RouteKinds = [.request, .failure, .branch]
        return [
            ScriptFunction(
                "set_reply_body", Argument("text", .format, "The body."), type, in: routes,
                summary: "Sets the body of the replies that the server makes itself.", reference: "RFC 3261 §8.2.6",
                outcomes: [1: "set", -1: "text or type is empty"], example: #"set_reply_body("busy", "text/plain");"#
            ) { route, arguments in
                Self.setReplyBody(arguments.text(0, in: route), arguments.text(1, in: route), route)
            },
            ScriptFunction(
                "set_reply_body_hex", Argument("hex", .format, "The body in hexadecimal."), type, in: routes,
                summary: "Sets the body of the replies that the server makes itself, given in hexadecimal.",
                reference: "RFC 3261 §8.2.6", outcomes: [1: "set", -1: "not hexadecimal, or text or type is empty"],
                example: #"set_reply_body_hex("616263", "text/plain");"#
            ) { route, arguments in
                guard let bytes = Hexadecimal.decode(arguments.text(0, in: route)) else { return .failure }
                return Self.setReplyBody(bytes, arguments.text(1, in: route), route)
            },
        ]
    }

    private static func setReplyBody(_ body: ByteString, _ type: ByteString, _ route: RouteContext) -> Outcome {
        guard Self.isComplete(body, type, route) else { return .failure }
        route.replyBody.removeAll()
        route.replyBody.append(body)
        route.replyBodyType = type
        return .success
    }
}

/// Bytes written as pairs of hexadecimal digits.
enum Hexadecimal {
    static func decode(_ text: ByteString) -> ByteString? {
        guard text.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let high = text.bytes[index].hexValue, let low = text.bytes[index + 1].hexValue else { return nil }
            bytes.append(high << 4 | low)
        }
        return ByteString(bytes)
    }
}
