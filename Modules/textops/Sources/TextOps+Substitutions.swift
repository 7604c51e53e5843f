import Bytes
import ModuleKit
import SIPMessage

extension TextOps {
    static let substitution = Argument(
        "substitution", .custom { text, compiler in try Substitution(text, compiler) }, "/expression/replacement/flags."
    )

    /// Functions that work with `/expression/replacement/flags`.
    var substitutionFunctions: [ScriptFunction] {
        let routes: RouteKinds = [.request, .failure, .anyReply, .branch]
        let outcomes = [1: "replaced", -1: "no match"]
        return [
            ScriptFunction(
                "subst", Self.substitution, in: .any, summary: "Replaces in header and body.", outcomes: outcomes,
                example: #"subst("/^(User-Agent: ).*/\1hidden/i");"#
            ) { route, arguments in Self.substitute(route, arguments, Self.afterFirstLine(route.message)) },
            ScriptFunction(
                "subst_body", Self.substitution, in: .any, summary: "Replaces in the body.", outcomes: outcomes,
                example: #"subst_body("/^o=[^ ]*/o=$fU/");"#
            ) { route, arguments in Self.substitute(route, arguments, route.message.body) },
            ScriptFunction(
                "subst_hf", .header("name", "Name of the fields."), Self.substitution,
                Argument("which", .literal, "a all fields, f the first, l the last."), in: .any,
                summary: "Replaces in the values of header fields.", outcomes: outcomes,
                example: #"subst_hf("From", "/sip:/sips:/", "a");"#
            ) { route, arguments in
                guard let header = arguments.object(0, as: HeaderSelector.self) else { return .failure }
                var count = 0
                FieldChoice(arguments.text(2, in: route)).forEach(in: route.message, header) { index in
                    let value = route.message.field(at: index).value
                    if case .code(1) = Self.substitute(route, arguments, value, at: 1) { count += 1 }
                }
                return count > 0 ? .success : .failure
            },
            ScriptFunction(
                "subst_uri", Self.substitution, in: routes, summary: "Replaces in the Request-URI.", outcomes: outcomes,
                example: #"subst_uri("/^sip:0(.*)@/sip:+49\1@/");"#
            ) { route, arguments in
                guard route.isRequest, let substitution = arguments.object(0, as: Substitution.self) else {
                    return .failure
                }
                guard let uri = route.withText(route.requestURI, { substitution.apply(to: $0, in: route) }) else {
                    return .failure
                }
                route.setRequestURI(uri)
                return .success
            },
            ScriptFunction(
                "subst_user", Self.substitution, in: routes, summary: "Replaces in the user of the Request-URI.",
                outcomes: outcomes, example: #"subst_user("/^0(.*)/+49\1/");"#
            ) { route, arguments in
                guard let substitution = arguments.object(0, as: Substitution.self) else { return .failure }
                let user = route.requestURIPart { $0.user }
                guard let changed = route.withText(user, { substitution.apply(to: $0, in: route) }) else {
                    return .failure
                }
                return route.rewriteRequestURI(.user, with: changed) ? .success : .failure
            },
            ScriptFunction(
                "subst_v", Argument("text", .format, "The text to begin with."), Self.substitution,
                Argument("result", .variable, "Takes the new text."), in: .any,
                summary: "Replaces in a text and puts the result into a variable.", outcomes: outcomes,
                example: #"subst_v("$fU", "/^0/+49/", "$var(number)");"#
            ) { route, arguments in
                guard let substitution = arguments.object(1, as: Substitution.self),
                    let variable = arguments.variable(2)
                else { return .failure }
                let text = arguments.text(0, in: route)
                guard let changed = substitution.apply(to: text.span, in: route) else { return .failure }
                return variable.write(.bytes(changed), in: route) ? .success : .failure
            },
        ]
    }

    private static func substitute(
        _ route: RouteContext, _ arguments: Arguments, _ range: ByteRange, at index: Int = 0
    ) -> Outcome {
        guard let substitution = arguments.object(index, as: Substitution.self), range.isPresent else {
            return .failure
        }
        let message = route.message
        let count = substitution.forEachMatch(in: message.span.extracting(range.indices), route) { place, text in
            route.edits.replace(ByteRange(start: range.lower + place.lower, count: place.length), with: text)
        }
        return count > 0 ? .success : .failure
    }

    public var transformations: [TransformationClass] {
        [
            TransformationClass(
                "re", operations: ["subst"], summary: "Replaces what a regular expression matches."
            ) { operation, parameters, compiler in
                guard operation == "subst" else { throw ArgumentError("there is no such operation") }
                // Commas inside the expression were taken for separators of parameters.
                var text = ByteString()
                for (number, parameter) in parameters.enumerated() {
                    guard case .literal(let part) = parameter else {
                        throw ArgumentError("the expression is fixed text, not a variable")
                    }
                    text = number == 0 ? part : text + "," + part
                }
                let substitution = try Substitution(text, compiler)
                return { route, value in
                    guard !value.isNull else { return .bytes(ByteString()) }
                    return route.withText(value) { substitution.apply(to: $0, in: route) }.map { .bytes($0) } ?? value
                }
            }
        ]
    }
}
