import Bytes
import ModuleKit

/// Functions and variables that let a test see what a script does.
final class ProbeModule: ServerModule {
    struct Settings: Sendable {
        var number = 0
        var text = ByteString()
    }
    static let name = "probe"
    static let summary = "For tests."
    static let defaultSettings = Settings()
    static var parameters: [ModuleKit.ModuleParameter<Settings>] {
        [
            .init("number", \.number, in: 0...1000, "A number."),
            .init("text", \.text, "A text."),
        ] + ModuleKit.ModuleParameter.notYet(.int, "later")
    }

    let settings: Settings
    let host: ScriptHost

    init(_ settings: Settings, host: any ModuleHost) throws {
        guard let host = host as? ScriptHost else { throw ModuleError("only for tests") }
        self.settings = settings
        self.host = host
    }

    private func function(
        _ name: String, _ arguments: [Argument] = [], in routes: RouteKinds = .any, body: @escaping ScriptFunction.Body
    ) -> ScriptFunction {
        var made = ScriptFunction(name, in: routes, summary: "", example: "", body: body)
        made.arguments = arguments
        return made
    }

    private func onlyBlock(_ function: ScriptFunction) -> ScriptFunction {
        var changed = function
        changed.continuesBlockOnly = true
        return changed
    }

    var functions: [ScriptFunction] {
        let host = self.host
        let text = Argument("text", .format, "")
        return [
            self.function("probe", [text]) { route, arguments in
                host.trace.append(arguments.text(0, in: route).string)
                return .success
            },
            self.function("pair", [text, text]) { route, arguments in
                host.trace.append("\(arguments.text(0, in: route)),\(arguments.text(1, in: route))")
                return .success
            },
            self.function("literal", [Argument("text", .literal, "")]) { route, arguments in
                host.trace.append(arguments.text(0, in: route).string)
                return .success
            },
            self.function("result", [Argument("code", .int, "")]) { route, arguments in
                .code(arguments.int(0, in: route) ?? -99)
            },
            self.function("optional", [Argument("a", .literal, ""), Argument("b", .literal, "", optional: true)]) {
                _, arguments in .code(arguments.count)
            },
            self.function("only_reply", in: [.reply, .transactionReply]) { _, _ in .success },
            self.function("match", [Argument("re", .regex, "")]) { _, arguments in
                arguments.object(0, as: RegularExpression.self) == nil ? .failure : .success
            },
            self.function("fill", [Argument("name", .variable, "")]) { route, arguments in
                arguments.variable(0)?.write(.text("filled"), in: route) == true ? .success : .failure
            },
            // Waits; its code is that of the resumption.
            self.function("suspend_once") { _, _ in
                host.suspensions += 1
                return .suspended(nil)
            },
            // Waits; the rest of its block is all that runs then.
            self.onlyBlock(
                self.function("rest_of_block") { _, _ in
                    host.suspensions += 1
                    return .suspended(nil)
                }),
            // Waits twice, and tells what it was woken with.
            self.function("suspend_twice") { _, _ in
                host.suspensions += 1
                return .suspended(
                    Continuation { _, first in
                        host.suspensions += 1
                        return .suspended(Continuation { _, second in .code(first.code * 10 + second.code) })
                    })
            },
            self.function("run", [Argument("route", .route(.branch), "")], in: .any) { _, arguments in
                .run(
                    RouteCall(route: arguments.route(0), kind: .branch) { route, result in
                        host.trace.append(
                            "ran \(result.code)\(result.isDropped ? " dropped" : "")\(result.isStopped ? " stopped" : "")"
                        )
                        return .code(result.code == 0 ? 7 : result.code)
                    })
            },
        ] + ScriptFunction.notYet("not_yet")
    }

    var variables: [ScriptVariable] {
        [
            ScriptVariable("var", inner: .required, writable: true, summary: "") { name, compiler in
                guard case .literal(let text) = name else { throw ArgumentError("$var takes a fixed name") }
                let slot = compiler.variableSlot(text)
                return VariableAccess(
                    read: { route, _ in route.worker.variables[slot] },
                    write: { route, _, value in
                        route.worker.variables[slot] = value.isNull ? .int(0) : value
                        return true
                    })
            },
            // A stack, like the one of module pv.
            ScriptVariable("avp", inner: .required, writable: true, summary: "") { name, _ in
                VariableAccess(
                    read: { route, index in
                        guard case .at(let place) = index else {
                            return route.attributes.value(.text(name.resolve(in: route)))
                        }
                        return route.attributes.value(.text(name.resolve(in: route)), at: place)
                    },
                    write: { route, index, value in
                        let key = AttributeName.text(name.resolve(in: route))
                        if case .all = index { route.attributes.removeAll(key) }
                        if value.isNull { route.attributes.remove(key) } else { route.attributes.push(key, value) }
                        return true
                    })
            },
            ScriptVariable("rm", summary: "") { .slice($0.message.methodRange) },
            ScriptVariable("ru", summary: "") { $0.requestURI },
            ScriptVariable("noisy", summary: "") { route in
                route.log(.error, "noise")
                return .text("n")
            },
        ]
    }

    var transformations: [TransformationClass] {
        [
            TransformationClass("s", operations: ["len", "rev"], summary: "") { operation, _, _ in
                switch operation {
                case "len": { route, value in .int(route.withText(value) { $0.count }) }
                case "rev": { route, value in .bytes(ByteString(Array(route.text(value).bytes.reversed()))) }
                default: throw ArgumentError("there is no such operation")
                }
            }
        ]
    }
}

/// Stands for the core: its commands leave `$rc` alone.
final class CoreStandIn: ServerModule {
    static let name = "core"
    static let summary = "For tests."
    init(_ settings: NoSettings, host: any ModuleHost) throws {}

    var functions: [ScriptFunction] {
        let flag = Argument(
            "flag",
            .custom { text, compiler in
                guard let number = compiler.flag(text) else { throw ArgumentError("\(text) is no flag") }
                return FlagNumber(number)
            }, "")
        func command(_ name: String, _ body: @escaping @Sendable (RouteContext, UInt32) -> Outcome) -> ScriptFunction {
            ScriptFunction(name, flag, in: .any, summary: "", example: "") { route, arguments in
                body(route, 1 << UInt32(arguments.object(0, as: FlagNumber.self)?.number ?? 0))
            }
        }
        return [
            command("setflag") { route, mask in
                route.flags |= mask
                return .success
            },
            command("resetflag") { route, mask in
                route.flags &= ~mask
                return .success
            },
            command("isflagset") { route, mask in route.flags & mask == 0 ? .failure : .success },
            // A core command that has to wait.
            ScriptFunction("forward", in: .any, summary: "", example: "") { _, _ in
                .suspended(Continuation { _, result in .code(result.code) })
            },
        ]
    }

    var variables: [ScriptVariable] {
        [
            ScriptVariable("rc", "retcode", "?", summary: "") { .int($0.returnCode) },
            ScriptVariable("null", summary: "") { _ in .null },
        ]
    }
}

final class FlagNumber: Sendable {
    let number: Int
    init(_ number: Int) { self.number = number }
}
