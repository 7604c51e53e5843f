import Bytes
import ModuleKit
import RouteScript
import SIPTransport
import Testing

@testable import ApusServer

@Suite("Startup: command line over configuration")
struct StartupTests {
    private func startup(_ text: String, _ arguments: String...) throws -> Startup {
        let parsed = FrontEnd.parse(text: "auto_aliases=no\n\(text)\nrequest_route { exit; }\n")
        var diagnostics = parsed.diagnostics
        let settings = ConfigurationSettings(parsed.configuration, sources: parsed.sources, diagnostics: &diagnostics)
        try #require(!diagnostics.hasErrors)
        return Startup(options: try CommandLineOptions(parsing: ["-f", "test.cfg"] + arguments), settings: settings)
    }

    private let listen = "listen=udp:127.0.0.1:5080"

    private func names(_ startup: Startup) throws -> [String] {
        try startup.sockets().sockets.map { $0.socketName.string }
    }

    @Test func `workers are fed as the file says, and stay on a processor only when it asks for that`() throws {
        let plain = try self.startup("").limits
        #expect(plain.datagram.spread == .bySender && plain.datagram.busyPoll == 0)
        #expect((0..<8).allSatisfy { plain.processor(lane: $0) == nil })
        let limits = try self.startup("udp_spread=1\nudp_busy_poll=50\npin_workers=yes").limits
        #expect(limits.datagram.spread == .byDatagram && limits.datagram.busyPoll == 50)
        let count = WorkerThread.availableCPUs
        #expect(limits.processor(lane: 0) == WorkerThread.cpu(at: 0))
        #expect((0..<count).map { limits.processor(lane: $0) } == (0..<count).map { WorkerThread.cpu(at: $0) })
        // More lanes than processors: round and round.
        #expect(limits.processor(lane: count) == WorkerThread.cpu(at: 0))
    }

    @Test func `the log level is the file's unless the command line has one`() throws {
        #expect(try self.startup("debug=2").debug == 2)
        #expect(try self.startup("debug=2", "-d").debug == 1)
        #expect(try self.startup("debug=2", "--debug=-1").debug == -1)
    }

