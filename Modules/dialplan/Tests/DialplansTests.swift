import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import core
import pv
import xlog

@testable import dialplan

@Suite("dialplan")
struct DialplansTests {
    private static let columns: [ByteString] = [
        "dpid", "pr", "match_op", "match_exp", "match_len", "subst_exp", "repl_exp", "attrs",
    ]
    private static let rows: [[DatabaseValue]] = [
        [1, 1, 0, "bob", 0, "^(b)", "<\\1>", "abob"], [1, 1, 0, "norepl", 0, "", "", "anr"],
        [1, 1, 0, "toru", 0, "(.*)", "sip:new-\\1@n.test", "a"], [1, 5, 0, "prio", 0, "", "p5", "a5"],
        [1, 3, 0, "prio", 0, "", "p3", "a3"], [1, 1, 0, "same", 0, "", "first", "f"],
        [1, 1, 0, "same", 0, "", "second", "s"],
        [1, 2, 0, "len", 3, "", "by length", ""], [1, 1, 0, "len", 0, "", "any length", ""],
        [1, 1, 0, "nosubst", 0, "^zzz$", "x", "never"], [1, 2, 0, "nosubst", 0, "", "later", ""],
        [1, 1, 1, "^pv-", 0, "pv-(.)", "$var(p)\\1", "pv"],
        [3, 1, 1, "^dyn-$var(p)$", 0, "^dyn-($var(p))$", "<\\1>", "d"],
        [3, 1, 0, "eq-$var(p)", 0, "", "x", ""], [2, 1, 1, "(broken", 0, "", "x", ""],
        [2, 2, 1, ".", 0, "", "good", ""],
        [4, 1, 0, "n", 0, nil, nil, nil], [nil, 1, 0, "n", 0, "", "", ""],
    ]

    private func bench(
        _ parameters: [(String, ParameterValue)] = []
    ) throws -> (ModuleBench, BenchDatabase, Dialplans) {
        let bench = ModuleBench()
        let database = BenchDatabase(bench)
        database.tables["version"] = Rows(columns: ["table_name", "table_version"], [["dialplan", 2]])
        database.tables["dialplan"] = Rows(columns: Self.columns, Self.rows)
        try bench.load(PseudoVariables.self)
        let module = try bench.load(
            Dialplans.self,
            [("db_url", .text(BenchDatabase.url)), ("attrs_pvar", .text("$var(attrs)"))] + parameters)
        try module.hooks.started?(bench)
        return (bench, database, module)
    }

    private func request(_ bench: ModuleBench, _ user: String = "bob") throws -> RouteContext {
        let route = try bench.receive(
            "INVITE sip:\(user)@b.test SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:x@y>;tag=1\nTo: <sip:b@c>\n"
                + "Call-ID: 1\nCSeq: 1 INVITE\n")
        _ = try bench.compiler.variable("$var(p)").write(.text("pre"), in: route)
        _ = try bench.compiler.variable("$var(o)").write(.text("unset"), in: route)
        _ = try bench.compiler.variable("$var(attrs)").write(.text("unset"), in: route)
        return route
    }

    private func read(_ bench: ModuleBench, _ variable: String, _ route: RouteContext) throws -> String {
        route.text(try bench.compiler.variable(ByteString(variable)).read(in: route)).string
    }

    @Test(arguments: [
        ("1", "bob", 1, "<b>", "abob"), ("1", "norepl", 1, "unset", "anr"), ("1", "prio", 1, "p3", "a3"),
        ("1", "same", 1, "first", "f"), ("1", "len", 1, "by length", ""), ("1", "nosubst", -1, "unset", "unset"),
        ("1", "pv-7", 1, "pre7", "pv"), ("1", "nobody", -1, "unset", "unset"), ("1", "", -1, "unset", "unset"),
        ("9", "bob", -2, "unset", "unset"), ("2", "x", 1, "good", ""), ("3", "dyn-pre", -1, "unset", "unset"),
        ("4", "n", 1, "unset", ""),
    ])
    func `the first rule that matches makes the result`(
        _ dialplan: String, _ input: String, _ code: Int, _ output: String, _ attributes: String
    ) throws {
        let (bench, _, _) = try self.bench()
        let route = try self.request(bench)
        #expect(try bench.call("dp_replace", dialplan, input, "$var(o)", in: route) == code)
        #expect(try self.read(bench, "$var(o)", route) == output)
        #expect(try self.read(bench, "$var(attrs)", route) == attributes)
    }

