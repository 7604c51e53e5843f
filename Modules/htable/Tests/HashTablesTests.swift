import Bytes
import ModuleKit
import SIPTesting
import Testing
import core
import pv
import xlog

@testable import htable

/// Runs bodies of `request_route` on the tables `a`, `i` (initval 7), `e` (autoexpire 3) and `u` (the same, not
/// updated).
struct TableScript {
    let script: ScriptBench

    init(_ body: String, routes: String = "", on bench: ModuleBench = ModuleBench()) throws {
        self.script = try ScriptBench(
            """
            loadmodule "pv.so"
            loadmodule "xlog.so"
            loadmodule "htable.so"
            modparam("htable", "htable", "a=>size=4;")
            modparam("htable", "htable", "i=>size=2;initval=7;")
            modparam("htable", "htable", "e=>size=2;autoexpire=3;")
            modparam("htable", "htable", "u=>size=2;autoexpire=3;updateexpire=0;")
            request_route {
            \(body)
            }
            \(routes)
            """,
            [
                ModuleType(Core.self), ModuleType(PseudoVariables.self), ModuleType(Xlog.self),
                ModuleType(HashTables.self),
            ], on: bench)
    }

    /// What the body writes with `xlog`.
    static func lines(_ body: String) throws -> [String] {
        let made = try TableScript(body)
        try made.script.run()
        return made.texts
    }

    var texts: [String] { self.script.texts }
}

@Suite("htable: items")
struct HashTableItemTests {
    private func lines(_ body: String) throws -> [String] { try TableScript.lines(body) }

    @Test func `an item keeps its type, and $null deletes it`() throws {
        #expect(
            try self.lines(
                """
                $sht(a=>k1) = 5; $sht(a=>k2) = "text";
                xlog("$sht(a=>k1) $sht(a=>k2) $sht(a=>none)\\n");
                if ($sht(a=>k1) == 5) xlog("number\\n");
                $sht(a=>k1) = $null;
                if ($sht(a=>k1) == $null) xlog("gone $sht(a=>k1)\\n");
                """) == ["5 text <null>", "number", "gone <null>"])
    }

    @Test func `a missing item counts as initval`() throws {
        #expect(
            try self.lines(#"xlog("$sht(i=>x) $shtinc(i=>y) $sht(i=>y) $shtdec(i=>z)\n");"#) == ["7 8 8 6"])
    }

    @Test func `a key may contain variables, and array indexes are part of it`() throws {
        #expect(
            try self.lines(
                """
                $sht(a=>$rU) = $ci; $sht(a=>x::$rU::y) = 2; $var(i) = 1;
                $sht(a=>arr[0]) = "zero"; $sht(a=>arr[1]) = "one";
                xlog("$sht(a=>bob) $sht(a=>x::bob::y) $sht(a=>arr[$var(i)])\\n");
                """) == ["1 2 one"])
    }

    @Test func `increments need a number`() throws {
        #expect(
            try self.lines(
                """
                $sht(a=>k) = 5; $sht(a=>s) = "text";
                xlog("$shtinc(a=>k) $shtinc(a=>k) $shtdec(a=>k) $shtinc(a=>none) $shtinc(a=>s) $sht(a=>none)\\n");
                $var(r) = sht_inc("a", "k"); $var(d) = sht_dec("a", "k"); $var(n) = sht_inc("nope", "k");
                $var(m) = sht_inc("a", "none");
                xlog("$var(r) $var(d) $var(n) $var(m)\\n");
                """) == [
                    "6 7 6 <null> <null> <null>", "7 6 -255 -255",
                ])
    }

    @Test func `an unknown table reads as $null and cannot be assigned`() throws {
        #expect(try self.lines(#"xlog("$sht(nope=>x) $shtcn(nope=>x)\n");"#) == ["<null> <null>"])
        #expect(try self.lines(#"$sht(nope=>x) = 1; xlog("on\n");"#).last == "on")
    }

    @Test func `sht_is_null tells what is there`() throws {
        #expect(
            try self.lines(
                """
                $sht(a=>s) = "x"; $sht(a=>n) = 1;
                $var(a) = sht_is_null("a", "none"); $var(b) = sht_is_null("a", "s"); $var(c) = sht_is_null("a", "n");
                $var(d) = sht_is_null("i", "x"); $var(e) = sht_is_null("nope", "x"); $var(f) = sht_is_null("a", "");
                xlog("$var(a) $var(b) $var(c) $var(d) $var(e) $var(f)\\n");
                """
            ).last == "1 -1 -2 -2 2 3")
    }

    @Test func `names and values are counted by expression`() throws {
        #expect(
            try self.lines(
                """
                $sht(a=>p::1) = "v1"; $sht(a=>p::2) = "v2"; $sht(a=>p::3) = 3; $sht(a=>k1) = 5;
                xlog("$shtcn(a=>~~^p) $shtcn(a=>==p::1) $shtcn(a=>%~p::) $shtcn(a=>~%::1) $shtcn(a=>::[12]) $shtcn(a=>[)\\n");
                xlog("$shtcv(a=>~~^v) $shtcv(a=>==v1) $shtcv(a=>%~v) $shtcv(a=>v) $shtcv(a=>eq3) $shtcv(a=>gt3) $shtcv(a=>lt5) $shtcv(a=>~~3)\\n");
                """) == ["3 1 3 1 2 0", "2 1 2 2 1 1 1 0"])
    }

    @Test func `items are found and removed by operator`() throws {
        #expect(
            try self.lines(
                """
                $sht(a=>p::1) = "v1"; $sht(a=>p::2) = "v2"; $sht(a=>p::3) = 3;
                sht_match_name("a", "eq", "p::1"); $var(a) = $rc; sht_has_name("a", "sw", "q"); $var(b) = $rc;
                sht_match_name("a", "ew", "::3"); $var(c) = $rc; sht_match_name("a", "xx", "p"); $var(d) = $rc;
                sht_match_str_value("a", "re", "^v"); $var(e) = $rc; sht_has_str_value("a", "eq", "3"); $var(f) = $rc;
                xlog("$var(a) $var(b) $var(c) $var(d) $var(e) $var(f)\\n");
                sht_rm_name_re("a=>^p::[1]"); sht_rm_value("a", "sw", "v"); sht_rm_name("a", "eq", "p::3");
                xlog("$rc $sht(a=>p::1) $sht(a=>p::2) $sht(a=>p::3)\\n");
                sht_rm("a", "p::3"); $var(a) = $rc; sht_rm("a", "p::3"); sht_reset("i"); xlog("$var(a) $rc $sht(a=>p::3)\\n");
                """) == ["1 -1 1 -1 1 -1", "-1 <null> <null> 3", "1 1 <null>"])
    }
}

