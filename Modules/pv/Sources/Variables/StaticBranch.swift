import Bytes
import ModuleKit
import SIPMessage

/// `$sbranch`: a branch that the script puts together before it uses it. It belongs to the worker's current message.
private final class StaticBranch {
    var target: BranchTarget?
}

extension RouteContext {
    fileprivate var staticBranch: StaticBranch {
        if let known = self.state(StaticBranch.self) { return known }
        let branch = StaticBranch()
        self.setState(branch)
        return branch
    }
}

extension PseudoVariables {
    var staticBranchVariable: ScriptVariable {
        let host = self.host
        return ScriptVariable(
            "sbranch", inner: .required, writable: true,
            summary: "The branch that sbranch_append() and sbranch_set_ruri() use: attributes as those of $branch."
        ) { name, _ in
            guard case .literal(let text) = name, let attribute = BranchAttribute(rawValue: text.string) else {
                throw ArgumentError("$sbranch has no such attribute")
            }
            return VariableAccess { route, _ in
                guard let target = route.staticBranch.target else { return attribute == .count ? .int(0) : .null }
                return attribute == .count ? .int(1) : attribute.read(target)
            } write: { route, _, value in
                var target = route.staticBranch.target ?? BranchTarget()
                guard attribute.write(value, route, &target, host) else { return false }
                route.staticBranch.target = target
                return true
            }
        }
    }

    /// Functions that use `$sbranch`.
    var staticBranchFunctions: [ScriptFunction] {
        let host = self.host
        return [
            ScriptFunction(
                "sbranch_set_ruri", in: .any,
                summary: "Makes $sbranch the main branch: Request-URI, $du, path and flags.",
                reference: "RFC 3261 §16.5", outcomes: [1: "done", -1: "$sbranch(uri) is not set"],
                example: #"$sbranch(uri) = "sip:a@192.0.2.1"; sbranch_set_ruri();"#
            ) { route, _ in
                guard let target = route.staticBranch.target, target.uri != nil else { return .failure }
                Self.setMainBranch(target, route)
                return .success
            },
            ScriptFunction(
                "sbranch_append", in: .any, summary: "Adds $sbranch to the further branches.",
                reference: "RFC 3261 §16.5",
                outcomes: [1: "added", -1: "$sbranch(uri) is not set, or too many branches"],
                example: #"$sbranch(uri) = "sip:a@192.0.2.1"; sbranch_append();"#
            ) { route, _ in
                guard let target = route.staticBranch.target, target.uri != nil,
                    route.branches.count + 1 < host.settings.maxBranches
                else { return .failure }
                route.branches.append(target)
                return .success
            },
            ScriptFunction(
                "sbranch_reset", in: .any, summary: "Empties $sbranch.", outcomes: [1: "always"],
                example: "sbranch_reset();"
            ) { route, _ in
                route.state(StaticBranch.self)?.target = nil
                return .success
            },
            ScriptFunction(
                "xavp_push_dst", Argument("root", .format, "Name of the root."), in: [.request, .failure, .branch],
                summary:
                    "Makes the newest $xavp root of a name the main branch; its fields are named like those of $branch.",
                reference: "RFC 3261 §16.5", outcomes: [1: "done", -1: "no such root, or it has no uri"],
                example: #"$xavp(d=>uri) = "sip:a@192.0.2.1"; xavp_push_dst("d");"#
            ) { route, arguments in
                guard let fields = route.attributes.xavp.fields(arguments.text(0, in: route)) else { return .failure }
                var target = BranchTarget()
                for position in (0..<fields.count).reversed() {
                    let (name, item) = fields.entry(at: position)
                    guard case .value(let value) = item, let attribute = BranchAttribute(rawValue: name.string) else {
                        continue
                    }
                    _ = attribute.write(value, route, &target, host)
                }
                guard target.uri != nil else { return .failure }
                Self.setMainBranch(target, route)
                return .success
            },
        ]
    }

    private static func setMainBranch(_ target: BranchTarget, _ route: RouteContext) {
        route.target = target
        route.isTargetConsumed = false
        route.invalidateRequestURI()
    }
}
