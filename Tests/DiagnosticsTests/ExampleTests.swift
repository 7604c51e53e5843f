import ModuleKit
import RouteScript
import StandardModules
import Testing

/// Every example in a declaration is a script that loads: readers copy them.
@Suite struct ExampleTests {
    /// One function of one module.
    struct Declared: CustomTestStringConvertible, Sendable {
        let module: String
        let function: ScriptFunction

        var testDescription: String { "\(self.module): \(self.function.name)" }
    }

    static let declared: [Declared] = {
        let host = CheckHost(types: StandardModules.all)
        defer { host.detach() }
        return StandardModules.all.flatMap { type in
            let functions = (try? host.instance(of: type))?.functions ?? []
            return functions.filter { $0.body != nil && !$0.example.isEmpty }.map {
                Declared(module: type.name, function: $0)
            }
        }
    }()

    @Test func `modules declare functions with examples`() {
        #expect(Self.declared.count > 250)
    }

    @Test(arguments: declared) func `the example of a function loads`(_ declared: Declared) {
        let text = Self.script(declared)
        let errors = Checked.analysis(text).sortedDiagnostics.filter { $0.severity == .error }
        #expect(errors.isEmpty, "\(errors.map(\.message)) in\n\(declared.function.example)")
    }

    /// A configuration around the example, in a route where the function may be called.
    static func script(_ declared: Declared) -> String {
        let example = declared.function.example
        var text = StandardModules.all.map(\.name).filter { $0 != "core" }.map { "loadmodule \"\($0).so\"\n" }.joined()
        text += Self.settings
        if example.contains("request_route {") { return text + example + "\n" }
        if example.contains("route[") { return text + example + "\nrequest_route { exit; }\n" }
        let block = Self.block(declared.function.routes)
        text += "\(block) {\n\(example)\n}\n"
        if block != "request_route" { text += "request_route { exit; }\n" }
        for name in Self.routeNames(in: example) {
            for kind in ["route", "branch_route", "failure_route", "onreply_route"] {
                text += "\(kind)[\(name)] { xlog(\"\(name)\"); }\n"
            }
            text += "event_route[tm:branch-failure:\(name)] { xlog(\"\(name)\"); }\n"
        }
        return text
    }

    /// What examples presume of their configuration.
    private static let settings = """
        modparam("htable", "htable", "a=>size=8;")
        modparam("mqueue", "mqueue", "name=q")
        modparam("sqlops", "sqlcon", "ca=>sqlite::memory:")
        modparam("avpops", "db_url", "sqlite::memory:")
        modparam("avpops", "avp_table", "usr_preferences")
        event_route[xhttp:request] { exit; }
        """ + "\n"

    private static func block(_ routes: RouteKinds) -> String {
        let blocks: [(RouteKinds, String)] = [
            (.request, "request_route"), (.failure, "failure_route[HERE]"), (.branch, "branch_route[HERE]"),
            (.transactionReply, "onreply_route[HERE]"), (.reply, "reply_route"), (.onsend, "onsend_route"),
            (.branchFailure, "event_route[tm:branch-failure:here]"), (.event, "event_route[core:worker-one-init]"),
        ]
        return blocks.first { routes.contains($0.0) }?.1 ?? "request_route"
    }

    /// Texts in capitals, as routes are named in examples.
    private static func routeNames(in example: String) -> [String] {
        let quoted = example.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map(\.element)
        let names = quoted.filter { name in
            name.first?.isUppercase == true && name.allSatisfy { $0.isUppercase || $0.isNumber || $0 == "_" }
        }
        return Set(names.map(String.init)).sorted()
    }
}
