import Bytes
import ModuleKit
import SIPMessage

extension TextOpsX {
    private static let routes: RouteKinds = [.request, .failure, .anyReply, .branch]
    private static let text = Argument("value", .format, "The text.")

    private static func place(
        _ summary: String, _ check: @escaping @Sendable (ValuePlace) throws -> Void = { _ in }
    ) -> Argument {
        Argument(
            "place",
            .custom { text, _ in
                let place = try ValuePlace(text)
                try check(place)
                return place
            }, summary)
    }

    /// Functions that change single values of header fields. They see the message as received.
    var valueFunctions: [ScriptFunction] {
        let value = "Name[index]: 1 is the first value, -1 the last."
        @Sendable func noParameter(_ place: ValuePlace) throws {
            guard place.parameter == nil else { throw ArgumentError("a parameter cannot be named here") }
            guard place.index != .all else { throw ArgumentError("* cannot be used here") }
        }
        return [
            ScriptFunction(
                "append_hf_value", Self.place(value, noParameter), Self.text, in: Self.routes,
                summary: "Adds a value behind one of a header field; without an index, a header field at the end.",
                reference: "RFC 3261 §7.3.1", outcomes: [1: "always"],
                example: #"append_hf_value("Allow[1]", "INFO");"#
            ) { route, arguments in Self.append(route, arguments) },
            ScriptFunction(
                "insert_hf_value", Self.place(value, noParameter), Self.text, in: Self.routes,
                summary:
                    "Adds a value before one of a header field; without an index, a header field before the first.",
                reference: "RFC 3261 §7.3.1", outcomes: [1: "added", -1: "there is no such value"],
                example: #"insert_hf_value("Allow[1]", "INFO");"#
            ) { route, arguments in Self.insert(route, arguments) },
            ScriptFunction(
                "remove_hf_value", Self.place("Name[index].parameter; * as index means all values."), in: Self.routes,
                summary: "Removes a value of a header field, or a parameter of one.", reference: "RFC 3261 §7.3.1",
                outcomes: [1: "removed", -1: "there is none"], example: #"remove_hf_value("Contact[1].expires");"#
            ) { route, arguments in Self.remove(route, arguments) },
            ScriptFunction(
                "assign_hf_value",
                Self.place("Name[index].parameter; * as index means all values.") { place in
                    guard place.index != .all || place.parameter != nil else {
                        throw ArgumentError("* needs the name of a parameter")
                    }
                }, Self.text, in: Self.routes,
                summary: "Replaces a value of a header field, or sets a parameter of one.",
                reference: "RFC 3261 §7.3.1",
                outcomes: [1: "done", -1: "there is no such value"],
                example: #"assign_hf_value("Contact[1].expires", "60");"#
            ) { route, arguments in Self.assign(route, arguments) },
            ScriptFunction(
                "remove_hf_value2", Self.place("Name.parameter.", Self.needsParameter), in: Self.routes,
                summary: "Removes a parameter of a header field like Authorization.", reference: "RFC 3261 §20.7",
                outcomes: [1: "removed", -1: "there is none"],
                example: #"remove_hf_value2("Authorization.opaque");"#
            ) { route, arguments in Self.removeMember(route, arguments) },
            ScriptFunction(
                "assign_hf_value2", Self.place("Name.parameter.", Self.needsParameter), Self.text, in: Self.routes,
                summary: "Sets a parameter of a header field like Authorization.", reference: "RFC 3261 §20.7",
                outcomes: [1: "set", -1: "there is no such header field"],
                example: #"assign_hf_value2("Authorization.algorithm", "MD5");"#
            ) { route, arguments in Self.assignMember(route, arguments) },
            ScriptFunction(
                "include_hf_value", Self.place("Name.", noParameter), Self.text, in: Self.routes,
                summary: "Adds a value to a header field that is a set of words, unless it is in there.",
                reference: "RFC 3261 §7.3.1", outcomes: [1: "always"],
                example: #"include_hf_value("Supported", "path");"#
            ) { route, arguments in Self.include(route, arguments) },
            ScriptFunction(
                "exclude_hf_value", Self.place("Name.", noParameter), Self.text, in: Self.routes,
                summary: "Removes a value of a header field that is a set of words.", reference: "RFC 3261 §7.3.1",
                outcomes: [1: "always"], example: #"exclude_hf_value("Supported", "100rel");"#
            ) { route, arguments in
                guard let place = arguments.object(0, as: ValuePlace.self) else { return .failure }
                let message = route.message
                for value in Self.matches(place, arguments.text(1, in: route), message) {
                    route.edits.delete(value.removal(message))
                }
                return .success
            },
            ScriptFunction(
                "hf_value_exists", Self.place("Name.", noParameter), Self.text, in: Self.routes,
                summary: "Tells whether a header field that is a set of words has a value; case does not count.",
                reference: "RFC 3261 §7.3.1", outcomes: [1: "it has", -1: "it has not"],
                example: #"if (hf_value_exists("Supported", "path")) { setflag(1); }"#
            ) { route, arguments in
                guard let place = arguments.object(0, as: ValuePlace.self) else { return .failure }
                return Self.matches(place, arguments.text(1, in: route), route.message).isEmpty ? .failure : .success
            },
        ]
    }

