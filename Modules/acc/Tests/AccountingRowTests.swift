import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv

@testable import acc
@testable import tm

@Suite("acc: rows")
struct AccountingRowTests {
    private struct Scene {
        let bench = ModuleBench()
        let database: BenchDatabase
        let module: Accounting

        init(_ more: [(String, ParameterValue)] = []) throws {
            self.database = BenchDatabase(self.bench)
            try self.bench.load(PseudoVariables.self)
            try self.bench.load(Transactions.self)
            self.module = try self.bench.load(
                Accounting.self,
                [
                    ("db_url", .text(BenchDatabase.url)), ("db_flag", .int(1)), ("db_missed_flag", .int(2)),
                    ("failed_transaction_flag", .int(3)), ("db_extra", .text("who=$avp(user);none=$avp(none)")),
                ] + more)
        }

        func request(flags: [UInt32] = []) throws -> RouteContext {
            let route = try self.bench.receive(
                """
                INVITE sip:bob@192.0.2.9 SIP/2.0
                Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
                From: <sip:alice@example.org>;tag=a1
                To: <sip:bob@example.org>
                Call-ID: c1
                CSeq: 1 INVITE

                """)
            for flag in flags { route.flags |= 1 << flag }
            route.attributes.push(.text("user"), .text("alice"))
            return route
        }

        func reply(_ code: Int, for route: RouteContext, _ bytes: ByteString = ByteString()) {
            self.module.replied(
                route,
                TransactionReplyEvent(code: code, reason: "Text", toTag: "t1", isLocal: false, bytes: bytes))
        }

        /// Lets time pass until no work is waiting, at most `turns` times.
        func settle(turns: Int = 10) {
            for _ in 0..<turns where !self.bench.worker.errands.isEmpty {
                let errands = self.bench.worker.errands
                self.bench.worker.errands = []
                for errand in errands { errand.1(self.bench.worker) }
            }
        }

        var inserts: [Insert] {
            self.database.writes.compactMap { if case .insert(let insert) = $0 { insert } else { nil } }
        }
    }

