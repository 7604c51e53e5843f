import Bytes
import ModuleKit
import SIPMessage

/// One `$avp`, or all with a name of some kind (`a`, `i`, `s`), and flags behind a slash.
final class AttributeChoice: Sendable {
    private enum Subject: Sendable {
        case one(AttributeReference)
        case all
        case numbered
        case named
    }

    private let subject: Subject
    private let flags: Set<UInt8>

    init(_ text: ByteString, flags allowed: String, takesKinds: Bool, _ compiler: any ScriptCompiling) throws {
        let parts = SlashText.split(text, limit: 2)
        self.flags = try SlashText.flags(parts.count > 1 ? parts[1] : nil, allowed, of: "a name")
        let kind = parts[0].bytes.first.map(\.lowercased)
        // Script flags of old, a number behind the letter, mean nothing any more.
        let isKind = takesKinds && parts[0].bytes.dropFirst().allSatisfy(\.isDigit)
        switch kind {
        case UInt8(ascii: "a") where isKind: self.subject = .all
        case UInt8(ascii: "i") where isKind: self.subject = .numbered
        case UInt8(ascii: "s") where isKind: self.subject = .named
        default: self.subject = .one(try AttributeReference(parts[0], compiler))
        }
    }

    /// Whether there is a newest value, and it is as the flags want it.
    func isSet(in route: RouteContext) -> Bool {
        guard case .one(let reference) = self.subject else { return false }
        let value = route.attributes.value(reference.resolve(in: route))
        guard !value.isNull else { return false }
        let isNumber = value.isInt
        if self.flags.has("s"), isNumber { return false }
        if self.flags.has("n"), !isNumber { return false }
        guard self.flags.has("e") else { return true }
        if case .int(let number) = value { return number == 0 }
        return route.isEmpty(value)
    }

    /// Removes the newest value, or all of them; - Returns: whether there was one.
    func delete(in route: RouteContext) -> Bool {
        let names: [AttributeName]
        switch self.subject {
        case .one(let reference):
            let name = reference.resolve(in: route)
            guard self.flags.has("g") else { return route.attributes.remove(name) }
            names = [name]
        case .all: names = route.attributes.names
        case .numbered: names = route.attributes.names.filter { $0.isNumber }
        case .named: names = route.attributes.names.filter { !$0.isNumber }
        }
        let count = names.reduce(0) { $0 + route.attributes.count($1) }
        for name in names { route.attributes.removeAll(name) }
        return count > 0
    }
}

extension AttributeName {
    var isNumber: Bool {
        if case .number = self { return true }
        return false
    }
}

extension AttributeOperations {
    /// Where the functions of this module may stand.
    static let routes: RouteKinds = [.request, .failure, .anyReply, .branch, .branchFailure, .event]

    var presenceFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "is_avp_set",
                Argument(
                    "name",
                    .custom { text, compiler in
                        try AttributeChoice(text, flags: "esn", takesKinds: false, compiler)
                    }, "$avp(name), then /flags: e it is empty or 0, s it is text, n it is a number."),
                in: .any, summary: "Tells whether an $avp has a value.", outcomes: [1: "it has", -1: "it has not"],
                example: #"if (is_avp_set("$avp(caller)/s")) { setflag(1); }"#
            ) { route, arguments in
                arguments.object(0, as: AttributeChoice.self)?.isSet(in: route) == true ? .success : .failure
            },
            ScriptFunction(
                "avp_delete",
                Argument(
                    "name",
                    .custom { text, compiler in try AttributeChoice(text, flags: "g", takesKinds: true, compiler) },
                    "$avp(name), its newest value; with /g all. a: all $avp, i: those with numbers, s: with texts."),
                in: Self.routes, summary: "Removes $avp values.",
                outcomes: [1: "removed", -1: "there was none"], example: #"avp_delete("$avp(gateways)/g");"#
            ) { route, arguments in
                arguments.object(0, as: AttributeChoice.self)?.delete(in: route) == true ? .success : .failure
            },
            ScriptFunction(
                "avp_print", in: Self.routes, summary: "Logs all $avp values, newest first.",
                outcomes: [1: "logged"], example: "avp_print();"
            ) { route, _ in
                for name in route.attributes.names {
                    let label =
                        switch name {
                        case .text(let text): "name=<\(text)>"
                        case .number(let number): "id=<\(number)>"
                        }
                    for value in route.attributes.values(name) {
                        let kind = value.isInt ? "int" : "str"
                        route.log(.info, "avp \(label) \(kind)=<\(route.text(value))>")
                    }
                }
                return .success
            },
        ]
    }
}
