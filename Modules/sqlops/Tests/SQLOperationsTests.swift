import Bytes
import Database
import ModuleKit
import SIPTesting
import Testing
import core
import db_sqlite
import pv
import xlog

@testable import sqlops

@Suite("sqlops")
struct SQLOperationsTests {
    private static let modules = [
        ModuleType(Core.self), ModuleType(PseudoVariables.self), ModuleType(Xlog.self),
        ModuleType(SQLiteDatabases.self), ModuleType(SQLOperations.self),
    ]
    private static let settings = """
        modparam("sqlops", "sqlcon", "ca=>sqlite::memory:")
        """

    /// What a script noted; the table `z` has two rows.
    private func notes(_ body: String, settings: String = Self.settings) throws -> [String] {
        let fill = """
            sql_query("ca", "create table z (a int, b varchar(9), d real)");
            sql_query("ca", "insert into z values (11, 'eleven', 2.5), (12, null, null)");

            """
        let bench = try NoteBench(fill + body, settings: settings, modules: Self.modules)
        try bench.run()
        return bench.notes
    }

    @Test func `a query gives rows, none, or fails`() throws {
        #expect(
            try self.notes(
                """
                $var(r) = sql_query("ca", "select * from z", "ra"); note("$var(r) $dbr(ra=>rows) $dbr(ra=>cols)");
                $var(r) = sql_query("ca", "select * from z where a=9", "ra"); note("$var(r) $dbr(ra=>rows) $dbr(ra=>cols)");
                $var(r) = sql_query("ca", "select * from nowhere", "ra"); note("$var(r) $dbr(ra=>rows)");
                $var(r) = sql_query("ca", "nonsense"); note("$var(r)");
                $var(r) = sql_query("ca", ""); note("$var(r)");
                $var(r) = sql_query("ca", "select 1"); note("$var(r)");
                $var(r) = sql_query("ca", "select 1 where 0"); note("$var(r)");
                """) == ["1 2 3", "2 0 0", "-1 0", "-1", "-1", "3", "2"])
    }

    @Test func `a result shows cells, names of columns and $null, until it is freed`() throws {
        #expect(
            try self.notes(
                """
                $var(i) = 1;
                sql_query("ca", "select a, b, d from z", "ra");
                note("$dbr(ra=>[0,0]) $dbr(ra=>[0,1]) $dbr(ra=>[0,2]) $dbr(ra=>[1,1]) $dbr(ra=>[$var(i),0])");
                note("$dbr(ra=>colname[1]) $dbr(ra=>[9,0]) $dbr(ra=>[0,9]) $dbr(ra=>colname[9]) $dbr(rb=>rows)");
                sql_result_free("ra");
                note("$dbr(ra=>rows) $dbr(ra=>[0,0])");
                """) == ["11 eleven 2.5 <null> 12", "b <null> <null> <null> 0", "0 <null>"])
    }

    @Test func `rows become records, the first one on top`() throws {
        #expect(
            try self.notes(
                """
                $xavp(x=>a) = "old";
                $var(r) = sql_xquery("ca", "select a, b from z", "x");
                note("$var(r) $xavp(x=>a) $xavp(x=>b) $xavp(x[1]=>a) $xavp(x[1]=>b) $xavp(x[2]=>a)");
                $var(r) = sql_xquery("ca", "select a from z where a=9", "y"); note("$var(r) $xavp(y=>a)");
                $var(r) = sql_xquery("ca", "bad", "y"); note("$var(r)");
                """) == ["1 11 eleven 12 <null> old", "2 <null>", "-1"])
    }

    @Test func `columns become variables, the last row first`() throws {
        #expect(
            try self.notes(
                """
                $var(r) = sql_pvquery("ca", "select a, b from z", "$avp(a); $var(b)");
                note("$var(r) $avp(a) $(avp(a)[1]) $var(b)");
                $var(r) = sql_pvquery("ca", "select a, b from z", "$avp(c)"); note("$var(r) $avp(c)");
                $var(r) = sql_pvquery("ca", "select a from z", "$avp(d);$avp(e)"); note("$var(r) $avp(d) $avp(e)");
                $var(r) = sql_pvquery("ca", "select a from z where a=9", "$avp(f)"); note("$var(r) $avp(f)");
                """) == ["1 11 12 eleven", "-1 12", "1 11 <null>", "2 <null>"])
    }

    @Test func `affected rows, and queries that nobody waits for`() throws {
        #expect(
            try self.notes(
                """
                note("[$sqlrows(ca)]");
                sql_query("ca", "update z set b='x'"); note("$sqlrows(ca)");
                $var(r) = sql_query_async("ca", "delete from z"); note("$var(r)");
                sql_query("ca", "select count(*) from z", "ra"); note("$dbr(ra=>[0,0])");
                """) == ["[2]", "2", "1", "0"])
    }

    private static let quotes = #"""
        $var(x) = "a'b\"c\\d"; $var(n) = 12;
        note("$(var(x){sql.val}) $(var(x){sql.val.str}) $(var(x){sql.val.int})");
        note("$(var(n){sql.val}) $(var(n){sql.val.str}) $(avp(none){sql.val}) $(avp(none){sql.val.int}) $(avp(none){sql.val.str})");
        """#

    @Test func `values are quoted for SQL`() throws {
        #expect(
            try self.notes(Self.quotes)
                == [#"'a''b"c\d' 'a''b"c\d' 'a''b"c\d'"#, "12 12 NULL 0 ''"])
    }

    @Test func `for MySQL they are quoted with backslashes`() throws {
        let settings = """
            modparam("sqlops", "sqlcon", "cm=>mysql://u:p@127.0.0.1/db")
            modparam("sqlops", "connect_mode", 2)
            """
        let alone = try NoteBench.notes(Self.quotes, settings: settings, modules: Self.modules)
        #expect(alone == [#"'a\'b\"c\\d' 'a\'b\"c\\d' 'a\'b\"c\\d'"#, "12 12 NULL 0 ''"])
        let both = try NoteBench(Self.quotes, settings: Self.settings + "\n" + settings, modules: Self.modules)
        try both.run()
        #expect(both.notes == alone)
        #expect(both.log.contains { $0.contains("{sql.val} quotes texts for MySQL") })
    }

    @Test(arguments: [
        "x' OR 1=1 --", "\\' OR 1=1 --", "'; DROP TABLE z; --", "''", "\\", "\"", "%_", "a''b",
        "x\\'); DELETE FROM z; --",
    ])
    func `a quoted text from outside is a text`(text: String) throws {
        let bench = try NoteBench(
            """
            sql_query("ca", "create table z (a int, b text)");
            sql_query("ca", "insert into z values (1, 'kept')");
            sql_query("ca", "insert into z values (2, $(hdr(X-Text){sql.val.str}))");
            sql_query("ca", "select count(*) from z", "ra"); note("$dbr(ra=>[0,0])");
            sql_query("ca", "select a, b from z where b=$(hdr(X-Text){sql.val})", "rb");
            note("$dbr(rb=>rows) $dbr(rb=>[0,0]) $dbr(rb=>[0,1])");
            """, settings: Self.settings, modules: Self.modules)
        try bench.run(NoteBench.request.replacing("CSeq:", with: "X-Text: \(text)\nCSeq:"))
        #expect(bench.notes == ["2", "1 2 \(text)"])
    }

    @Test(arguments: [
        #"sql_query("cb", "select 1");"#, #"sql_query("ca");"#, #"sql_pvquery("ca", "select 1", "$ru{s.len}");"#,
        #"sql_pvquery("ca", "select 1", "");"#, #"note("$dbr(ra)");"#, #"note("$dbr(ra=>what)");"#,
        #"note("$dbr(ra=>[x,0])");"#, #"note("$dbr(ra=>[0])");"#, #"note("$(var(x){sql.other})");"#,
        #"note("$sqlrows(cb)");"#,
    ])
    func `what means nothing is refused when the script is loaded`(body: String) {
        #expect(throws: ScriptBench.Refused.self) {
            try NoteBench(body, settings: Self.settings, modules: Self.modules)
        }
    }

    @Test(arguments: [
        #"modparam("sqlops", "sqlcon", "ca")"#, #"modparam("sqlops", "sqlcon", "ca=>nothing")"#,
        #"modparam("sqlops", "sqlcon", "=>sqlite:///x")"#,
        "modparam(\"sqlops\", \"sqlcon\", \"ca=>sqlite::memory:\")\nmodparam(\"sqlops\", \"sqlcon\", \"ca=>sqlite::memory:\")",
        #"modparam("sqlops", "connect_mode", 3)"#,
    ])
    func `a connection that is none is refused`(settings: String) {
        #expect(throws: ScriptBench.Refused.self) { try NoteBench("exit;", settings: settings, modules: Self.modules) }
    }

    @Test func `connect_mode says whether a start needs the database`() throws {
        for (mode, starts) in [(0, false), (1, true), (2, true)] {
            let bench = ModuleBench()
            try bench.load(SQLiteDatabases.self)
            let module = try bench.load(
                SQLOperations.self,
                [("sqlcon", .text("ca=>sqlite:///nowhere/at/all.db")), ("connect_mode", .int(mode))])
            let isStarted = (try? module.hooks.started?(bench)) != nil
            #expect(isStarted == starts)
            #expect(bench.log.contains { $0.contains("sqlcon ca") } == (mode == 1))
        }
    }

    @Test func `a database that hangs fails its query in time, and other scripts go on meanwhile`() throws {
        var clock = VirtualClock(wallSeconds: 1_700_000_000)
        let bench = ModuleBench()
        let run = try NoteBench(
            """
            if ($rU == "bob") { $var(r) = sql_query("ca", "select 1", "ra"); note("$var(r) $dbr(ra=>rows)"); }
            else note("free");
            """, settings: Self.settings, modules: Self.modules, on: bench)
        bench.holdsBlockingWork = true
        func pass(_ milliseconds: Int) throws {
            clock.move(to: clock.now + .milliseconds(milliseconds))
            let wakes = bench.worker.wakes
            bench.worker.wakes = []
            clock.govern { for wake in wakes { wake.token.resume(ResumeResult(code: wake.code)) } }
            run.script.settle()
        }
        try clock.govern { _ = try run.run() }
        _ = try run.run(NoteBench.request.replacing("sip:bob@", with: "sip:carol@"))
        #expect(run.notes == ["free"])
        #expect(bench.heldWork.count == 1)
        try pass(4_999)
        #expect(run.notes == ["free"])
        try pass(1)
        #expect(run.notes == ["free", "-1 0"])
        // What the thread brings when it comes back is nobody's any more.
        bench.holdsBlockingWork = false
        for work in bench.heldWork { clock.govern { work() } }
        try clock.govern { _ = try run.run() }
        #expect(run.notes == ["free", "-1 0", "1 1"])
    }

    @Test func `a database that is not there fails each query, after a few without a try`() throws {
        let bench = ModuleBench()
        let run = try NoteBench(
            #"$var(r) = sql_query("ca", "select 1"); note("$var(r)");"#,
            settings: #"modparam("sqlops", "sqlcon", "ca=>sqlite:///nowhere/at/all.db")"#, modules: Self.modules,
            on: bench)
        let clock = VirtualClock(wallSeconds: 1_700_000_000)
        for _ in 0..<5 { try clock.govern { _ = try run.run() } }
        #expect(run.notes == Array(repeating: "-1", count: 5))
        #expect(bench.log.contains { $0.contains("/nowhere/at/all.db does not answer") })
        #expect(bench.log.contains { $0.contains("it is not asked for a while") })
    }
}
