import Bytes
import Database
import ModuleKit
import SIPTesting
import Testing
import core
import db_sqlite
import pv
import textops
import xlog

@testable import avpops

@Suite("avpops: the table")
struct DatabaseFunctionsTests {
    private static let modules = [
        ModuleType(Core.self), ModuleType(PseudoVariables.self), ModuleType(Xlog.self), ModuleType(TextOps.self),
        ModuleType(SQLiteDatabases.self), ModuleType(AttributeOperations.self),
    ]
    private static let settings = """
        modparam("avpops", "db_url", "sqlite::memory:")
        modparam("avpops", "avp_table", "usr_preferences")
        modparam("avpops", "db_scheme", "pw:table=subscriber;uuid_col=username;value_col=password;value_type=string")

        """

    /// What a script noted; the tables are there and have a few rows.
    private func notes(_ body: String, settings: String = "") throws -> [String] {
        let bench = ModuleBench()
        try bench.load(SQLiteDatabases.self)
        let database = try Database("sqlite::memory:", host: bench)
        try database.wait(.write) { session in
            _ = try session.makeTables([.usrPreferences, .subscriber])
            try session.insert(Insert(into: "subscriber", ["username": "alice", "password": "secret"]))
            try session.insert(
                Insert(
                    into: "usr_preferences", ["uuid", "username", "domain", "attribute", "type", "value"],
                    rows: [
                        ["U", "alice", "atlanta.com", "x", 0, "v0"], ["U", "bob", "b.org", "x", 0, "v1"],
                        ["V", "alice", "other", "y", 1, "12"], ["N", "", "", "7", 2, "seven"],
                        ["N", "", "", "8", 3, "8"], ["N", "", "", "bad", 2, "1"], ["N", "", "", "worse", 1, "x"],
                    ]))
        }
        let run = try NoteBench(
            body, settings: Self.settings + settings, modules: Self.modules, on: bench)
        try run.run()
        // A database in memory lives as long as somebody holds it.
        return withExtendedLifetime(database) { run.notes }
    }

    private static let dump = #"""
        avp_delete("$avp(d)/g");
        avp_db_query("select group_concat(uuid||'|'||username||'|'||domain||'|'||attribute||'|'||type||'|'||value,' ') from usr_preferences where id > 7", "$avp(d)");
        note("$avp(d)");

        """#

    @Test(arguments: [
        ("$fu", "a", "1 v0 12"), ("$fu/uri", "a", "1 v0 12"), ("$fu/username", "$avp(s:y)", "1 <null> 12"),
        ("$fu/domain", "a", "1 v0 <null>"), ("U", "a", "1 v1, v0 <null>"), ("U", "s", "1 v1, v0 <null>"),
        ("U", "i", "-1 <null> <null>"), ("V", "a", "1 <null> 12"), ("alice/username", "a", "-1 <null> <null>"),
        ("U", "$avp(s:x)", "1 v1, v0 <null>"), ("U", "$avp(s:y)", "-1 <null> <null>"),
        ("nobody", "a", "-1 <null> <null>"),
        ("$avp(none)", "a", "-1 <null> <null>"), ("alice", "$avp(s:x)/$pw", "1 secret <null>"),
        ("V", "$avp(s:y)/usr_preferences", "1 <null> 12"), ("V", "$avp(s:y)/nowhere", "-1 <null> <null>"),
    ])
    func `values are found by identifier, user and domain`(source: String, names: String, expected: String) throws {
        #expect(
            try self.notes(
                #"$var(r) = avp_db_load("\#(source)", "\#(names)"); note("$var(r) $(avp(x)[*]) $(avp(y)[*])");"#)
                == [expected])
    }

    @Test func `with use_domain a user is name and domain`() throws {
        #expect(
            try self.notes(
                #"avp_db_load("$fu", "a"); note("$avp(x) $avp(y)");"#,
                settings: "modparam(\"avpops\", \"use_domain\", 1)\n") == ["v0 <null>"])
    }

    @Test func `the type tells numbers from texts, and what does not fit is left out`() throws {
        #expect(
            try self.notes(
                #"""
                $var(r) = avp_db_load("N", "a"); note("$var(r) $avp(i:7) $avp(i:8) $avp(bad) $avp(worse)");
                $avp(i:8) = $avp(i:8) + 1; note("$avp(i:8)");
                """#) == ["1 seven 8 <null> <null>", "9"])
    }

    @Test func `values are stored with their types, newest first`() throws {
        #expect(
            try self.notes(
                #"""
                $avp(s:l) = "en"; $avp(s:l) = "fr"; $avp(i:3) = 5;
                $var(r) = avp_db_store("W", "$avp(s:l)"); note("$var(r)");
                $var(r) = avp_db_store("$fu", "i"); note("$var(r)");
                $var(r) = avp_db_store("W", "$avp(s:none)"); note("$var(r)");
                $var(r) = avp_db_store("x/username", "a"); note("$var(r)");