    @Sendable private static func needsParameter(_ place: ValuePlace) throws {
        guard place.parameter != nil, place.index != .all else {
            throw ArgumentError("a parameter has to be named: Name.parameter")
        }
    }

    // MARK: Whole values

    private static func append(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        guard let place = arguments.object(0, as: ValuePlace.self) else { return .failure }
        let message = route.message
        let text = arguments.text(1, in: route)
        var value: ListedValue?
        // 0 is the last one here.
        if place.index == .at(0) {
            value = ListedValue.all(of: place.header, in: message).last
        } else if place.index != .none {
            value = place.values(in: message).first
        }
        if let value {
            route.edits.insert(at: value.value.upper, "," + text)
        } else {
            Self.addField(place, text, at: message.headersEnd, route)
        }
        return .success
    }

    private static func insert(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        guard let place = arguments.object(0, as: ValuePlace.self) else { return .failure }
        let message = route.message
        let text = arguments.text(1, in: route)
        guard place.index != .none else {
            let first = place.header.first(in: message)
            let offset = first >= 0 ? message.field(at: first).range.lower : message.headersEnd
            Self.addField(place, text, at: offset, route)
            return .success
        }
        guard let value = place.values(in: message).first else { return .failure }
        route.edits.insert(at: value.item.lower, text + ",")
        return .success
    }

    private static func addField(_ place: ValuePlace, _ text: ByteString, at offset: Int, _ route: RouteContext) {
        route.edits.insert(at: offset, place.header.text + ": " + text + "\r\n")
    }

    private static func remove(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        guard let place = arguments.object(0, as: ValuePlace.self) else { return .failure }
        let message = route.message
        if place.index == .all, place.parameter == nil { return Self.removeFields(place, route) }
        var isDone = false
        for value in place.values(in: message) {
            guard let name = place.parameter else {
                route.edits.delete(value.removal(message))
                isDone = true
                continue
            }
            guard let found = value.parameter(name, message) else { continue }
            route.edits.delete(found.whole)
            isDone = true
        }
        return isDone ? .success : .failure
    }

    private static func removeFields(_ place: ValuePlace, _ route: RouteContext) -> Outcome {
        let message = route.message
        var field = place.header.first(in: message)
        let isThere = field >= 0
        while field >= 0 {
            route.edits.removeHeader(at: field, message)
            field = message.next(after: field)
        }
        return isThere ? .success : .failure
    }

