import Bytes
import ModuleKit
import SIPMessage

/// What the global parameters of a configuration say, with types. Defaults are Kamailio's.
public struct ConfigurationSettings: Sendable {
    public var core = CoreSettings()

    // Logging.
    public var debug = 0
    public var logsToStandardError = false
    /// syslog facility number; 3 is DAEMON, 16 LOCAL0.
    public var logFacility = 3
    public var logName: String?
    public var usesLogColor = false
    public var logPrefix: StringLiteral?
    public var logEngine: String?
    /// `log_engine_data`: options of the engine.
    public var logEngineData = ""

    // Workers and process.
    public var children = 8
    public var tcpChildren: Int?
    public var user: String?
    public var group: String?
    public var workingDirectory: String?
    public var chroot: String?
    public var openFilesLimit: Int?
    /// Seconds that modules have to store what they hold when the server ends; 0: any time.
    public var exitTimeout = 60
    public var isForking = true
    public var disablesCoreDump = false
    public var locksMemory = false

    // Sockets.
    public var sockets: [SocketSpecification] = []
    public var aliases: [SocketSpecification] = []
    public var usesAutoAliases = true
    public var port: UInt16 = 5060
    public var disablesTCP = false
    public var enablesTLS = false
    public var enablesSCTP = false
    /// `maxbuffer`; nil: large enough for the time that overload control lets datagrams wait.
    public var receiveBuffer: Int?
    public var sendBuffer: Int?
    public var listensOnIPv6 = false
    public var typeOfService = 0x10
    /// Sockets may be bound to addresses that this machine has not, or not yet.
    public var bindsForeignAddresses = false
    /// 1: datagrams may not be fragmented, 2: they may; nil and 0 leave it to the system.
    public var pathMTUDiscovery: Int?

    public var streams = StreamParameters()
    public var overload = OverloadParameters()
    public var datagrams = DatagramParameters()
    public var input = InputParameters()

    /// What the configuration declares, and what modules and the core add, as far as it may change at run time.
    public let configuration = ConfigurationRegistry()
    public var customParameters: [ModuleKit.CustomParameter] = []
    /// Their places, by `group.name`.
    private var customIndex: [ByteString: Int] = [:]
    /// Message flags by name.
    public var flags: [String: Int] = [:]
    /// Attribute flags (`avpflags`) by name.
    public var attributeFlags: [String: Int] = [:]
    public var loadPaths: [String] = []
    /// Parameters that are taken and do nothing here, each with what stands in its place.
    public var replaced: [(name: String, reason: String)] = []
    /// Parameters that are taken and not built yet, each with how the server behaves instead.
    public var notBuilt: [(name: String, reason: String)] = []

    public init() {}
}

extension ConfigurationSettings {
    /// Reads the statements of `file`, in order. What is wrong goes to `diagnostics`.
    public init(_ file: ConfigurationFile, sources: SourceMap, diagnostics: inout DiagnosticBag) {
        self.init()
        for statement in file.statements {
            switch statement {
            case .parameter(let node): self.apply(node, &diagnostics)
            case .customParameter(let node): self.declare(node, &diagnostics)
            case .flags(let node): self.declare(node, &diagnostics)
            case .listen(let node): self.sockets += node.items
            case .socket(let node): self.take(node)
            case .alias(let node): self.aliases += node.items
            case .loadPath(let node): self.loadPaths.append(node.path.text)
            case .engine(let node):
                if !node.isNative {
                    diagnostics.error(
                        .unsupportedEngine, "routing engine '\(node.name.text)' is not built yet", at: node.name.range)
                }
            case .loadModule, .moduleParameter, .route: break
            }
        }
    }

    private mutating func take(_ node: SocketBlock) {
        if let bind = node.bind { self.sockets.append(bind) }
        if node.asyncGroup != nil {
            self.replaced.append(("socket.agname", "whatever has to wait suspends its script"))
        }
        if node.workers != nil { self.replaced.append(("socket.workers", "as many threads as there are cores")) }
        if node.vrf != nil { self.notBuilt.append(("socket.vrf", "the socket is bound as any other")) }
    }

    private mutating func declare(_ node: CustomParameter, _ diagnostics: inout DiagnosticBag) {
        let value: Value
        switch node.value {
        case .integer(let number): value = .int(number)
        case .string(let literal): value = .bytes(literal.value)
        case .word(let word): value = .bytes(ByteString(word))
        case .variable: return
        }
        let group = ByteString(node.group.text)
        let name = ByteString(node.name.text)
        let key = group + "." + name
        let known = self.customIndex[key]
        if let instance = node.instance {
            guard let known else {
                diagnostics.error(
                    .badSetting, "\(group).\(name) is not declared: give it a value without [\(instance)] first",
                    at: node.range)
                return
            }
            if !self.customParameters[known].set(value, ofInstance: instance) {
                diagnostics.error(
                    .badSetting, "\(group)[\(instance)].\(name) is of another type than \(group).\(name)",
                    at: node.range)
            }
            return
        }
        var declaration = ConfigurationVariable.Declaration(group, name, value, node.summary?.value ?? ByteString())
        declaration.isCustom = true
        let made = ModuleKit.CustomParameter(self.configuration.declare(declaration), in: self.configuration)
        if let known {
            self.customParameters[known] = made
        } else {
            self.customIndex[key] = self.customParameters.count
            self.customParameters.append(made)
        }
    }

