import ModuleKit
import Testing

@testable import RouteScript

@Suite("Core parameters: the whole sheet")
struct CoreParameterTests {
    static let names = coreParameterSheet.flatMap(\.names)

    private static func settings(_ line: String) -> (settings: ConfigurationSettings, errors: [String]) {
        let parsed = FrontEnd.parse(text: "\(line)\nrequest_route { exit; }\n")
        var diagnostics = parsed.diagnostics
        let settings = ConfigurationSettings(parsed.configuration, sources: parsed.sources, diagnostics: &diagnostics)
        return (settings, diagnostics.all.filter { $0.severity == .error }.map(\.message))
    }

    /// Values that the language takes for a parameter of that kind, none of them a default.
    private static func values(_ kind: SheetKind, _ name: String) -> [String] {
        switch name {
        case "log_facility": return ["LOG_LOCAL3"]
        case "sip_parser_mode": return ["0", "7"]
        case "tos": return ["IPTOS_RELIABILITY", "0x20"]
        case "overload_reply_code": return ["480", "0"]
        case "udp_mtu_try_proto": return ["TCP", "tls"]
        case "ipv6_hex_style": return ["\"a\"", "\"A\"", "\"c\""]
        default: break
        }
        switch kind {
        case .bool: return ["yes", "no", "on", "off", "1", "0"]
        case .int: return ["7", "0x11"]
        case .intOrWord: return ["7"]
        case .intOrString: return ["7", "\"http,ws\""]
        case .word: return ["epoll_lt"]
        case .string: return ["\"text\""]
        case .stringOrWord: return ["\"text\"", "text"]
        case .host: return ["192.0.2.1"]
        }
    }

    @Test(arguments: coreParameterSheet)
    func `every name of a parameter takes values of its type, and no others`(names: [String], kind: SheetKind) {
        for name in names {
            for value in Self.values(kind, names[0]) {
                let errors = Self.settings("\(name) = \(value)").errors
                #expect(errors.isEmpty, "\(name) = \(value): \(errors)")
            }
            let wrong: String? =
                switch kind {
                case .bool, .int, .intOrWord: "\"text\""
                case .string, .word: "7"
                // A number stands for a user too.
                case .host, .intOrString, .stringOrWord: nil
                }
            if let wrong { #expect(!Self.settings("\(name) = \(wrong)").errors.isEmpty, "\(name) = \(wrong)") }
        }
    }

    @Test(arguments: [
        "overload_delay = 0", "overload_delay = 10001", "overload_interval = -1", "overload_retry_after = 3601",
        "overload_reply_code = 200",
    ])
    func `a value out of range is refused, with the range`(line: String) throws {
        let errors = Self.settings(line).errors
        #expect(errors.count == 1)
        #expect(try #require(errors.first).hasPrefix(line.prefix { $0 != " " }))
    }

    /// A parameter that is said to work changes the settings; of every other one something is said, once.
    @Test(arguments: coreParameterSheet)
    func `a parameter has an effect, or a line that says what holds instead`(names: [String], kind: SheetKind) {
        let initial = "\(Self.settings("").settings)"
        let made = Self.values(kind, names[0]).map { Self.settings("\(names[0]) = \($0)").settings }
        switch CoreParameters.effect(of: names[0]) {
        case .works:
            #expect(made.contains { "\($0)" != initial }, "\(names[0]) changes nothing")
            #expect(made.allSatisfy { $0.replaced.isEmpty && $0.notBuilt.isEmpty })
        case .replaced(let reason):
            #expect(!reason.isEmpty && made.allSatisfy { $0.replaced.map(\.name) == [names[0]] })
        case .notBuilt(let reason, _):
            #expect(!reason.isEmpty && made.contains { $0.notBuilt.map(\.name) == [names[0]] })
        }
    }

    @Test func `the table knows the parameters of the sheet and no others`() {
        let listed = Set(
            Self.names + ["coreparam", "tls_method"] + (CoreParameters.parameter(named: "tls_method")?.aliases ?? []))
        let known = Set(CoreParameters.names)
        // How many scripts may wait, how UDP workers are fed and send, what RFC 5393 asks for, and what is done about overload,
        // has no counterpart.
        let own =
            ["max_suspended_scripts", "loop_detection", "max_breadth", "pin_workers"]
            + ["spread", "busy_poll", "join"].map { "udp_\($0)" }
            + ["control", "delay", "interval", "reply_code", "reply_reason", "retry_after"].map { "overload_\($0)" }
        #expect(known.subtracting(listed) == Set(own))
        #expect(listed.subtracting(known) == [])
    }

    @Test func `how UDP workers are fed and send is within bounds`() {
        let made = Self.settings("udp_spread = 1\nudp_busy_poll = 50\npin_workers = yes\nudp_join = 0").settings
            .datagrams
        #expect(made.spread == 1 && made.busyPoll == 50 && made.pinsWorkers && made.joins == 0)
        let wild = Self.settings("udp_spread = 9\nudp_busy_poll = 1000000\nudp_join = 7").settings.datagrams
        #expect(wild.spread == 2 && wild.busyPoll == 10_000 && !wild.pinsWorkers && wild.joins == 2)
    }

    @Test func `a value at which nothing is missing needs no word`() {
        #expect(Self.settings("enable_sctp = no").settings.notBuilt.isEmpty)
        #expect(Self.settings("mcast_loopback = 0").settings.notBuilt.isEmpty)
        #expect(Self.settings("mcast_loopback = 1").settings.notBuilt.map(\.name) == ["mcast_loopback"])
        #expect(Self.settings("mcast_loopback = 1\nmcast_loopback = 1").settings.notBuilt.count == 1)
    }

    @Test func `parameters in brackets and those of old times are taken`() {
        let made = Self.settings("coreparam[random_engine] = \"fast\"\ntls_verify = 1\ntls_method = TLSv1")
        #expect(made.errors.isEmpty && made.settings.replaced.map(\.name) == ["coreparam", "tls_method"])
    }
}
