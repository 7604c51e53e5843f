import Bytes
import ModuleKit
import SIPMessage
import textops

extension AttributeOperations {
    var substitutionFunctions: [ScriptFunction] {
        let names = Argument(
            "names", .custom { text, compiler in try AttributePair(text, flags: "gd", compiler) },
            "$avp(source)/$avp(target)/flags: g all values, d deletes the source; without a target it is changed itself."
        )
        return [
            ScriptFunction(
                "avp_subst", names,
                Argument(
                    "substitution", .custom { text, compiler in try Substitution(text, compiler) },
                    "/expression/replacement/flags: g every match, i ignores case."),
                in: Self.routes, summary: "Replaces in texts of an $avp.",
                outcomes: [1: "replaced", -1: "nothing matched"],
                example: #"avp_subst("$avp(contact)", "/(.*)@(.*)/\1@$rd/");"#
            ) { route, arguments in
                guard let pair = arguments.object(0, as: AttributePair.self),
                    let substitution = arguments.object(1, as: Substitution.self)
                else { return .failure }
                return Self.substitute(pair, substitution, route)
            },
            ScriptFunction(
                "avp_subst_pv", names,
                Argument("substitution", .format, "The same, with variables in it."), in: Self.routes,
                summary: "Replaces in texts of an $avp; the expression may come from variables.",
                outcomes: [1: "replaced", -1: "nothing matched", -3: "no substitution"],
                example: #"avp_subst_pv("$avp(contact)", "/$fd/$td/g");"#
            ) { route, arguments in
                guard let pair = arguments.object(0, as: AttributePair.self) else { return .failure }
                let text = arguments.text(1, in: route)
                do {
                    return Self.substitute(pair, try Substitution(text, route.worker.host.compiler), route)
                } catch {
                    route.log(.error, "avp_subst_pv: \((error as? ArgumentError)?.message ?? "bad substitution")")
                    return -3
                }
            },
        ]
    }

    private static func substitute(
        _ pair: AttributePair, _ substitution: Substitution, _ route: RouteContext
    ) -> Outcome {
        let source = pair.source.resolve(in: route)
        let target = pair.target?.resolve(in: route) ?? source
        let deletesSource = pair.deletesSource || pair.target == nil
        var count = 0
        // Of the newest value that matches, or of all; the results are pushed in the order they are found.
        var index = 0
        for value in route.attributes.values(source) {
            let changed: ByteString? =
                value.isInt ? nil : route.withText(value) { substitution.apply(to: $0, in: route) }
            if let changed {
                count += 1
                if deletesSource {
                    route.attributes.remove(source, at: index)
                    index -= 1
                }
                route.attributes.push(target, .bytes(changed))
                if target == source { index += 1 }
                if !pair.takesAll { break }
            }
            index += 1
        }
        return count > 0 ? .success : .failure
    }
}