    private mutating func declare(_ node: FlagDeclaration, _ diagnostics: inout DiagnosticBag) {
        let isMessage = node.kind == .message
        for flag in node.flags {
            let taken = isMessage ? self.flags : self.attributeFlags
            guard let number = flag.number ?? (0..<32).first(where: { !taken.values.contains($0) }) else {
                diagnostics.error(.badSetting, "all 32 flags have names already", at: flag.name.range)
                continue
            }
            if isMessage {
                self.flags[flag.name.text] = number
            } else {
                self.attributeFlags[flag.name.text] = number
            }
        }
    }

    private mutating func apply(_ node: GlobalParameter, _ diagnostics: inout DiagnosticBag) {
        let int = Self.int(node.value)
        let text = Self.text(node.value)
        switch node.name {
        case "debug": self.debug = int ?? 0
        case "log_stderror": self.logsToStandardError = int != 0
        case "log_facility":
            guard let facility = Self.facility(text) else {
                diagnostics.error(
                    .badSetting, "unknown facility '\(text)'", at: node.valueRange,
                    suggestion: nearest(text, in: Self.facilities.map(\.0)).map { "did you mean '\($0)'?" })
                return
            }
            self.logFacility = facility
        case "log_name": self.logName = text
        case "log_color": self.usesLogColor = int != 0
        case "log_prefix": if case .string(let literal) = node.value { self.logPrefix = literal }
        case "log_engine_type": self.logEngine = text
        case "log_engine_data": self.logEngineData = text
        case "children": self.children = max(int ?? 8, 1)
        case "tcp_children": self.tcpChildren = int
        case "user": self.user = text
        case "group": self.group = text
        case "workdir": self.workingDirectory = text
        case "rundir": self.core.runDirectory = text
        case "chroot": self.chroot = text
        case "open_files_limit": self.openFilesLimit = int.flatMap { $0 > 0 ? $0 : nil }
        case "exit_timeout", "ser_kill_timeout": self.exitTimeout = max(int ?? 60, 0)
        case "fork": self.isForking = int != 0
        case "auto_aliases": self.usesAutoAliases = int != 0
        case "port": self.port = UInt16(clamping: int ?? 5060)
        case "disable_tcp": self.disablesTCP = int != 0
        case "maxbuffer": self.receiveBuffer = max(int ?? 262_144, 4096)
        case "tos":
            guard let service = int ?? Self.services[text] else {
                diagnostics.error(
                    .badSetting, "unknown type of service '\(text)'", at: node.valueRange,
                    suggestion: nearest(text, in: Self.services.keys.sorted()).map { "did you mean '\($0)'?" })
                return
            }
            self.typeOfService = service
        case "maxsndbuffer": self.sendBuffer = max(int ?? 262_144, 4096)
        case "ip_free_bind": self.bindsForeignAddresses = int != 0
        case "pmtu_discovery": self.pathMTUDiscovery = int
        case "auto_bind_ipv6": self.listensOnIPv6 = int != 0
        case "disable_core_dump": self.disablesCoreDump = int != 0
        case "mlock_pages": self.locksMemory = int != 0
        case "enable_tls": self.enablesTLS = int != 0
        case "disable_tls": self.enablesTLS = int == 0
        case "enable_sctp": self.enablesSCTP = int == 1
        case "disable_sctp": self.enablesSCTP = int == 0
        default:
            if let int, let complaint = OverloadParameters.complaint(node.name, int) {
                diagnostics.error(.badSetting, complaint, at: node.valueRange)
                return
            }
            if self.streams.apply(node.name, int, text) || self.overload.apply(node.name, int, text)
                || self.input.apply(node.name, int, text) || self.datagrams.apply(node.name, int)
            {
                break
            }
            if !self.applyNames(node.name, int) { self.applySIP(node.name, int, text) }
        }
        self.note(node, int)
    }

    /// Precedence bits of the IP header by their old names.
    private static let services = [
        "IPTOS_LOWDELAY": 0x10, "IPTOS_THROUGHPUT": 0x08, "IPTOS_RELIABILITY": 0x04, "IPTOS_MINCOST": 0x02,
    ]

    /// What the log is to say of a parameter, once.
    private mutating func note(_ node: GlobalParameter, _ int: Int?) {
        switch CoreParameters.effect(of: node.name) {
        case .works: break
        case .replaced(let reason):
            if !self.replaced.contains(where: { $0.name == node.name }) { self.replaced.append((node.name, reason)) }
        case .notBuilt(let reason, let harmless):
            if let int, harmless.contains(int) { return }
            if !self.notBuilt.contains(where: { $0.name == node.name }) { self.notBuilt.append((node.name, reason)) }
        }
    }