@Suite("htable: expiry")
struct HashTableExpiryTests {
    private let events = """
        event_route[htable:expired:e] { xlog("e $shtrecord(key) $shtrecord(value)\\n"); }
        event_route[htable:expired:u] { xlog("u $shtrecord(key) $shtrecord(value)\\n"); }
        """

    @Test func `an item goes after autoexpire and raises its event`() throws {
        let table = try TableScript(#"$sht(e=>x) = 1; $sht(e=>y) = "b"; xlog("$shtex(e=>x)\n");"#, routes: self.events)
        try table.script.run()
        table.script.advance(seconds: 2)
        #expect(table.texts == ["3"])
        table.script.advance(seconds: 1)
        #expect(table.texts.sorted() == ["3", "e x 1", "e y b"])
    }

    @Test func `a new value begins the time anew unless updateexpire is 0`() throws {
        let table = try TableScript(#"$sht(e=>x) = 1; $sht(u=>x) = 1; xlog("$shtex(e=>x) $shtex(u=>x)\n");"#)
        try table.script.run()
        table.script.advance(seconds: 2)
        try table.script.run()
        #expect(table.texts == ["3 3", "3 1"])
    }

    @Test func `what has expired is missing before it is removed`() throws {
        let table = try TableScript(#"xlog("$sht(e=>x) $shtex(e=>x)\n"); $sht(e=>x) = 1;"#)
        try table.script.run()
        table.script.worker.advance(seconds: 3)
        try table.script.run()
        #expect(table.texts == ["<null> 0", "<null> 0"])
    }

    @Test func `times of their own need a table with autoexpire`() throws {
        #expect(
            try TableScript.lines(
                """
                $sht(e=>x) = 1; $shtex(e=>x) = 100; $sht(a=>x) = 1; $shtex(a=>x) = 100;
                sht_setxs("e", "s", "v", "30"); sht_setxi("e", "n", "44", "31"); sht_setxs("e", "zero", "v", "0");
                xlog("$shtex(e=>x) $shtex(a=>x) $shtex(e=>s) $sht(e=>n) $shtex(e=>n) $shtex(e=>zero)\\n");
                $shtex(e=>x) = 0; xlog("$shtex(e=>x) $sht(e=>x)\\n");
                """) == ["100 0 30 44 31 0", "0 1"])
    }

    @Test func `the first event fills tables before anything is received`() throws {
        let table = try TableScript(
            #"xlog("$sht(a=>init)\n");"#,
            routes: #"event_route[htable:mod-init] { $sht(a=>init) = "yes " + $rm + " " + $ci; }"#)
        table.script.begin()
        try table.script.run()
        #expect(table.texts == ["yes OPTIONS 123"])
    }

    @Test func `contents survive a reload, with the attributes of the new configuration`() throws {
        let bench = ModuleBench()
        let first = try TableScript("$sht(a=>x) = 1;", on: bench)
        try first.script.run()
        let second = try TableScript(#"xlog("$sht(a=>x)\n");"#, on: bench)
        try second.script.run()
        #expect(second.texts == ["1"])
    }
}

@Suite("htable: locks and iterators")
struct HashTableLockTests {

    @Test func `a lock that is held suspends the script until it is given back`() throws {
        let space = TableSpace()
        let table = SharedTable(name: "a", size: 4)
        let slot = SlotLocks.Slot(table: ObjectIdentifier(table), index: 3)
        let (first, second, third) = (SlotHolder(), SlotHolder(), SlotHolder())
        let (tokenTwo, tokenThree) = (BenchToken(), BenchToken())
        #expect(space.locks.take(slot, for: first) { BenchToken() } == .taken)
        #expect(space.locks.take(slot, for: first) { BenchToken() } == .taken)
        #expect(space.locks.take(slot, for: second) { tokenTwo } == .waits)
        #expect(space.locks.take(slot, for: third) { tokenThree } == .waits)
        #expect(space.locks.giveBack(slot, by: first))
        #expect(tokenTwo.result == nil)
        #expect(space.locks.giveBack(slot, by: first))
        #expect(tokenTwo.result?.code == 1 && tokenThree.result == nil)
        #expect(!space.locks.giveBack(slot, by: first))
        #expect(space.locks.giveBackAll(of: second) == 1)
        #expect(tokenThree.result?.code == 1)
        #expect(space.locks.giveBackAll(of: third) == 1)
        #expect(space.locks.heldCount == 0)
    }

    @Test func `two scripts that would wait for each other are told so`() {
        let locks = SlotLocks()
        let table = SharedTable(name: "a", size: 4)
        let slots = (0...1).map { SlotLocks.Slot(table: ObjectIdentifier(table), index: $0) }
        let (first, second) = (SlotHolder(), SlotHolder())
        #expect(locks.take(slots[0], for: first) { BenchToken() } == .taken)
        #expect(locks.take(slots[1], for: second) { BenchToken() } == .taken)
        #expect(locks.take(slots[1], for: first) { BenchToken() } == .waits)
        #expect(locks.take(slots[0], for: second) { BenchToken() } == .deadlock)
    }

    @Test func `a wait that is given up is not handed the lock`() {
        let locks = SlotLocks()
        let slot = SlotLocks.Slot(table: ObjectIdentifier(SharedTable(name: "a", size: 2)), index: 0)
        let (first, second) = (SlotHolder(), SlotHolder())
        let token = BenchToken()
        #expect(locks.take(slot, for: first) { BenchToken() } == .taken)
        #expect(locks.take(slot, for: second) { token } == .waits)
        locks.abandonWait(of: second)
        #expect(locks.giveBack(slot, by: first))
        #expect(token.result == nil && locks.heldCount == 0)
    }

    @Test func `locks may be taken again, and those left over end with the script`() throws {
        let table = try TableScript(
            """
            sht_lock("a=>k1"); sht_lock("a=>k1"); sht_unlock("a=>k1"); xlog("$rc\\n");
            sht_unlock("a=>k1"); sht_unlock("a=>k1"); xlog("$rc\\n"); sht_lock("a=>k1");
            """)
        try table.script.run()
        try table.script.run()
        #expect(
            table.texts == [
                "1", "-1", "1", "-1",
            ])
        #expect(table.script.log.filter { $0.contains("1 htable locks held; they are released") }.count == 2)
        #expect(table.script.results.count == 2)
    }

    @Test func `an iterator shows every item once and can change it`() throws {
        #expect(
            try TableScript.lines(
                """
                $sht(a=>x) = 1; $sht(a=>y) = "t"; $sht(a=>z) = 3; $var(n) = 0; $var(sum) = 0;
                sht_iterator_start("it", "a");
                while (sht_iterator_next("it")) {
                    $var(n) = $var(n) + 1;
                    if ($shtitkey(it) == "y") { sht_iterator_seti("it", "10"); }
                    $var(sum) = $var(sum) + $shtitval(it);
                    if ($shtitkey(it) == "z") { sht_iterator_rm("it"); }
                }
                sht_iterator_end("it"); $var(e) = $rc; sht_iterator_end("it");
                xlog("$var(n) $var(sum) $var(e) $rc $sht(a=>y) $sht(a=>z) $shtitkey(it)\\n");
                """) == ["3 14 1 -1 10 <null> <null>"])
    }

    @Test func `a script has four iterators`() throws {
        #expect(
            try TableScript.lines(
                """
                sht_iterator_start("1", "a"); sht_iterator_start("2", "a"); sht_iterator_start("3", "a");
                sht_iterator_start("4", "a"); $var(a) = $rc; sht_iterator_start("5", "a"); $var(b) = $rc;
                sht_iterator_start("4", "a"); xlog("$var(a) $var(b) $rc\\n");
                sht_iterator_next("none"); xlog("$rc\\n"); sht_iterator_rm("1"); xlog("$rc\\n");
                """) == [
                    "1 -1 1", "-1", "-1",
                ])
    }
}
