import Bytes
import ModuleKit
import SIPMessage

/// `$avp(new)/flags`.
private final class CopyTarget: Sendable {
    let reference: AttributeReference
    let takesAll: Bool
    let deletesSource: Bool
    let toNumber: Bool
    let toText: Bool

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        let parts = SlashText.split(text, limit: 2)
        self.reference = try AttributeReference(parts[0], compiler)
        let flags = try SlashText.flags(parts.count > 1 ? parts[1] : nil, "gdns", of: "a copy")
        self.takesAll = flags.has("g")
        self.deletesSource = flags.has("d")
        self.toNumber = flags.has("n")
        self.toText = flags.has("s")
    }

    /// The value as the copy has it; nil when it is text and no number, and a number is wanted.
    func converted(_ value: Value, _ route: RouteContext) -> Value? {
        if self.toNumber, !value.isInt { return route.isEmpty(value) ? nil : route.int(value).map { .int($0) } }
        if self.toText, value.isInt { return .bytes(route.text(value)) }
        return value
    }
}

extension AttributeOperations {
    var copyFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "avp_copy",
                Argument(
                    "source", .custom { text, compiler in try AttributeReference(text, compiler) }, "$avp(name)."),
                Argument(
                    "target", .custom { text, compiler in try CopyTarget(text, compiler) },
                    "$avp(name), then /flags: g all values, d deletes the source, n to number, s to text."),
                in: .any,
                summary: "Copies or moves the newest value, or all values: those then stand in reverse order.",
                outcomes: [1: "copied", -1: "there is no value, or it is no number"],
                example: #"avp_copy("$avp(old)", "$avp(new)/gd");"#
            ) { route, arguments in
                guard let source = arguments.object(0, as: AttributeReference.self)?.resolve(in: route),
                    let target = arguments.object(1, as: CopyTarget.self)
                else { return .failure }
                let values = target.takesAll ? route.attributes.values(source) : [route.attributes.value(source)]
                guard let first = values.first, !first.isNull else { return .failure }
                let name = target.reference.resolve(in: route)
                for (number, value) in values.enumerated() {
                    guard let copy = target.converted(value, route) else {
                        route.log(.error, "avp_copy: \(route.text(value)) is no number")
                        return .failure
                    }
                    // Under one name, the copies made so far stand above.
                    if target.deletesSource { route.attributes.remove(source, at: source == name ? number : 0) }
                    route.attributes.push(name, copy)
                }
                return .success
            }
        ]
    }
}
