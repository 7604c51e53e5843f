import Bytes
import Database
import ModuleKit
import Testing

@testable import ApusServer

/// A database of the test's own behind `standin://host/db`: it hangs, fails or is not there, as it is told.
private final class StandInDatabase: ServerModule, DatabaseDriver {
    enum Mood: Sendable {
        case well
        /// Every statement takes five seconds.
        case slow
        /// Nobody listens.
        case stopped
        /// Every statement is refused.
        case failing
    }

    static let name = "db_standin"
    static let summary = "A database that is as it is told to be."
    static let mood = Lock(Mood.well)

    let schemes = ["standin"]
    init(_ settings: NoSettings, host: any ModuleHost) throws { DriverRegistry.of(host).add(self) }

    func policy(for url: DatabaseURL) -> PoolPolicy {
        var policy = PoolPolicy()
        policy.connections = 2
        policy.timeout = .milliseconds(300)
        return policy
    }
    func fingerprint(for url: DatabaseURL) -> String { "" }
    func connect(to url: DatabaseURL) throws(DatabaseError) -> any DatabaseConnection {
        if case .stopped = Self.mood.withLock({ $0 }) { throw DatabaseError(.unreachable, "connection refused") }
        return StandInSession()
    }
}

private final class StandInSession: DatabaseConnection {
    func run(_ statement: DatabaseStatement, chunk: Int, _ each: (Rows) throws -> Void) throws -> DatabaseSummary {
        switch StandInDatabase.mood.withLock({ $0 }) {
        case .well: break
        case .slow:
            // A driver that hangs in its socket cannot be woken.
            for _ in 0..<50 {
                if case .slow = StandInDatabase.mood.withLock({ $0 }) { WorkSignal().wait(milliseconds: 100) }
            }
        case .stopped: throw DatabaseError(.lost, "server has gone away")
        case .failing: throw DatabaseError(.badQuery, "out of order")
        }
        try each(Rows(columns: ["n"], [[1]]))
        return DatabaseSummary()
    }
    func begin(_ access: DatabaseAccess) throws(DatabaseError) {}
    func commit() throws(DatabaseError) {}
    func rollback() {}
    func columns(of table: ByteString) throws(DatabaseError) -> [ColumnInfo]? { nil }
    func create(_ table: TableDeclaration) throws(DatabaseError) {}
    func add(_ column: Column, to table: ByteString) throws(DatabaseError) {}
    func interrupt() {}
}

@Suite("A database that is slow, dead or broken", .serialized)
struct SlowDatabaseTests {
    private static func text(_ port: UInt16) -> String {
        """
        listen=udp:127.0.0.1:\(port)
        loadmodule "db_standin.so"
        loadmodule "sl.so"
        loadmodule "pv.so"
        loadmodule "sqlops.so"
        modparam("sqlops", "sqlcon", "ca=>standin://host/db")
        request_route {
            if ($rm == "MESSAGE") {
                if (!sql_query("ca", "select n from t", "r")) { sl_send_reply("503", "No Database"); exit; }
                sl_send_reply("202", "Stored");
                exit;
            }
            sl_send_reply("200", "OK");
        }

        """
    }

    /// Asks for the database many times at once, and meanwhile for what needs none.
    /// - Returns: answers to the former, and the longest time that one of the latter took, in microseconds.
    private func trouble(_ mood: StandInDatabase.Mood) throws -> (answers: Set<String>, count: Int, longest: Int) {
        let port = try LiveServer.freePort()
        StandInDatabase.mood.withLock { $0 = .well }
        let live = try LiveServer(Self.text(port), modules: [ModuleType(StandInDatabase.self)])
        defer { withExtendedLifetime(live) { StandInDatabase.mood.withLock { $0 = .well } } }
        let users = try Phone()
        let other = try Phone()
        try users.send(users.request("MESSAGE", "sip:127.0.0.1:\(port)", id: "first"), to: port)
        #expect(users.receive("SIP/2.0")?.hasPrefix("SIP/2.0 202") == true)
        StandInDatabase.mood.withLock { $0 = mood }
        for number in 0..<40 {
            try users.send(users.request("MESSAGE", "sip:127.0.0.1:\(port)", id: "m\(number)"), to: port)
        }
        var longest = 0
        for number in 0..<200 {
            let began = WallClock.microseconds()
            #expect(try other.ask(port, id: "o\(number)") == "SIP/2.0 200 OK")
            longest = max(longest, WallClock.microseconds() - began)
        }
        var answers: [String] = []
        for _ in 0..<40 { users.receive("SIP/2.0", seconds: 3).map { answers.append(String($0.prefix(11))) } }
        return (Set(answers), answers.count, longest)
    }

    @Test(arguments: [StandInDatabase.Mood.slow, .stopped, .failing])
    fileprivate func `who does not need it is answered at once, who does in bounded time`(
        mood: StandInDatabase.Mood
    ) throws {
        let seen = try self.trouble(mood)
        #expect(seen.count == 40)
        #expect(seen.answers == ["SIP/2.0 503"])
        // Far below the five seconds of the database, with room for a machine that has other things to do.
        #expect(seen.longest < 1_000_000)
    }

    @Test func `a database that is there again is used again`() throws {
        let port = try LiveServer.freePort()
        StandInDatabase.mood.withLock { $0 = .well }
        let live = try LiveServer(Self.text(port), modules: [ModuleType(StandInDatabase.self)])
        StandInDatabase.mood.withLock { $0 = .stopped }
        let phone = try Phone()
        func ask(_ id: String) throws -> String? {
            try phone.send(phone.request("MESSAGE", "sip:127.0.0.1:\(port)", id: id), to: port)
            return phone.receive("SIP/2.0").map { String($0.prefix(11)) }
        }
        for number in 0..<5 { #expect(try ask("d\(number)") == "SIP/2.0 503") }
        StandInDatabase.mood.withLock { $0 = .well }
        var number = 0
        #expect(
            LiveServer.isSoon {
                number += 1
                return (try? ask("u\(number)")) == "SIP/2.0 202"
            })
        withExtendedLifetime(live) {}
    }
}
