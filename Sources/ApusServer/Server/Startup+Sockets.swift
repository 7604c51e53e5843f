import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

extension Startup {
    /// The sockets to bind and the names that count as this server.
    /// - Throws: `ModuleError` for an address that cannot be read or found.
    func sockets() throws -> SocketTable {
        var wanted = self.settings.sockets
        for text in self.options.listen { wanted.append(try ListenOption.parse(text)) }
        var sockets: [ListenSocket] = []
        if wanted.isEmpty {
            for interface in try LocalInterfaces.addresses() {
                guard let place = self.place(of: interface) else { continue }
                self.append(place, nil, self.settings.port, nil, nil, false, &sockets)
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
        let addresses = try item.hosts.flatMap { try self.places($0) }
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
        _ place: Place, _ transport: TransportProtocol?, _ port: UInt16, _ advertise: AdvertisedAddress?,
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
                    index: sockets.count, transport: kind,
                    address: SocketAddress(ip: place.ip, port: port, scope: place.scope),
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

    /// An address to listen on.
    private struct Place {
        var ip: IPAddress
        /// Index of the interface of a link-local address, else 0.
        var scope: UInt32 = 0
    }

    /// What is listened on of an address of an interface that nobody named; nil: nothing.
    private func place(of interface: InterfaceAddress) -> Place? {
        guard interface.ip.isIPv6 else { return Place(ip: interface.ip) }
        guard self.settings.listensOnIPv6 else { return nil }
        guard interface.ip.isLinkLocal else { return Place(ip: interface.ip) }
        return self.settings.input.linkLocalAddresses == 1 ? Place(ip: interface.ip, scope: interface.scope) : nil
    }

    private func places(_ host: HostLiteral) throws -> [Place] {
        if case .address(let address) = host.kind {
            guard address.isLinkLocal else { return [Place(ip: address)] }
            switch self.settings.input.linkLocalAddresses {
            case 1:
                // The address alone does not say which link it is of.
                let own = try LocalInterfaces.addresses().first { $0.ip == address }
                return [Place(ip: address, scope: own?.scope ?? 0)]
            case 2: return []
            default:
                throw ModuleError(
                    "cannot listen on '\(host.text)': link-local addresses need bind_ipv6_link_local=1")
            }
        }
        if let interfaces = try? LocalInterfaces.addresses(of: host.text), !interfaces.isEmpty {
            return interfaces.compactMap { self.place(of: $0) }
        }
        guard case .success(let addresses) = HostLookup.addresses(of: ByteString(host.text)),
            let first = addresses.first
        else { throw ModuleError("cannot listen on '\(host.text)': no such host or interface") }
        return [Place(ip: first)]
    }
}

extension IPAddress {
    /// fe80::/10: means something only together with an interface.
    fileprivate var isLinkLocal: Bool { self.isIPv6 && self.high >> 54 == 0xfe80 >> 6 }
}