    @Test func `the log goes to syslog with the facility of the file, or to standard error`() throws {
        let file = "log_facility=LOG_LOCAL2"
        #expect(
            try self.startup(file).logTarget(isTerminal: true) == LogTarget(place: .syslog(facility: 18), format: .bare)
        )
        #expect(
            try self.startup(file, "-E").logTarget(isTerminal: false)
                == LogTarget(place: .standardError, format: .stamped))
        #expect(
            try self.startup("log_stderror=yes", "-e").logTarget(isTerminal: true)
                == LogTarget(place: .standardError, format: .terminal, isColored: true))
    }

    @Test func `JSON is a form, not a place`() throws {
        #expect(
            try self.startup("", "--log-engine=json:aM").logTarget(isTerminal: false)
                == LogTarget(place: .syslog(facility: 3), format: .json(JSONShape("aM"))))
        #expect(
            try self.startup("", "-E", "--log-engine", "json").logTarget(isTerminal: true)
                == LogTarget(place: .standardError, format: .json()))
    }

    @Test func `options of the JSON log come from the file unless the command line names the engine`() throws {
        let file = "log_engine_type=\"json\"\nlog_engine_data=\"cN\""
        let place = LogTarget.Place.syslog(facility: 3)
        #expect(
            try self.startup(file).logTarget(isTerminal: false)
                == LogTarget(place: place, format: .json(JSONShape("cN"))))
        #expect(
            try self.startup(file, "--log-engine=json").logTarget(isTerminal: false)
                == LogTarget(place: place, format: .json()))
    }

    @Test func `how the Via is checked is the file's unless the command line says more`() throws {
        #expect(try self.startup("").core.viaCheck == .byAddress)
        #expect(try self.startup("rev_dns=yes").core.viaCheck == .byReverseName)
        #expect(try self.startup("rev_dns=yes", "-r").core.viaCheck == .byName)
        #expect(try self.startup("", "-R").core.viaCheck == .byReverseName)
    }

    @Test func `link-local addresses are bound, left out or refused as bind_ipv6_link_local says`() throws {
        let listen = "listen=udp:[fe80::77]:5080\nlisten=udp:127.0.0.1:5080\n"
        #expect(throws: ModuleError.self) { try self.startup(listen).sockets() }
        #expect(try self.names(self.startup("bind_ipv6_link_local=2\n" + listen)) == ["udp:127.0.0.1:5080"])
        #expect(try self.names(self.startup("bind_ipv6_link_local=1\n" + listen)).count == 2)
    }

    @Test(arguments: [
        ([], "", true), ([], "fork=no", false), (["-D"], "", false), (["-DD"], "", false), (["-DDD"], "fork=no", true),
    ])
    func `the background is the default, D and fork decide`(arguments: [String], file: String, expected: Bool) throws {
        var startup = try self.startup(file)
        let options = try CommandLineOptions(parsing: ["-f", "test.cfg"] + arguments)
        startup = Startup(options: options, settings: startup.settings)
        #expect(startup.goesToBackground == expected)
        #expect(startup.workingDirectory == (expected ? "/" : nil))
    }

    @Test func `the built-in configuration stays in the foreground`() throws {
        let settings = try self.startup("").settings
        #expect(!Startup(options: CommandLineOptions(), settings: settings).goesToBackground)
    }

    @Test func `there are never more workers than processors, and the excess is mentioned`() throws {
        let startup = try self.startup("\(self.listen)\nlisten=udp:127.0.0.1:5081", "-n", "100000", "-N", "100000")
        let cores = max(WorkerThread.availableCPUs, 1)
        #expect(startup.limits.datagramWorkers == cores)
        #expect(startup.limits.eventWorkers == cores)
        #expect(startup.workerCount(try startup.sockets()) == 3 * cores)
        #expect(startup.withoutEffect.count == 2)
        #expect(try self.startup("children=1").limits.datagramWorkers == 1)
        #expect(try self.startup("children=8", "-n1").limits.datagramWorkers == 1)
    }

    @Test func `addresses of the command line are added to those of the file`() throws {
        #expect(
            try self.names(self.startup(self.listen, "-l", "tcp:127.0.0.1:5090"))
                == ["udp:127.0.0.1:5080", "tcp:127.0.0.1:5090"])
    }

    @Test func `an address without protocol stands for UDP and TCP, without port for the port of the file`() throws {
        #expect(
            try self.names(self.startup("port=5070", "-l", "127.0.0.1")) == [
                "udp:127.0.0.1:5070", "tcp:127.0.0.1:5070",
            ])
        #expect(try self.names(self.startup("", "-T", "-l", "[::1]:5071")) == ["udp:[::1]:5071"])
    }

    @Test func `an advertised address follows a slash`() throws {
        let socket = try #require(
            try self.startup("", "-l", "udp:127.0.0.1:5080/192.0.2.9:5090").sockets().sockets.first)
        #expect(socket.advertisedHost?.string == "192.0.2.9")
        #expect(socket.port == 5090)
    }

    @Test(arguments: ["udp:127.0.0.1:x", "quic:127.0.0.1", "", "udp:127.0.0.1:5080/", "a b", "udp:127.0.0.1;exit"])
    func `an address that is none is refused`(text: String) throws {
        let startup = try self.startup("", "-l", text)
        #expect(throws: (any Error).self) { try startup.sockets() }
    }

    @Test(arguments: [
        ("listen=udp:(127.0.0.1, 127.0.0.2):5080", ["udp:127.0.0.1:5080", "udp:127.0.0.2:5080"]),
        (
            "listen=(127.0.0.1, 127.0.0.2):5080",
            ["udp:127.0.0.1:5080", "tcp:127.0.0.1:5080", "udp:127.0.0.2:5080", "tcp:127.0.0.2:5080"]
        ),
    ])
    func `a list in brackets stands for a socket each`(text: String, expected: [String]) throws {
        #expect(try self.names(self.startup(text)).sorted() == expected.sorted())
    }

    @Test func `auto_aliases adds the names of the addresses`() throws {
        let settings = "auto_aliases=yes\nlisten=udp:127.0.0.1:5080"
        func knows(_ table: SocketTable, _ host: String) -> Bool {
            let text = ByteString(host)
            return table.isMyself(text.span, host: ByteRange(start: 0, count: text.count), port: 5080, transport: nil)
        }
        // What /etc/hosts calls the loopback interface everywhere.
        #expect(knows(try self.startup(settings).sockets(), "localhost"))
        #expect(!knows(try self.startup(self.listen).sockets(), "localhost"))
    }

    @Test func `aliases of both places count as the server`() throws {
        let table = try self.startup("\(self.listen)\nalias=tcp:a.example:5062", "--alias=b.example").sockets()
        func isMyself(_ host: String, _ port: Int) -> Bool {
            let text = ByteString(host)
            return table.isMyself(text.span, host: ByteRange(start: 0, count: text.count), port: port, transport: nil)
        }
        #expect(isMyself("a.example", 5062) && isMyself("A.Example", 5062))
        #expect(!isMyself("a.example", 5063))
        #expect(isMyself("b.example", 5099) && isMyself("127.0.0.1", 5080))
        #expect(!isMyself("127.0.0.1", 0) && !isMyself("c.example", 5080))
    }

    @Test func `the listing is laid out as Kamailio prints it`() throws {
        let table = try self.startup(self.listen, "--alias=tcp:a.example:5062", "--alias=b.example").sockets()
        #expect(
            table.listing == """
                Listening on\u{20}
                             udp: 127.0.0.1:5080
                Aliases:\u{20}
                             tcp: a.example:5062
                             *: b.example:*


                """)
    }

    @Test func `directories and persons of the command line win`() throws {
        let file = "user=\"one\"\ngroup=\"two\"\nworkdir=\"/three\"\nrundir=\"/four\""
        let plain = try self.startup(file)
        #expect(plain.user == "one" && plain.group == "two")
        #expect(plain.workingDirectory == "/three" && plain.runDirectory == "/four")
        let changed = try self.startup(file, "-u", "1", "-g", "2", "-w", "/3", "-Y", "/4", "-t", "/5")
        #expect(changed.user == "1" && changed.group == "2" && changed.chroot == "/5")
        #expect(changed.workingDirectory == "/3" && changed.core.runDirectory == "/4")
    }

    @Test(arguments: [(64, 48), (1024, 768), (1_048_576, 1_048_320), (1, 1)])
    func `connections leave a quarter of the descriptors, 256 at most`(files: Int, connections: Int) {
        #expect(ProcessControl.connections(ofFiles: files) == connections)
    }
}