    private static func assign(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        guard let place = arguments.object(0, as: ValuePlace.self) else { return .failure }
        let message = route.message
        let text = arguments.text(1, in: route)
        let values = place.values(in: message)
        for value in values {
            guard let name = place.parameter else {
                route.edits.replace(value.value, with: text.span)
                continue
            }
            let assignment = text.isEmpty ? ";" + name : ";" + name + "=" + text
            guard let found = value.parameter(name, message) else {
                route.edits.insert(at: value.value.upper, assignment)
                continue
            }
            if found.value.isPresent, !text.isEmpty {
                route.edits.replace(found.value, with: text.span)
            } else {
                route.edits.replace(found.whole, with: assignment.span)
            }
        }
        return values.isEmpty ? .failure : .success
    }

    // MARK: Sets of words

    private static func matches(_ place: ValuePlace, _ text: ByteString, _ message: Message) -> [ListedValue] {
        let span = message.span
        return ListedValue.all(of: place.header, in: message).filter {
            $0.value.count > 0 && span.equalsIgnoringCase($0.value, text.span)
        }
    }

    private static func include(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        guard let place = arguments.object(0, as: ValuePlace.self) else { return .failure }
        let message = route.message
        let text = arguments.text(1, in: route)
        guard Self.matches(place, text, message).isEmpty else { return .success }
        let first = place.header.first(in: message)
        guard first >= 0 else {
            Self.addField(place, text, at: message.headersEnd, route)
            return .success
        }
        let value = message.field(at: first).value
        route.edits.insert(at: value.upper, value.count > 0 ? "," + text : text)
        return .success
    }

    // MARK: Authorization and its like

    /// The members behind the scheme of the field meant.
    private static func members(_ place: ValuePlace, _ message: Message) -> [ListedValue]? {
        let position: Int
        switch place.index {
        case .none, .at(0), .all: position = 0
        case .at(let number): position = number < 0 ? number : number - 1
        }
        let field = place.header.index(in: message, at: position)
        guard field >= 0 else { return nil }
        let span = message.span
        let value = message.field(at: field).value
        var start = value.lower
        while start < value.upper, span[start] > 32 { start += 1 }
        while start < value.upper, span[start] <= 32 { start += 1 }
        var members: [ListedValue] = []
        while true {
            let end = TextScan.end(of: UInt8(ascii: ","), span, start, value.upper)
            let isLast = end == value.upper
            var next = end + 1
            while next < value.upper, span[next] <= 32 { next += 1 }
            members.append(
                ListedValue(
                    field: field, item: ByteRange(start, isLast ? end : next),
                    value: TextScan.trimmed(span, start, end),
                    isFirst: members.isEmpty, isLast: isLast))
            guard !isLast else { return members }
            start = next
        }
    }

    private static func find(_ members: [ListedValue], _ name: ByteString, _ message: Message) -> Int? {
        let span = message.span
        return members.firstIndex { member in
            let equals = span.firstIndex(of: UInt8(ascii: "="), from: member.value.lower, to: member.value.upper)
            return span.equalsIgnoringCase(TextScan.trimmed(span, member.value.lower, equals), name.span)
        }
    }

    private static func removeMember(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        let message = route.message
        guard let place = arguments.object(0, as: ValuePlace.self), let name = place.parameter,
            let members = Self.members(place, message), let index = Self.find(members, name, message)
        else { return .failure }
        let member = members[index]
        if member.isLast, index > 0 {
            route.edits.delete(ByteRange(members[index - 1].value.upper, member.item.upper))
        } else {
            route.edits.delete(member.item)
        }
        return .success
    }

    private static func assignMember(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        let message = route.message
        guard let place = arguments.object(0, as: ValuePlace.self), let name = place.parameter,
            let members = Self.members(place, message), let last = members.last
        else { return .failure }
        let assignment = name + "=" + arguments.text(1, in: route)
        if let index = Self.find(members, name, message) {
            route.edits.replace(members[index].value, with: assignment.span)
        } else {
            route.edits.insert(at: last.item.upper, (last.value.count > 0 ? "," : "") + assignment)
        }
        return .success
    }
}
