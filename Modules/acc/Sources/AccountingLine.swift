import Bytes
import ModuleKit
import SIPMessage

extension Accounting {
    /// `ACC: <title>: timestamp=…;method=…;from_tag=…;to_tag=…;call_id=…;code=…;reason=…`, then the extras.
    /// - Parameter code: nil leaves the value empty.
    func line(
        _ title: StaticString, code: Int?, toTag: ByteString, reason: ByteString, for route: RouteContext
    )
        -> ByteBuffer
    {
        let message = route.message
        let out = ByteBuffer(capacity: 512)
        out.append("ACC: ")
        out.append(title)
        out.append(": ")
        self.clock.write(to: out)
        out.append(";method=")
        out.append(message.span, message.methodRange)
        let fromTag = message.text(message.from.tag)
        let isUpstream = self.settings.detectsDirection && self.isUpstream(message)
        out.append(";from_tag=")
        out.append(isUpstream ? toTag : fromTag)
        out.append(";to_tag=")
        out.append(isUpstream ? fromTag : toTag)
        out.append(";call_id=")
        out.append(message.span, message.callID)
        out.append(";code=")
        if let code { out.append(decimal: code) }
        out.append(";reason=")
        out.append(reason)
        for extra in self.extras {
            out.append(UInt8(ascii: ";"))
            out.append(extra.name)
            out.append(UInt8(ascii: "="))
            let value = extra.variable.read(in: route)
            route.withText(value) { out.append($0) }
        }
        return out
    }

    func write(_ line: ByteBuffer, prefix: ByteString) {
        self.logger.write(self.settings.level, facility: self.settings.logFacility, prefix: prefix.span, line.span)
    }

    /// Whether a request inside a dialog comes from the callee: its Route carries another From tag than its own
    /// (`ftag`, which `append_fromtag` of rr adds).
    private func isUpstream(_ message: Message) -> Bool {
        let route = message.topRoute
        guard message.to.hasTag, route.isValid, let uri = SIPURI(message.span, route.uri) else { return false }
        let tag = uri.parameter(message.span, named: ("ftag" as StaticString).span)
        guard tag.isPresent, tag.value.isPresent else { return false }
        return !message.span.equals(tag.value, message.text(message.from.tag).span)
    }
}

/// One `name=$variable` of `log_extra`.
struct AccountingExtra: Sendable {
    var name: ByteString
    var variable: VariableReference

    /// - Throws: `ArgumentError` or `ModuleError` for text that is no such list.
    static func list(_ text: ByteString, compiler: any ScriptCompiling) throws -> [AccountingExtra] {
        try Self.pieces(text.string).map { piece in
            guard let equals = piece.firstIndex(of: "=") else {
                throw ModuleError("acc: log_extra: '\(piece)' is not NAME=$VARIABLE")
            }
            let name = piece[..<equals].trimmed
            let value = piece[piece.index(after: equals)...].trimmed
            guard !name.isEmpty, value.hasPrefix("$") else {
                throw ModuleError("acc: log_extra: '\(piece)' is not NAME=$VARIABLE")
            }
            do {
                return AccountingExtra(name: ByteString(name), variable: try compiler.variable(ByteString(value)))
            } catch let error as ArgumentError {
                throw ModuleError("acc: log_extra: \(error.message)")
            }
        }
    }

    /// The parts between semicolons; those inside parentheses belong to a transformation.
    private static func pieces(_ text: String) -> [Substring] {
        var depth = 0
        return text.split { character in
            switch character {
            case "(", "{": depth += 1
            case ")", "}": depth -= 1
            default: break
            }
            return character == ";" && depth <= 0
        }.filter { !$0.trimmed.isEmpty }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var part = self
        while let first = part.first, first.isWhitespace { part.removeFirst() }
        while let last = part.last, last.isWhitespace { part.removeLast() }
        return String(part)
    }
}
