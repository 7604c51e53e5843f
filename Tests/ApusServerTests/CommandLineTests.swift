import Testing

@testable import ApusServer

@Suite("Command line")
struct CommandLineTests {
    private func parse(_ arguments: String...) throws -> CommandLineOptions {
        try CommandLineOptions(parsing: arguments)
    }

    private func problem(_ arguments: String...) -> String? {
        do {
            _ = try CommandLineOptions(parsing: arguments)
            return nil
        } catch {
            return error.message
        }
    }

    @Test func `nothing asks for nothing`() throws {
        #expect(try self.parse() == CommandLineOptions())
    }

    @Test(arguments: [["-f", "a.cfg"], ["-fa.cfg"]])
    func `a value follows in the same argument or the next`(arguments: [String]) throws {
        #expect(try CommandLineOptions(parsing: arguments).configurationPath == "a.cfg")
    }

    @Test func `what may be a password is not shown`() {
        let shown = CommandLineOptions.withoutValues([
            "apus", "-f", "a=b.cfg", "-A", "PW=x=y", "-APW=x", "-A", "FLAG", "--modparam=uac:pw:s:a:b", "--modparam",
            "a:b:i:7",
            "-DD",
        ])
        #expect(
            shown == [
                "apus", "-f", "a=b.cfg", "-A", "PW=***", "-APW=***", "-A", "FLAG", "--modparam=uac:pw:s:***",
                "--modparam",
                "a:b:i:***", "-DD",
            ])
    }

    @Test func `letters without values can share an argument`() throws {
        let options = try self.parse("-cEeDDddTKf", "-")
        #expect(options.checksOnly && options.logsToStandardError && options.usesColor)
        #expect(options.foreground == 2)
        #expect(options.debugLevel == 2)
        #expect(options.disablesTCP && options.checksVia)
        #expect(options.configurationPath == "-")
    }

    @Test func `findings are printed as text unless JSON is asked for`() throws {
        #expect(try self.parse("-c").diagnosticFormat == .text)
        #expect(try self.parse("-c", "--diagnostics=json").diagnosticFormat == .json)
        #expect(try self.parse("--diagnostics", "json", "--strict").isStrict)
        #expect(self.problem("--diagnostics=xml") == "--diagnostics knows text and json, not 'xml'")
    }

    @Test func `the log level is counted by d and set by debug`() throws {
        #expect(try self.parse("-d").debugLevel == 1)
        #expect(try self.parse("--debug=3").debugLevel == 3)
        #expect(try self.parse("--debug", "-1").debugLevel == -1)
        #expect(try self.parse("--debug=1", "-d").debugLevel == 2)
    }

    @Test func `addresses and aliases add up`() throws {
        let options = try self.parse(
            "-l", "udp:127.0.0.1:5080", "-ltcp:[::1]:5081/192.0.2.1", "--alias=a.example", "--alias", "b.example", "-a",
            "no")
        #expect(options.listen == ["udp:127.0.0.1:5080", "tcp:[::1]:5081/192.0.2.1"])
        #expect(options.aliases == ["a.example", "b.example"])
        #expect(options.autoAliases == false)
    }

    @Test func `numbers are numbers`() throws {
        let options = try self.parse("-n4", "-N", "2", "-b", "65536", "--server-id=7")
        #expect(options.udpWorkers == 4)
        #expect(options.tcpWorkers == 2)
        #expect(options.maxBuffer == 65_536)
        #expect(options.serverID == 7)
    }

    @Test func `places and persons are kept as written`() throws {
        let options = try self.parse(
            "-P", "/run/a.pid", "-G", "/run/g.pid", "-Y", "/run/a", "-w", "/tmp", "-t", "/jail", "-u", "sip", "-g",
            "voip")
        #expect(options.pidFile == "/run/a.pid")
        #expect(options.groupPidFile == "/run/g.pid")
        #expect(options.runDirectory == "/run/a")
        #expect(options.workingDirectory == "/tmp")
        #expect(options.chrootDirectory == "/jail")
        #expect(options.user == "sip")
        #expect(options.group == "voip")
    }

    @Test func `defines have values or none`() throws {
        #expect(
            try self.parse("-A", "WITH_NAT", "-ADBURL=mysql://a:b=c").defines == [
                .init(name: "WITH_NAT", value: ""), .init(name: "DBURL", value: "mysql://a:b=c"),
            ])
    }

    @Test func `substitutions keep their kind and order`() throws {
        #expect(
            try self.parse("--subst=/a/b/", "--substdef=!C!d!", "--substdefs", "!E!f!").substitutions == [
                .init(kind: .text, expression: "/a/b/"), .init(kind: .define, expression: "!C!d!"),
                .init(kind: .quotedDefine, expression: "!E!f!"),
            ])
    }

    @Test func `modules and their parameters come from the command line`() throws {
        let options = try self.parse("--loadmodule=pv", "--modparam=a:b:i:-5", "--modparam", "c:d:s:e:f")
        #expect(options.loadModules == ["pv"])
        #expect(
            options.modparams == [
                .init(module: "a", name: "b", value: .int(-5)), .init(module: "c", name: "d", value: .text("e:f")),
            ])
    }

    @Test func `what to do instead of serving`() throws {
        #expect(try self.parse("-h").showsHelp && self.parse("--help").showsHelp)
        for option in ["-v", "-V", "--version"] { #expect(try self.parse(option).showsVersion) }
        #expect(try self.parse("-I").showsBuild)
        #expect(try self.parse("--cfg-print").printsConfiguration)
        #expect(try self.parse("--strict", "--log-engine=json").isStrict)
        #expect(try self.parse("--log-engine=json:aM").logEngine == "json:aM")
    }

    @Test(arguments: [
        (["-m", "64"], "-m"), (["-M8"], "-M"), (["-x", "qm"], "-x"), (["-X", "fm"], "-X"), (["-W", "epoll_lt"], "-W"),
        (["-O", "3"], "-O"), (["-Q", "2"], "-Q"), (["-S"], "-S"), (["-B", "9"], "-B"),
        (["-L", "/usr/lib"], "-L"), (["--atexit=no"], "--atexit"), (["--all-errors"], "--all-errors"), (["x"], "x"),
    ])
    func `an option without meaning is noted with a reason`(arguments: [String], name: String) throws {
        let options = try CommandLineOptions(parsing: arguments)
        #expect(options.withoutEffect.map(\.option) == [name])
        #expect(options.withoutEffect.first?.reason.isEmpty == false)
    }

    @Test func `options end at two dashes`() throws {
        let options = try self.parse("-c", "--", "-f")
        #expect(options.checksOnly)
        #expect(options.configurationPath == nil)
        #expect(options.withoutEffect.map(\.option) == ["-f"])
    }

    @Test(arguments: [
        (["-q"], "-q"), (["-cq"], "-q"), (["--nosuch"], "--nosuch"), (["--nosuch=1"], "--nosuch"), (["-f"], "-f"),
        (["--alias"], "--alias"), (["-n", "x"], "-n"), (["-n", "0"], "-n"), (["-N", "-2"], "-N"),
        (["-m", "lots"], "-m"),
        (["--debug="], "--debug"), (["-a", "perhaps"], "-a"), (["-A", "=1"], "-A"), (["--modparam=a:b"], "--modparam"),
        (["--modparam=a:b:i:x"], "--modparam"), (["--modparam=a:b:q:1"], "--modparam"),
        (["--modparam=:b:i:1"], "--modparam"),
    ])
    func `a mistake is named`(arguments: [String], name: String) throws {
        let failure = #expect(throws: CommandLineError.self) { try CommandLineOptions(parsing: arguments) }
        #expect(failure?.message.contains(name) == true)
    }
}
