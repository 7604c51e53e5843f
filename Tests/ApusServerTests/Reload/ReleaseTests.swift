import Bytes
import ControlClient
import Database
import ModuleKit
import RouteScript
import StandardModules
import Testing
import db_sqlite

@testable import ApusServer

@Suite("Reload: what is left of the configurations before")
struct ReleaseTests {
    /// Those that look for their tables when the server starts.
    private static let needingDatabase = [
        "alias_db", "auth_db", "dialplan", "domain", "group", "pipelimit", "secfilter", "speeddial", "uri_db",
    ]

    /// Every module; those that need a database have one.
    private static func everything(_ port: UInt16, _ database: TableFile) -> String {
        let modules = StandardModules.all.map(\.name).filter { $0 != "core" }
        return "listen=udp:127.0.0.1:\(port)\n" + modules.map { "loadmodule \"\($0).so\"\n" }.joined()
            + Self.needingDatabase.map { "modparam(\"\($0)\", \"db_url\", \"sqlite://\(database.path)\")\n" }.joined()
                + """
                request_route {
                    $var(x) = $rU;
                    xlog("$ci $stat(core:rcv_requests) $shv(x) $(ru{uri.host}) $TV(s) $pp $sel(timer.executed)\\n");
                    if ($rm == "REFER") {
                        alias_db_lookup("dbaliases");
                        sd_lookup("speed_dial");
                        is_subscriber("$ru", "subscriber", "0");
                        is_uri_host_local();
                        is_user_in("From", "staff");
                        check_from();
                        dp_translate("1", "$rU/$var(y)");
                    }
                    sl_send_reply("200", "OK");
                    exit;
                }
                event_route[xhttp:request] { xhttp_reply("200", "OK", "", ""); }

                """
    }

    /// A database with the tables that are looked for, gone with the test.
    private final class TableFile {
        let path = "/tmp/apus-release-\(UInt64.random(in: 0 ... .max)).db"
        init() throws {
            let session = DatabaseSession(
                try SQLiteDriver().connect(to: try DatabaseURL(ByteString("sqlite://\(self.path)"))))
            _ = try session.makeTables([
                .dbaliases, .subscriber, .domain, .domainAttrs, .speedDial, .grp, .uri, .dialplan, .plPipes, .secfilter,
            ])
        }
        deinit { for ending in ["", "-wal", "-shm"] { SystemOutput.removeFile(self.path + ending) } }
    }

    private let database: TableFile
    init() throws { self.database = try TableFile() }

    private final class Weakly {
        weak var program: Program?
        weak var host: ProgramHost?
    }

    @Test func `an old program is freed once nobody uses it, whatever modules it has`() throws {
        let port = try LiveServer.freePort()
        let text = Self.everything(port, self.database)
        let live = try LiveServer(text)
        let phone = try Phone()
        var programs: [Weakly] = []
        for round in 0..<20 {
            #expect(try phone.ask(port, id: "m\(round)") == "SIP/2.0 200 OK")
            let weakly = Weakly()
            weakly.program = live.server.configuration?.program
            weakly.host = live.server.configuration?.host
            programs.append(weakly)
            try live.reload(text)
        }
        #expect(LiveServer.isSoon { programs.allSatisfy { $0.program == nil && $0.host == nil } })
        #expect(live.isAlone())
    }

    private final class WeakModule { weak var module: (any ServerModule)? }

    @Test func `its modules are freed with it`() throws {
        let port = try LiveServer.freePort()
        let text = Self.everything(port, self.database)
        let live = try LiveServer(text)
        let modules = try #require(live.server.configuration?.program.modules).map { module in
            let weakly = WeakModule()
            weakly.module = module
            return weakly
        }
        try live.reload(text)
        _ = LiveServer.isSoon { modules.allSatisfy { $0.module == nil } }
        let left = modules.compactMap(\.module).map { type(of: $0).name }
        #expect(left == [])
    }

    @Test func `what a refused one built is freed`() throws {
        let port = try LiveServer.freePort()
        let text = Self.everything(port, self.database)
        let live = try LiveServer(text)
        for _ in 0..<5 {
            #expect(try live.refusal(text + "route[X] { nosuchfunction(); }\n").contains("nosuchfunction"))
        }
        #expect(live.server.retirement.generations == [1])
        #expect(live.generation == 1)
        #expect(try Phone().ask(port, id: "m") == "SIP/2.0 200 OK")
    }

    @Test func `a control client reloads and goes on over the same connection`() throws {
        let port = try LiveServer.freePort()
        func text(_ socket: String, _ name: String) -> String {
            """
            listen=udp:127.0.0.1:\(port)
            loadmodule "sl.so"
            loadmodule "ctl.so"
            modparam("ctl", "binrpc", "unix:\(socket)")
            request_route { sl_send_reply("200", "\(name)"); exit; }

            """
        }
        let live = try LiveServer(text("one", "One"))
        let directory = live.path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let client = try ControlClient(path: "\(directory)/one")
        #expect(SystemOutput.writeFile(live.path, text("one", "Two")))
        guard case .structure(let members)? = try client.call("apus.reload").first else {
            Issue.record("no struct")
            return
        }
        #expect(members.first { $0.name == "configuration" }?.value == .int(2))
        #expect(try Phone().ask(port, id: "c1") == "SIP/2.0 200 Two")
        #expect(try client.call("core.echo", [.int(1)]) == [.string("1")])

        #expect(SystemOutput.writeFile(live.path, text("one", "Three") + "route[X] { nosuch(); }\n"))
        let fault = #expect(throws: ControlError.self) { try client.call("apus.reload") }
        #expect("\(try #require(fault))".contains("nosuch"))
        #expect(try Phone().ask(port, id: "c2") == "SIP/2.0 200 Two")

        // A socket that the configuration no longer names goes, and its clients hear no more.
        #expect(SystemOutput.writeFile(live.path, text("two", "Four")))
        _ = try? client.call("apus.reload")
        #expect(LiveServer.isSoon { (try? ControlClient(path: "\(directory)/one")) == nil })
        let other = try ControlClient(path: "\(directory)/two")
        #expect(try other.call("core.echo", [.int(2)]) == [.string("2")])
        #expect(throws: ControlError.self) { try client.call("core.echo", [.int(3)]) }
    }
}
