import Bytes
import Glibc
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

/// What command line and configuration together ask for. The command line wins.
struct Startup {
    let options: CommandLineOptions
    let settings: ConfigurationSettings
    /// Nothing of this machine counts: neither its routes nor its addresses.
    var isSimulated = false

    var debug: Int { self.options.debugLevel ?? self.settings.debug }
    var logName: String { self.settings.logName ?? "apus" }
    /// nil: stay where the server was started; in the background that is the root, which nobody unmounts.
    var workingDirectory: String? {
        self.options.workingDirectory ?? self.settings.workingDirectory ?? (self.goesToBackground ? "/" : nil)
    }
    var runDirectory: String {
        if let directory = self.options.runDirectory { return directory }
        // Whoever only tries the server out need not be root.
        if self.options.configurationPath == nil, geteuid() != 0 {
            return SystemInput.environment("XDG_RUNTIME_DIR") ?? "/tmp/apus-\(geteuid())"
        }
        return self.settings.core.runDirectory
    }

    var core: CoreSettings {
        var core = self.settings.core
        core.runDirectory = self.runDirectory
        if let id = self.options.serverID { core.serverID = id }
        if self.options.checksVia { core.checkVia = true }
        return core
    }

    /// `-D` and `-DD` stay in the foreground; so does everything that only looks at the configuration, and the
    /// built-in configuration, whose user sits at a terminal.
    var goesToBackground: Bool {
        if self.options.configurationPath == nil { return false }
        return self.options.foreground == 0 ? self.settings.isForking : self.options.foreground >= 3
    }

    /// - Parameter isTerminal: whether somebody reads standard error as it comes.
    func logTarget(isTerminal: Bool) -> LogTarget {
        let isJSON = (self.options.logEngine ?? self.settings.logEngine)?.hasPrefix("json") == true
        guard self.options.logsToStandardError || self.settings.logsToStandardError else {
            return LogTarget(place: .syslog(facility: self.settings.logFacility), format: isJSON ? .json : .bare)
        }
        return LogTarget(
            place: .standardError, format: isJSON ? .json : isTerminal ? .terminal : .stamped,
            isColored: self.options.usesColor || self.settings.usesLogColor)
    }

    /// What was asked for and is not done, each with the reason.
    var withoutEffect: [String] {
        var lines = self.options.withoutEffect.map { "option \($0.option) has no effect: \($0.reason)" }
        if let engine = self.options.logEngine ?? self.settings.logEngine, !engine.hasPrefix("json") {
            lines.append("log engine '\(engine)' has no effect: json is the only other form of the log")
        }
        if let asked = self.options.udpWorkers, asked > self.datagramWorkers {
            lines.append("option -n \(asked): \(self.datagramWorkers) are started, no worker ever waits for another")
        }
        if let asked = self.options.tcpWorkers, asked > self.eventWorkers {
            lines.append("option -N \(asked): \(self.eventWorkers) are started, no worker ever waits for another")
        }
        return lines
    }

    var user: String? { self.options.user ?? self.settings.user }
    var group: String? { self.options.group ?? self.settings.group }
    var chroot: String? { self.options.chrootDirectory ?? self.settings.chroot }

    // MARK: Workers

    private var cores: Int { max(WorkerThread.availableCPUs, 1) }

    /// Threads for each UDP address: what is asked for, but no more than there are cores, since none of them blocks.
    private var datagramWorkers: Int { max(1, min(self.options.udpWorkers ?? self.settings.children, self.cores)) }

    private var eventWorkers: Int {
        let asked = self.options.tcpWorkers ?? self.settings.tcpChildren ?? self.settings.children
        return max(1, min(asked, self.cores))
    }

    func workerCount(_ table: SocketTable) -> Int {
        table.sockets.filter { $0.transport == .udp }.count * self.datagramWorkers + self.eventWorkers
    }

    var limits: TransportLimits {
        var limits = TransportLimits()
        limits.datagramWorkers = self.datagramWorkers
        limits.eventWorkers = self.eventWorkers
        if let asked = self.options.maxBuffer ?? self.settings.receiveBuffer {
            limits.datagram.receiveBuffer = asked
            limits.datagram.sendBuffer = asked
        }
        if let asked = self.options.maxBuffer ?? self.settings.sendBuffer { limits.datagram.sendBuffer = asked }
        limits.datagram.typeOfService = self.settings.typeOfService
        limits.datagram.bindsForeignAddresses = self.settings.bindsForeignAddresses
        limits.datagram.mayFragment = [1: false, 2: true][self.settings.pathMTUDiscovery ?? 0]
        limits.stream = StreamSettings(self.settings.streams)
        limits.stream.bindsForeignAddresses = self.settings.bindsForeignAddresses
        limits.stream.typeOfService = self.settings.typeOfService
        return limits
    }

    // MARK: Sockets

