import Bytes
import ModuleKit
import SIPMessage
import SIPTransport
import Testing

@testable import ApusServer

/// Fails in its life as its parameter says.
private final class Stumbling: ServerModule {
    static let name = "stumbling"
    static let summary = "Fails when it is told to."

    struct Settings: Sendable { var fails = 0 }
    static var defaultSettings: Settings { Settings() }
    static var parameters: [ModuleParameter<Settings>] { [ModuleParameter("fails", \.fails, in: 0...1, "Whether.")] }

    let settings: Settings

    init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        _ = host.shared("stumbling.\(settings.fails)") { Box() }
        host.counters.register("stumbling", "fails") { settings.fails }
        if settings.fails == 1 { host.counters.register("stumbling", "only_when_failing") { 1 } }
    }

    var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] _ in
            if self.settings.fails == 1 { throw ModuleError("stumbling: no luck today") }
        }
        return hooks
    }

    private final class Box: Sendable {}
}

@Suite("Reload: refused")
struct RefusedReloadTests {
    private static let modules = "loadmodule \"sl.so\"\n"
    private static func listen(_ port: UInt16) -> String { "listen=udp:127.0.0.1:\(port)\n" }
    private static let old = "request_route { sl_send_reply(\"200\", \"Old\"); exit; }\n"
    private static let new = "request_route { sl_send_reply(\"200\", \"New\"); exit; }\n"

    @Test func `a mistake in the file changes nothing, and is shown with file, line and column`() throws {
        let port = try LiveServer.freePort()
        let live = try LiveServer(Self.listen(port) + Self.modules + Self.old)
        let text = try live.refusal(
            Self.listen(port) + Self.modules + "request_route { sl_send_replay(\"200\", \"x\"); }")
        #expect(text.contains("\(live.path):5:17: error[") && text.contains("sl_send_reply"))
        #expect(live.generation == 1)
        #expect(live.server.retirement.generations == [1])
        #expect(try Phone().ask(port, id: "r1") == "SIP/2.0 200 Old")
    }

    @Test func `a file that is gone changes nothing`() throws {
        let port = try LiveServer.freePort()
        let live = try LiveServer(Self.listen(port) + Self.modules + Self.old)
        SystemOutput.removeFile(live.path)
        let outcome = try #require(live.server.reloader).reload(live.server)
        #expect(throws: ReloadRefusal.self) { try outcome.get() }
        #expect(try Phone().ask(port, id: "r2") == "SIP/2.0 200 Old")
    }

    @Test func `an address that is taken is named, and those that could be bound are free again`() throws {
        let port = try LiveServer.freePort()
        let taken = try Phone()
        let free = try LiveServer.freePort()
        let live = try LiveServer(Self.listen(port) + Self.modules + Self.old)
        let text = try live.refusal(
            Self.listen(port) + Self.listen(free) + Self.listen(taken.port) + Self.modules + Self.new)
        #expect(text.contains("127.0.0.1:\(taken.port)") && text.contains("in use"))
        #expect(live.server.sockets.sockets.count == 1)
        _ = try Phone(port: free)
        #expect(try Phone().ask(port, id: "r3") == "SIP/2.0 200 Old")
    }

    @Test func `an address that does not exist is named`() throws {
        let port = try LiveServer.freePort()
        let live = try LiveServer(Self.listen(port) + Self.modules + Self.old)
        let text = try live.refusal("listen=udp:nosuchhost.invalid:5060\n" + Self.modules + Self.new)
        #expect(text.contains("nosuchhost.invalid"))
    }

    @Test func `warnings refuse where the command line is strict`() throws {
        let port = try LiveServer.freePort()
        let warned = Self.listen(port) + Self.modules + "request_route { exit; sl_send_reply(\"200\", \"x\"); }\n"
        let lenient = try LiveServer(Self.listen(try LiveServer.freePort()) + Self.modules + Self.old)
        // Whether the check has a warning for this is its own business; here only what becomes of one.
        guard try !lenient.reload(warned).warnings.isEmpty else { return }
        let strict = try LiveServer(
            Self.listen(try LiveServer.freePort()) + Self.modules + Self.old, arguments: ["--strict"])
        #expect(try strict.refusal(warned).contains("warning"))
        #expect(strict.generation == 1)
    }

    @Test func `a module that cannot be started leaves no statistics and no state behind`() throws {
        let port = try LiveServer.freePort()
        let text = Self.listen(port) + Self.modules + "loadmodule \"stumbling.so\"\n"
        let live = try LiveServer(text + Self.old, modules: [ModuleType(Stumbling.self)])
        #expect(try live.refusal(text + "modparam(\"stumbling\", \"fails\", 1)\n" + Self.new).contains("no luck today"))
        let counters = live.server.counters
        #expect(counters.value("stumbling", "fails") == 0)
        #expect(counters.value("stumbling", "only_when_failing") == nil)
        #expect(!counters.entries.contains { $0.name == "only_when_failing" })
        #expect(live.server.knownShared("stumbling.0") != nil && live.server.knownShared("stumbling.1") == nil)
        #expect(try Phone().ask(port, id: "r4") == "SIP/2.0 200 Old")
    }

    @Test func `standard input is not read again`() throws {
        let reader = ConfigurationReader(try CommandLineOptions(parsing: ["-f", "-"]), modules: [])
        let port = try LiveServer.freePort()
        let live = try LiveServer(Self.listen(port) + Self.modules + Self.old)
        let startup = Startup(options: reader.options, settings: .init())
        let writer = LogWriter(target: LogTarget(place: .standardError, format: .bare), name: "x") { _, _, _ in }
        let outcome = Reloader(reader, first: startup, writer: writer).reload(live.server)
        #expect(throws: ReloadRefusal.self) { try outcome.get() }
    }
}
