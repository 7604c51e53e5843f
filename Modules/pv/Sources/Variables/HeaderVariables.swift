import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// Header fields.
    var headerVariables: [ScriptVariable] {
        [
            ScriptVariable(
                "hdr", inner: .required,
                summary:
                    "Value of a header field, the first by default; [n] another one, [*] all, separated by "
                    + "commas; (*) any name."
            ) { name, _ in
                if case .literal("*") = name { return VariableAccess { Self.anyField($0.message, $1) } }
                return Self.header(name) { Self.value(of: $0, $1, $2) }
            },
            ScriptVariable("hdrc", inner: .required, summary: "Number of header fields with a name.") { name, _ in
                Self.header(name) { header, route, _ in .int(header.count(in: route.message)) }
            },
            ScriptVariable(
                "hfl", inner: .required,
                summary:
                    "Like $hdr, but Contact, Record-Route, Route, Via, Diversion and identities are counted by value."
            ) { name, _ in Self.header(name) { Self.member(of: $0, $1, $2) } },
            ScriptVariable("hflc", inner: .required, summary: "Number of values of $hfl.") { name, _ in
                Self.header(name) { header, route, _ in .int(ListHeader.values(of: header, in: route.message).count) }
            },
            ScriptVariable("ci", summary: "Call-ID.", reference: "RFC 3261 §20.8") {
                .slice(ifPresent: $0.message.callID)
            },
            ScriptVariable("cs", summary: "Number in CSeq, as text.", reference: "RFC 3261 §20.16") {
                $0.message.cSeq.isValid ? .slice($0.message.cSeq.numberRange) : .null
            },
            ScriptVariable("csb", summary: "CSeq.", reference: "RFC 3261 §20.16") {
                .slice(ifPresent: $0.message.value(.cSeq))
            },
            ScriptVariable("ct", summary: "First Contact header field.", reference: "RFC 3261 §20.10") {
                .slice(ifPresent: $0.message.value(.contact))
            },
            ScriptVariable("cts", summary: "1 when Contact is a star, else 0.", reference: "RFC 3261 §10.2.2") {
                route in
                route.message.has(.contact) ? .int(route.message.firstContact.isStar ? 1 : 0) : .null
            },
            ScriptVariable("ctu", summary: "URI of the first Contact.", reference: "RFC 3261 §20.10") { route in
                let contact = route.message.firstContact
                return contact.isValid && !contact.isStar ? .slice(contact.uri) : .null
            },
            ScriptVariable("ua", summary: "User-Agent.", reference: "RFC 3261 §20.41") {
                .slice(ifPresent: $0.message.value(.userAgent))
            },
            ScriptVariable("cT", summary: "Content-Type.", reference: "RFC 3261 §20.15") {
                .slice(ifPresent: $0.message.value(.contentType))
            },
            ScriptVariable("cl", summary: "Content-Length, 0 when it is missing.", reference: "RFC 3261 §20.14") {
                .int($0.message.contentLength ?? 0)
            },
            ScriptVariable(
                "expires", inner: .required, summary: "(min) or (max) of the lifetimes in Contact, or Expires.",
                reference: "RFC 3261 §10.2.1.1"
            ) { name, _ in
                guard case .literal(let which) = name, which == "min" || which == "max" else {
                    throw ArgumentError("$expires takes min or max")
                }
                let isMinimum = which == "min"
                return VariableAccess { route, _ in Self.lifetime(route.message, isMinimum: isMinimum) }
            },
        ]
    }

    private static func header(
        _ name: VariableName, _ read: @escaping @Sendable (HeaderSelector, RouteContext, VariableIndex) -> Value
    ) -> VariableAccess {
        guard case .literal(let text) = name else {
            return VariableAccess { route, index in read(HeaderSelector(name.resolve(in: route)), route, index) }
        }
        let header = HeaderSelector(text)
        return VariableAccess { route, index in read(header, route, index) }
    }

    private static func value(of header: HeaderSelector, _ route: RouteContext, _ index: VariableIndex) -> Value {
        let message = route.message
        let field: Int
        switch index {
        case .none: field = header.first(in: message)
        case .at(let position): field = header.index(in: message, at: position)
        case .all:
            var values: [ByteRange] = []
            var next = header.first(in: message)
            while next >= 0 {
                values.append(message.field(at: next).value)
                next = message.next(after: next)
            }
            return Self.join(values, message)
        }
        return field >= 0 ? .slice(message.field(at: field).value) : .null
    }

    /// `$hdr(*)`: all fields, whatever their names.
    private static func anyField(_ message: Message, _ index: VariableIndex) -> Value {
        switch index {
        case .all: return Self.join((0..<message.headerCount).map { message.field(at: $0).value }, message)
        case .none: return message.headerCount > 0 ? .slice(message.field(at: 0).value) : .null
        case .at(let wanted):
            let position = wanted < 0 ? message.headerCount + wanted : wanted
            return position >= 0 && position < message.headerCount ? .slice(message.field(at: position).value) : .null
        }
    }

    private static func member(of header: HeaderSelector, _ route: RouteContext, _ index: VariableIndex) -> Value {
        let values = ListHeader.values(of: header, in: route.message)
        switch index {
        case .none: return values.first.map { .slice($0) } ?? .null
        case .all: return Self.join(values, route.message)
        case .at(let wanted):
            let position = wanted < 0 ? values.count + wanted : wanted
            return values.indices.contains(position) ? .slice(values[position]) : .null
        }
    }

    private static func join(_ values: [ByteRange], _ message: Message) -> Value {
        guard values.count > 1 else { return values.first.map { .slice($0) } ?? .null }
        let buffer = ByteBuffer(capacity: 128)
        for (position, range) in values.enumerated() {
            if position > 0 { buffer.append(UInt8(ascii: ",")) }
            buffer.append(message.span, range)
        }
        return .bytes(ByteString(buffer.span))
    }

    private static func lifetime(_ message: Message, isMinimum: Bool) -> Value {
        let general = message.expires
        var result: Int?
        message.forEachNameAddress(in: .contact) { contact in
            guard contact.isValid else { return true }
            guard let seconds = contact.expires >= 0 ? contact.expires : general else { return true }
            result = result.map { isMinimum ? min($0, seconds) : max($0, seconds) } ?? seconds
            return true
        }
        return (result ?? general).map { .int($0) } ?? .null
    }
}

/// Header fields whose comma lists `$hfl` takes apart.
enum ListHeader {
    static func values(of header: HeaderSelector, in message: Message) -> [ByteRange] {
        var values: [ByteRange] = []
        let isList: Bool
        switch header.name {
        case .contact, .recordRoute, .route, .via, .diversion, .pAssertedIdentity, .pPreferredIdentity: isList = true
        default: isList = false
        }
        let span = message.span
        var index = header.first(in: message)
        while index >= 0 {
            let value = message.field(at: index).value
            if isList {
                var members = ListScanner(value)
                while let member = members.next(span) { values.append(member) }
            } else {
                values.append(value)
            }
            index = message.next(after: index)
        }
        return values
    }
}