    @Test func `variables in expressions count on demand, in regular expressions only`() throws {
        let (bench, _, _) = try self.bench([("match_dynamic", .int(1))])
        let route = try self.request(bench)
        #expect(try bench.call("dp_replace", "3", "dyn-pre", "$var(o)", in: route) == 1)
        #expect(try self.read(bench, "$var(o)", route) == "<pre>")
        #expect(try bench.call("dp_match", "3", "dyn-x", in: route) == -1)
        #expect(try bench.call("dp_match", "3", "eq-pre", in: route) == -1)
        #expect(try bench.call("dp_match", "3", "eq-$var(p)", in: route) == -1)
    }

    @Test(arguments: [
        (#"dp_translate("1")"#, "same", "sip:first@b.test", "unset"),
        (#"dp_translate("1", "$rU/$ru")"#, "toru", "sip:new-toru@n.test", "unset"),
        (#"dp_translate("1", "$rU/$var(o)")"#, "bob", "sip:bob@b.test", "<b>"),
        (#"dp_translate("1", "$rU")"#, "bob", "sip:bob@b.test", "unset"),
        (#"dp_translate("1", "$(rU{s.substr,0,0})/$var(o)")"#, "bob", "sip:bob@b.test", "<b>"),
    ])
    func `dp_translate works on the user of the Request-URI, or on what it is told`(
        _ call: String, _ user: String, _ uri: String, _ output: String
    ) throws {
        let text = #"$var(o) = "unset"; \#(call); xlog("$rc $ru $var(o)\n");"#
        #expect(try self.script(text, user) == ["1 \(uri) \(output)"])
    }

    @Test(arguments: [#"dp_translate("1", "$rU/$rd")"#, #"dp_translate("1", "nothing")"#, #"dp_translate("x")"#])
    func `what dp_translate cannot use is refused when the script is loaded`(_ call: String) {
        #expect(throws: (any Error).self) { _ = try self.script(call + ";", "bob") }
    }

    /// What a script writes for a request to a user.
    private func script(_ text: String, _ user: String) throws -> [String] {
        let bench = ModuleBench()
        let database = BenchDatabase(bench)
        database.tables["version"] = Rows(columns: ["table_name", "table_version"], [["dialplan", 2]])
        database.tables["dialplan"] = Rows(columns: Self.columns, Self.rows)
        let script = try ScriptBench(
            """
            loadmodule "pv.so"
            loadmodule "xlog.so"
            loadmodule "dialplan.so"
            modparam("dialplan", "db_url", "bench://host/db")
            request_route {
                \(text)
            }
            """,
            [
                ModuleType(Core.self), ModuleType(PseudoVariables.self), ModuleType(Xlog.self),
                ModuleType(Dialplans.self),
            ],
            on: bench)
        for module in script.program.modules where module is Dialplans { try module.hooks.started?(bench) }
        try script.run(ScriptBench.options.replacing("sip:bob@example.org SIP", with: "sip:\(user)@b.test SIP"))
        _ = database
        return script.texts
    }

    @Test func `a text in a variable is no number of a dialplan`() throws {
        let (bench, _, _) = try self.bench()
        let route = try self.request(bench)
        let variable = try bench.compiler.variable("$var(d)")
        _ = variable.write(.text("1"), in: route)
        #expect(try bench.call("dp_match", "$var(d)", "bob", in: route) == -1)
        _ = variable.write(.int(1), in: route)
        #expect(try bench.call("dp_match", "$var(d)", "bob", in: route) == 1)
    }

    @Test func `rows that cannot be used are named, and the others count`() throws {
        let (bench, _, _) = try self.bench()
        let lines = bench.log.filter { $0.contains("the row is left out") }
        #expect(lines.count == 2)
        #expect(lines.contains { $0.contains("dpid 2, pr 1, '(broken'") && $0.contains("no regular expression") })
        #expect(lines.contains { $0.contains("dpid NULL") })
    }

    @Test func `a reload that fails leaves the rules as they were`() throws {
        let (bench, database, _) = try self.bench([("reload_delta", .int(0))])
        let route = try self.request(bench)
        database.failure = DatabaseError(.unreachable, "nobody there")
        #expect(try bench.call("dp_reload", in: route) == -1)
        #expect(try bench.call("dp_match", "1", "bob", in: route) == 1)
        database.failure = nil
        database.tables["dialplan"] = Rows(columns: Self.columns, [[1, 1, 0, "eve", 0, "", "", ""]])
        #expect(try bench.call("dp_reload", in: route) == 1)
        #expect(try bench.call("dp_match", "1", "bob", in: route) == -1)
        #expect(try bench.call("dp_match", "1", "eve", in: route) == 1)
    }

    @Test func `control clients reload, try and see rules`() throws {
        let (bench, database, module) = try self.bench()
        func ask(_ name: String, _ parameters: RPCValue...) throws -> RPCAnswer.Outcome? {
            let command = try #require(module.commands.first { $0.name == name })
            let answer = RPCAnswer()
            command.later?(RPCRequest(parameters: parameters, host: bench), answer)
            return answer.outcome
        }
        #expect(try ask("dialplan.reload") == .success([.string("rows left out, see the log: 2")]))
        #expect(try ask("dialplan.reload") == .failure(RPCFault(500, "ongoing reload")))
        #expect(
            try ask("dialplan.translate", .int(2), .string("x"))
                == .success([.structure(["Output": .string("good"), "Attributes": .null])]))
        #expect(
            try ask("dialplan.translate", .int(99), .string("x")) == .failure(RPCFault(500, "Dialplan ID not matched")))
        #expect(try ask("dialplan.translate", .int(2)) == .failure(RPCFault(500, "Invalid parameters")))
        #expect(try ask("dialplan.translate", .int(2), .string("")) == .failure(RPCFault(500, "Empty input parameter")))
        #expect(try ask("dialplan.translate", .int(4), .string("x")) == .failure(RPCFault(500, "No translation")))
        #expect(
            try bench.call("dialplan.dump", [.int(2)])
                == [
                    .structure([
                        "DPID": .int(2),
                        "ENTRIES": .structure([
                            "ENTRY": .structure([
                                "PRIO": .int(2), "MATCHOP": .int(1), "MATCHEXP": .string("."), "MATCHLEN": .int(0),
                                "SUBSTEXP": .null, "REPLEXP": .string("good"), "ATTRS": .null,
                            ])
                        ]),
                    ])
                ])
        #expect(throws: RPCFault(500, "Dialplan ID not matched")) { try bench.call("dialplan.dump", [.int(99)]) }
        _ = database
    }

    @Test func `a start without the table is refused with the command that helps`() throws {
        let bench = ModuleBench()
        let database = BenchDatabase(bench)
        database.tables["version"] = Rows(columns: ["table_name", "table_version"], [["dialplan", 2]])
        let module = try bench.load(Dialplans.self, [("db_url", .text(BenchDatabase.url))])
        #expect {
            try module.hooks.started?(bench)
        } throws: { error in
            "\(error)".contains("there is no table 'dialplan'") && "\(error)".contains("apusctl db create")
        }
    }
}