                """# + Self.dump) == ["1", "1", "-1", "-1", "W|||l|0|fr W|||l|0|en |alice||3|3|5"])
    }

    @Test func `hostile texts are stored and found as they are`() throws {
        #expect(
            try self.notes(
                #"""
                $avp(s:q) = "'; DELETE FROM usr_preferences; --";
                avp_db_store("$avp(s:q)", "$avp(s:q)");
                avp_db_store("W", "$avp(s:q)");
                avp_db_load("$avp(s:q)", "$avp(s:q)");
                note("$(avp(q)[*])");

                """#) == ["'; DELETE FROM usr_preferences; --, '; DELETE FROM usr_preferences; --"])
    }

    @Test func `deleting succeeds whether there was something or not`() throws {
        #expect(
            try self.notes(
                #"""
                $var(r) = avp_db_delete("U", "$avp(s:none)"); avp_db_load("U", "a"); note("$var(r) $(avp(x)[*])");
                avp_delete("a"); $var(r) = avp_db_delete("$fu", "$avp(s:x)"); avp_db_load("U", "a"); note("$var(r) $(avp(x)[*])");
                avp_delete("a"); $var(r) = avp_db_delete("U", "a"); avp_db_load("U", "a"); note("$var(r) $(avp(x)[*])");
                """#) == ["1 v1, v0", "1 v1", "1 <null>"])
    }

    @Test func `a query fills stacks, the first row on top`() throws {
        #expect(
            try self.notes(
                #"""
                $var(r) = avp_db_query("select 1, 'a' union all select 2, null"); note("$var(r) $(avp(i:1)[*]) $(avp(i:2)[*])");
                $var(r) = avp_db_query("select 1, 'a', 2.5", "$avp(p);$avp(q)"); note("$var(r) $avp(p) $avp(q)");
                $var(r) = avp_db_query("select 1 where 0"); note("$var(r)");
                $var(r) = avp_db_query("update subscriber set ha1='x'"); note("$var(r)");
                $var(r) = avp_db_query("bad"); note("$var(r)");
                """#) == ["1 1, 2 a", "1 1 a", "-2", "-2", "-1"])
    }

    @Test(arguments: [
        #"avp_db_load("$fu/colour", "a");"#, #"avp_db_load("$fu", "$var(x)");"#,
        #"avp_db_load("$fu", "$avp(x)/$none");"#,
        #"avp_db_store("$fu", "$avp(x)/$pw");"#, #"avp_db_load("$fu", "a/$pw");"#, #"avp_db_load("", "a");"#,
        #"avp_db_query("select 1", "$var(x)");"#, #"avp_db_load("$fu", "a/b/c");"#,
    ])
    func `what means nothing is refused when the script is loaded`(body: String) {
        #expect(throws: ScriptBench.Refused.self) {
            try NoteBench(body, settings: Self.settings, modules: Self.modules)
        }
    }

    @Test func `without a database its functions are refused, and so is a database without a table`() {
        #expect(throws: ScriptBench.Refused.self) {
            try NoteBench(#"avp_db_load("$fu", "a");"#, modules: Self.modules)
        }
        #expect(throws: ScriptBench.Refused.self) {
            try NoteBench(
                "exit;", settings: "modparam(\"avpops\", \"db_url\", \"sqlite::memory:\")\n", modules: Self.modules)
        }
    }

    @Test func `a start without the table names it`() throws {
        let bench = ModuleBench()
        try bench.load(SQLiteDatabases.self)
        let script = try NoteBench(
            #"avp_db_load("$fu", "a");"#, settings: Self.settings, modules: Self.modules, on: bench)
        let error = #expect(throws: ModuleError.self) {
            for started in script.script.program.hooks.started { try started(bench) }
        }
        #expect(error?.message.contains("no table 'usr_preferences'") == true)
    }
}
