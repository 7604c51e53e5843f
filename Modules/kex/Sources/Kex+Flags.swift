import Bytes
import ModuleKit

extension Kex {
    private static let flag = Argument("flag", .int, "Number of the flag, 0 to 31.")

    private static func mask(_ arguments: Arguments, _ route: RouteContext) -> UInt32? {
        guard let number = arguments.int(0, in: route), number >= 0, number < 32 else {
            route.log(.error, "a flag has a number from 0 to 31")
            return nil
        }
        return 1 << UInt32(number)
    }

    /// Script flags: cleared when the next top-level route starts.
    var scriptFlagFunctions: [ScriptFunction] {
        func function(
            _ name: String, _ summary: String, _ body: @escaping @Sendable (RouteContext, UInt32) -> Bool
        ) -> ScriptFunction {
            ScriptFunction(
                name, Self.flag, in: .any, summary: summary, outcomes: [1: "yes", -1: "no, or no such flag"],
                example: "\(name)(\"5\");"
            ) { route, arguments in
                guard let mask = Self.mask(arguments, route) else { return .failure }
                return body(route, mask) ? .success : .failure
            }
        }
        return [
            function("setsflag", "Sets a script flag.") { route, mask in
                route.scriptFlags |= mask
                return true
            },
            function("resetsflag", "Clears a script flag.") { route, mask in
                route.scriptFlags &= ~mask
                return true
            },
            function("issflagset", "Tells whether a script flag is set.") { $0.scriptFlags & $1 != 0 },
        ]
    }

    /// Branch flags: of the main branch, or of a further one.
    var branchFlagFunctions: [ScriptFunction] {
        func function(
            _ name: String, _ summary: String, _ body: @escaping @Sendable (inout UInt32, UInt32) -> Bool
        ) -> ScriptFunction {
            ScriptFunction(
                name, Self.flag,
                Argument("branch", .int, "0 the main branch, 1 the first further one.", optional: true),
                in: .any, summary: summary, outcomes: [1: "yes", -1: "no, or no such flag or branch"],
                example: "\(name)(\"5\");"
            ) { route, arguments in
                guard let mask = Self.mask(arguments, route) else { return .failure }
                guard arguments.has(1), let branch = arguments.int(1, in: route), branch != 0 else {
                    return body(&route.target.flags, mask) ? .success : .failure
                }
                guard route.branches.indices.contains(branch - 1) else { return .failure }
                return body(&route.branches[branch - 1].flags, mask) ? .success : .failure
            }
        }
        return [
            function("setbflag", "Sets a branch flag.") { flags, mask in
                flags |= mask
                return true
            },
            function("resetbflag", "Clears a branch flag.") { flags, mask in
                flags &= ~mask
                return true
            },
            function("isbflagset", "Tells whether a branch flag is set.") { $0 & $1 != 0 },
        ]
    }
}