    @Test func `an answered transaction is a row with its extra columns`() throws {
        let scene = try Scene()
        scene.reply(200, for: try scene.request(flags: [1]))
        #expect(scene.inserts.isEmpty)
        scene.settle()
        let insert = try #require(scene.inserts.first)
        #expect(insert.table == "acc")
        #expect(
            insert.columns == [
                "method", "from_tag", "to_tag", "callid", "sip_code", "sip_reason", "time", "who", "none",
            ])
        var row = try #require(insert.rows.first)
        #expect(row[6].int.map { $0 > 1_700_000_000 } == true)
        row[6] = .null
        #expect(row == ["INVITE", "a1", "t1", "c1", "200", "Text", .null, "alice", ""])
    }

    @Test func `a missed call and a failed transaction are a row each`() throws {
        let scene = try Scene([("acc_extra_nullable", .int(1))])
        scene.reply(486, for: try scene.request(flags: [1, 2, 3]))
        scene.settle()
        #expect(scene.inserts.map(\.table) == ["missed_calls", "acc"])
        #expect(scene.inserts[0].rows[0].last == .null)
    }

    @Test func `each leg is a row, the newest first`() throws {
        let scene = try Scene([("multi_leg_info", .text("src=$avp(src);dst=$avp(dst)"))])
        let route = try scene.request(flags: [1])
        for (name, value) in [("src", "s1"), ("dst", "d1"), ("src", "s2"), ("dst", "d2"), ("src", "s3")] {
            route.attributes.push(.text(ByteString(name)), .bytes(ByteString(value)))
        }
        scene.reply(200, for: route)
        scene.settle()
        let legs = scene.inserts[0].rows.map { Array($0.suffix(2)) }
        #expect(legs == [["s3", "d2"], ["s2", "d1"], ["s1", ""]])
        #expect(try scene.bench.call("acc_log_request", "404 legs", in: route) == 1)
        #expect(scene.bench.log.last?.hasSuffix(";src=s3;dst=d2;src=s2;dst=d1;src=s1;dst=") == true)
    }

    @Test func `the script writes rows into any table`() throws {
        let scene = try Scene()
        let route = try scene.request()
        #expect(try scene.bench.call("acc_db_request", "404 Not There", "other", in: route) == 1)
        #expect(try scene.bench.call("acc_request", "plain", "more", in: route) == 1)
        #expect(try scene.bench.call("acc_db_request", "", "other", in: route) == -1)
        scene.settle()
        #expect(scene.inserts.map(\.table) == ["other", "more"])
        #expect(scene.inserts.map { $0.rows[0][4] } == ["404", ""])
        #expect(scene.bench.log.last?.contains("request accounted") == true)
    }

    @Test func `the reason can be that of the Reason field`() throws {
        let scene = try Scene([("reason_from_hf", .int(1))])
        let reply = """
            SIP/2.0 486 Busy Here
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
            Reason: Q.850;cause=17;text="busy"
            CSeq: 1 INVITE


            """.replacing("\n", with: "\r\n")
        scene.reply(486, for: try scene.request(flags: [2]), ByteString(reply))
        scene.settle()
        #expect(scene.inserts[0].rows[0][5] == #"Q.850;cause=17;text="busy""#)
    }

    @Test func `rows wait while the database does not answer, and none is lost`() throws {
        let scene = try Scene()
        scene.database.failure = DatabaseError(.unreachable, "nobody there")
        for _ in 0..<3 { scene.reply(200, for: try scene.request(flags: [1])) }
        scene.settle(turns: 3)
        #expect(scene.inserts.isEmpty)
        #expect(scene.module.writer?.count == 3)
        #expect(scene.bench.log.contains { $0.contains("3 rows wait for the database") })
        scene.database.failure = nil
        scene.settle()
        // The breaker may keep the pool closed; the end of the server tries once more.
        scene.module.hooks.stopped?(scene.bench)
        #expect(scene.inserts.count == 3 || scene.bench.log.filter { $0.contains("not written") }.count == 3)
        #expect(scene.module.writer?.count == 0)
    }

    @Test func `a row that is refused goes to the log, the others are written`() throws {
        let scene = try Scene()
        scene.database.failures["nosuch"] = DatabaseError(.noTable, "no such table: nosuch")
        let route = try scene.request()
        _ = try scene.bench.call("acc_db_request", "1 x", "nosuch", in: route)
        _ = try scene.bench.call("acc_db_request", "404 y", "acc", in: route)
        scene.settle()
        #expect(scene.inserts.map(\.table).contains("acc"))
        let line = try #require(
            scene.bench.log.first { $0.contains("not written to table nosuch (no such table: nosuch)") })
        #expect(line.contains("method=INVITE;from_tag=a1"))
    }

    @Test func `a database without the columns keeps the server from starting`() throws {
        let scene = try Scene([("db_version_check", .int(0))])
        scene.database.tables["acc"] = Rows(columns: ["method"])
        do {
            try scene.module.hooks.started?(scene.bench)
            Issue.record("it started")
        } catch {
            #expect("\(error)".contains("table 'acc' has no column 'from_tag'"))
        }
    }

    @Test func `a column of the configuration's own that is missing is named with the statement that adds it`() throws {
        let scene = try Scene([("db_version_check", .int(0))])
        let declared = ["method", "from_tag", "to_tag", "callid", "sip_code", "sip_reason", "time"] as [ByteString]
        scene.database.tables["acc"] = Rows(columns: declared)
        do {
            try scene.module.hooks.started?(scene.bench)
            Issue.record("it started")
        } catch {
            #expect("\(error)".contains("table 'acc' has no column 'who'"))
            #expect("\(error)".contains("(try: ALTER TABLE acc ADD COLUMN who VARCHAR(255))"))
        }
    }

    @Test(arguments: ["x", "a=$var(x)", "a=$nosuch"]) func `legs are AVPs`(_ text: String) throws {
        #expect(throws: (any Error).self) { try Scene([("multi_leg_info", .text(ByteString(text)))]) }
    }
}