    /// The sockets to bind and the names that count as this server.
    /// - Throws: `ModuleError` for an address that cannot be read or found.
    func sockets() throws -> SocketTable {
        var wanted = self.settings.sockets
        for text in self.options.listen { wanted.append(try ListenOption.parse(text)) }
        var sockets: [ListenSocket] = []
        if wanted.isEmpty {
            for interface in try LocalInterfaces.addresses()
            where !interface.ip.isIPv6 || self.settings.listensOnIPv6 && !interface.ip.isLinkLocal {
                self.append(interface.ip, nil, self.settings.port, nil, nil, false, &sockets)
            }
        }
        for item in wanted { try self.append(item, &sockets) }
        guard !sockets.isEmpty else { throw ModuleError("there is no socket to listen on") }
        var aliases: [SocketTable.Alias] = []
        for item in self.settings.aliases {
            for host in item.hosts {
                var port: UInt16 = 0
                if case .number(let number) = item.port { port = number }
                aliases.append(.init(host: ByteString(host.text), port: port, transport: item.transport))
            }
        }
        if self.options.autoAliases ?? self.settings.usesAutoAliases { aliases += Self.reverseAliases(sockets) }
        for text in self.options.aliases {
            let item = try ListenOption.parse(text, "--alias")
            var port: UInt16 = 0
            if case .number(let number) = item.port { port = number }
            aliases.append(.init(host: ByteString(item.hosts[0].text), port: port, transport: item.transport))
        }
        let needsMachine = self.settings.core.multiHomed || sockets.contains(where: \.isVirtual)
        let machine = needsMachine && !self.isSimulated ? LocalAddresses() : nil
        return SocketTable(
            sockets: sockets, aliases: aliases, machine: machine, asksKernel: self.settings.core.multiHomed)
    }

    private func append(_ item: SocketSpecification, _ sockets: inout [ListenSocket]) throws {
        let ports: ClosedRange<UInt16>
        switch item.port {
        case .standard, .any:
            let port = item.transport == .tls ? 5061 : self.settings.port
            ports = port...port
        case .number(let number): ports = number...number
        case .range(let first, let last): ports = first...max(first, last)
        }
        let addresses = try item.hosts.flatMap { try Self.addresses($0) }
        for port in ports {
            // Of a range each socket has its own name, and the advertised ports count along.
            var advertise = item.advertise
            if let first = advertise?.port, first > 0 { advertise?.port = first &+ (port - ports.lowerBound) }
            let name = item.name.map { ports.count == 1 ? $0.value : $0.value + ByteString(decimal: Int(port)) }
            for address in addresses {
                self.append(address, item.transport, port, advertise, name, item.isVirtual, &sockets)
            }
        }
    }

    private func append(
        _ address: IPAddress, _ transport: TransportProtocol?, _ port: UInt16, _ advertise: AdvertisedAddress?,
        _ name: ByteString?, _ isVirtual: Bool, _ sockets: inout [ListenSocket]
    ) {
        let tcpIsOff = self.settings.disablesTCP || self.options.disablesTCP
        for kind in transport.map({ [$0] }) ?? [.udp, .tcp] {
            if kind.isStream, tcpIsOff { continue }
            // TLS and SCTP come with their modules; refusing them is the loader's business.
            guard kind == .udp || kind == .tcp else { continue }
            let core = self.settings.core
            sockets.append(
                ListenSocket(
                    index: sockets.count, transport: kind, address: SocketAddress(ip: address, port: port),
                    advertisedHost: advertise.map { ByteString(Self.written($0.host)) } ?? core.advertisedAddress,
                    advertisedPort: advertise?.port ?? core.advertisedPort, name: name, isVirtual: isVirtual))
        }
    }

    /// The names that reverse lookup gives for the addresses listened on; each with its socket's port and protocol.
    private static func reverseAliases(_ sockets: [ListenSocket]) -> [SocketTable.Alias] {
        var names: [IPAddress: ByteString?] = [:]
        return sockets.compactMap { socket in
            let ip = socket.address.ip
            let name = names[ip] ?? HostLookup.name(of: ip)
            names[ip] = .some(name)
            return name.map { .init(host: $0, port: socket.address.port, transport: socket.transport) }
        }
    }

    private static func written(_ host: HostLiteral) -> String {
        if case .address(let address) = host.kind { return address.bracketed }
        return host.text
    }

    private static func addresses(_ host: HostLiteral) throws -> [IPAddress] {
        if case .address(let address) = host.kind { return [address] }
        if let interfaces = try? LocalInterfaces.addresses(of: host.text), !interfaces.isEmpty {
            return interfaces.map(\.ip).filter { !$0.isIPv6 }
        }
        guard case .success(let addresses) = HostLookup.addresses(of: ByteString(host.text)),
            let first = addresses.first
        else { throw ModuleError("cannot listen on '\(host.text)': no such host or interface") }
        return [first]
    }
}

extension IPAddress {
    /// fe80::/10: means something only together with an interface.
    fileprivate var isLinkLocal: Bool { self.isIPv6 && self.high >> 54 == 0xfe80 >> 6 }
}

/// `-l [proto:]host[:port][/advertised[:port]]`, read by the parser of the language itself.
enum ListenOption {
    static func parse(_ text: String, _ option: String = "-l") throws -> SocketSpecification {
        var line = text
        if let slash = text.firstIndex(of: "/") {
            line = "\(text[..<slash]) advertise \(text[text.index(after: slash)...])"
        }
        let parsed = FrontEnd.parse(text: "listen=\(line)\nrequest_route { exit; }\n", name: "\(option) \(text)")
        for statement in parsed.configuration.statements {
            if case .listen(let node) = statement, let item = node.items.first, !item.hosts.isEmpty,
                !parsed.diagnostics.hasErrors
            {
                return item
            }
        }
        throw ModuleError("\(option): '\(text)' is no address: [proto:]host[:port] is expected")
    }
}
