import Bytes
import ModuleKit
import SIPMessage

extension SelectTable {
    /// `hf_value.name[n]`: the n-th member of the comma lists of all such fields, from 1, or from -1 on from the end;
    /// all of them without a number. `hf_value2.name[n]`: the n-th field as it is. `hf_value_exists.name.word`: 1 when a
    /// member is that word, else 0. `_` in a name stands for `-`.
    static func header(
        _ kind: String, _ rest: ArraySlice<SelectPath.Element>, _ path: [SelectPath.Element]
    ) throws(ArgumentError) -> Reader {
        var rest = rest
        guard let field = rest.popFirst() else { throw self.unknown(path) }
        var place: Int?
        if case .number(let number)? = field.index, number != 0 { place = number }
        let selector = HeaderSelector(self.fieldName(field.name))
        if kind == "hf_value_exists" {
            guard let word = rest.popFirst().map({ ByteString($0.name) }), rest.isEmpty else {
                throw self.unknown(path)
            }
            return { route in
                var isThere = false
                Self.forEachMember(selector, route.message) { member in
                    let message = route.message
                    if message.span.equalsIgnoringCase(member, word.span) { isThere = true }
                }
                return .bytes(isThere ? "1" : "0")
            }
        }
        let read: Reader
        if kind == "hf_value2" {
            let index = place ?? 1
            read = { route in
                let found = selector.index(in: route.message, at: index > 0 ? index - 1 : index)
                return found < 0 ? .null : .slice(ifPresent: route.message.field(at: found).value)
            }
        } else if let place {
            read = { .slice(ifPresent: Self.member(selector, $0.message, at: place)) }
        } else {
            read = { Self.members(selector, $0) { $0 } }
        }
        guard let part = rest.popFirst() else { return read }
        return try self.memberPart(part, rest, path, read)
    }

    /// A part of what `read` gives: an address in it, or a parameter behind it.
    private static func memberPart(
        _ part: SelectPath.Element, _ rest: ArraySlice<SelectPath.Element>, _ path: [SelectPath.Element],
        _ read: @escaping Reader
    ) throws(ArgumentError) -> Reader {
        @Sendable func address(
            _ route: RouteContext, _ pick: (Span<UInt8>, NameAddress) -> ByteRange
        ) -> Value {
            route.withText(read(route)) { span in
                let address = NameAddress(span, ByteRange(start: 0, count: span.count))
                let range = address.isValid ? pick(span, address) : .absent
                return range.isPresent ? .bytes(ByteString(span, range)) : .null
            }
        }
        switch part.name {
        case "uri": return try self.uri(rest, path) { address($0) { $1.uri } }
        case "name" where rest.isEmpty:
            return { route in
                address(route) { span, address in
                    let name = address.displayName
                    guard name.isPresent, name.count >= 2, span[name.lower] == UInt8(ascii: "\"") else { return name }
                    return ByteRange(name.lower + 1, name.upper - 1)
                }
            }
        case "p" where rest.count == 1, "param" where rest.count == 1, "params" where rest.count == 1:
            let name = ByteString(rest[rest.startIndex].name)
            return { route in
                route.withText(read(route)) { span in
                    let start = span.firstIndex(of: UInt8(ascii: ";"), from: 0, to: span.count)
                    var parameters = ParameterScanner(ByteRange(start, span.count))
                    while parameters.next(span) {
                        guard span.equalsIgnoringCase(parameters.name, name.span) else { continue }
                        return parameters.value.isPresent ? .bytes(ByteString(span, parameters.value)) : .bytes("")
                    }
                    return .null
                }
            }
        default: throw self.unknown(path)
        }
    }

    private static func forEachMember(_ selector: HeaderSelector, _ message: Message, _ body: (ByteRange) -> Void) {
        var number = 0
        while true {
            let index = selector.index(in: message, at: number)
            guard index >= 0 else { return }
            var members = ListScanner(message.field(at: index).value)
            while let member = members.next(message.span) { body(member) }
            number += 1
        }
    }

    private static func member(_ selector: HeaderSelector, _ message: Message, at place: Int) -> ByteRange {
        var count = 0
        self.forEachMember(selector, message) { _ in count += 1 }
        let wanted = place > 0 ? place - 1 : count + place
        var found = ByteRange.absent
        count = 0
        self.forEachMember(selector, message) { member in
            if count == wanted { found = member }
            count += 1
        }
        return found
    }

    private static func members(
        _ selector: HeaderSelector, _ route: RouteContext, _ pick: (ByteRange) -> ByteRange
    ) -> Value {
        let out = ByteBuffer(capacity: 64)
        let message = route.message
        self.forEachMember(selector, message) { member in
            if out.count > 0 { out.append(UInt8(ascii: ",")) }
            out.append(message.span, pick(member))
        }
        return out.count > 0 ? .bytes(ByteString(out.span)) : .null
    }
}