    private mutating func applyNames(_ name: String, _ int: Int?) -> Bool {
        guard let int else { return false }
        switch name {
        // Without a cache there is nothing to keep answers in, without a list nothing to note.
        case "dns_cache_init": if int == 0 { self.core.naming.names.usesCache = false }
        case "dst_blocklist_init": self.core.naming.blocklist.isAvailable = int != 0
        default:
            guard let parameter = NameParameter.all.first(where: { $0.name == name }) else { return false }
            parameter.write(&self.core.naming, int)
        }
        return true
    }

    private mutating func applySIP(_ name: String, _ int: Int?, _ text: String) {
        switch name {
        case "server_signature": self.core.serverSignature = int != 0
        case "server_header": self.core.serverHeader = ByteString(text)
        case "user_agent_header": self.core.userAgentHeader = ByteString(text)
        case "max_while_loops": self.core.maxWhileLoops = int ?? 100
        case "max_suspended_scripts": self.core.maxSuspendedScripts = max(int ?? 100_000, 0)
        // Beyond it the frames of routes that call each other without end would fill the memory.
        case "max_recursive_level": self.core.maxRecursiveLevel = min(max(int ?? 256, 1), 65536)
        case "max_branches": self.core.maxBranches = min(max(int ?? 12, 1), 31)
        case "force_rport": self.core.forceRport = int != 0
        case "local_rport": self.core.localRport = int != 0
        case "reply_to_via": self.core.replyToVia = int != 0
        case "check_via": self.core.checkVia = int != 0
        case "dns": self.core.viaCheck = int != 0 ? .byName : .byAddress
        case "rev_dns": self.core.viaCheck = int != 0 ? .byReverseName : .byAddress
        case "phone2tel": self.core.phone2tel = int != 0
        case "return_mode": self.core.returnMode = int ?? 0
        case "xavp_via_params": self.core.xavpViaParams = ByteString(text)
        case "xavp_via_reply_params": self.core.xavpViaReplyParams = ByteString(text)
        case "xavp_via_fields": self.core.xavpViaFields = ByteString(text)
        case "server_id": self.core.serverID = int ?? 0
        case "advertised_address": self.core.advertisedAddress = ByteString(text)
        case "advertised_port": self.core.advertisedPort = UInt16(clamping: int ?? 0)
        case "loop_detection": self.core.detectsLoops = int != 0
        case "max_breadth": self.core.maxBreadth = max(int ?? 0, 0)
        case "mhomed": self.core.multiHomed = int != 0
        case "udp_mtu": self.core.udpMTU = int ?? 0
        case "udp_mtu_try_proto":
            let name = ByteString(text)
            self.core.udpMTUTryProtocol = TransportProtocol(
                parsing: name.span, ByteRange(start: 0, count: name.count))
        case "msg_recv_max_size": self.core.maxMessageSize = int ?? 65_535
        case "onsend_route_reply": self.core.onsendRouteReply = int != 0
        case "received_route_mode": self.core.runsReceivedRoute = int != 0
        case "corelog": self.core.inputLogLevel = int ?? -1
        case "latency_limit_cfg": self.core.slowScriptLimit = int ?? 0
        case "latency_limit_action": self.core.slowActionLimit = int ?? 0
        case "latency_limit_db": self.core.slowStatementLimit = int ?? 0
        case "version_table" where !text.isEmpty: self.core.versionTable = ByteString(text)
        case "latency_cfg_log": self.core.scriptTimeLogLevel = int ?? 3
        case "sip_warning": self.core.addsWarning = int != 0
        case "stats_name_separator": self.core.statisticsSeparator = ByteString(String(text.prefix(1)))
        case "rpc_exec_delta": self.core.commandPause = max(int ?? 0, 0)
        case "latency_log": self.core.slownessLogLevel = int ?? -1
        default: break
        }
    }

    private static func int(_ value: SettingValue) -> Int? {
        if case .integer(let number) = value { return number }
        return nil
    }

    private static func text(_ value: SettingValue) -> String {
        switch value {
        case .integer(let number): String(number)
        case .string(let literal): literal.text
        case .word(let word): word
        case .variable(let token): token.text
        }
    }

    private static let facilities: [(String, Int)] =
        [
            ("LOG_KERN", 0), ("LOG_USER", 1), ("LOG_MAIL", 2), ("LOG_DAEMON", 3), ("LOG_AUTH", 4), ("LOG_SYSLOG", 5),
            ("LOG_LPR", 6), ("LOG_NEWS", 7), ("LOG_UUCP", 8), ("LOG_CRON", 9), ("LOG_AUTHPRIV", 10), ("LOG_FTP", 11),
        ] + (0...7).map { ("LOG_LOCAL\($0)", 16 + $0) }

    /// Number of the facility with this name.
    public static func facility(_ name: String) -> Int? { self.facilities.first { $0.0 == name }?.1 }
}
