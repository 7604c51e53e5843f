import Bytes
import ModuleKit
import SIPMessage

/// The listening sockets and the names that count as this server (`myself`).
final class SocketTable: Sendable {
    /// A name that counts as this server, from `alias` or a reverse lookup.
    struct Alias: Sendable, Equatable {
        var host: ByteString
        /// 0 matches any port.
        var port: UInt16
        /// nil matches any protocol.
        var transport: TransportProtocol?
    }

    let sockets: [ListenSocket]
    let aliases: [Alias]
    /// What is known of the machine's own addresses; nil where no listener and no setting asks.
    let machine: LocalAddresses?
    /// `mhomed`: what leaves, leaves by the address that the kernel would send from.
    let asksKernel: Bool
    private let byIndex: [ListenSocket?]

    init(
        sockets: [ListenSocket], aliases: [Alias], machine: LocalAddresses? = nil, asksKernel: Bool = false
    ) {
        self.sockets = sockets
        self.machine = machine
        self.asksKernel = asksKernel
        self.aliases = aliases
        var byIndex: [ListenSocket?] = []
        for socket in sockets {
            while byIndex.count <= socket.index { byIndex.append(nil) }
            byIndex[socket.index] = socket
        }
        self.byIndex = byIndex
    }

    /// What this table calls the listener that `socket` is of, whichever configuration `socket` comes from; nil when
    /// the listener has been given up.
    func current(_ socket: ListenSocket) -> ListenSocket? {
        guard socket.index < self.byIndex.count, let known = self.byIndex[socket.index] else { return nil }
        return known.transport == socket.transport && known.address == socket.address ? known : nil
    }

    /// The same table, in memory of its own: for one worker.
    func copy() -> SocketTable {
        SocketTable(
            sockets: self.sockets.inOwnMemory, aliases: self.aliases.inOwnMemory, machine: self.machine,
            asksKernel: self.asksKernel)
    }

    /// Whether host, port (0: the usual one) and protocol (nil: any) are a socket's, an advertised address's or an
    /// alias's.
    func isMyself(_ span: Span<UInt8>, host: ByteRange, port: Int, transport: TransportProtocol?) -> Bool {
        let wanted = port > 0 ? port : Int(transport?.defaultPort ?? 5060)
        let address = IPAddress(span, host)
        for socket in self.sockets {
            // The address and the advertised name go with either port.
            guard wanted == Int(socket.address.port) || wanted == Int(socket.port),
                transport == nil || socket.transport == transport
            else { continue }
            let isNamed =
                address == socket.address.ip
                || socket.advertisedHost.map { span.equalsIgnoringCase(host, $0.span) } ?? false
            if isNamed, self.isHere(socket) { return true }
        }
        for alias in self.aliases where span.equalsIgnoringCase(host, alias.host.span) {
            guard alias.port == 0 || Int(alias.port) == wanted else { continue }
            if alias.transport == nil || transport == nil || alias.transport == transport { return true }
        }
        return false
    }

    /// Whether the listener is this machine's at present; only those that are said to move may be elsewhere.
    private func isHere(_ socket: ListenSocket) -> Bool {
        guard socket.isVirtual, let machine = self.machine else { return true }
        return machine.contains(socket.address.ip)
    }

    /// The socket to send to `address` from: with `mhomed` the one that the kernel's route leads over, else the first
    /// one listed of the protocol and family.
    /// - Complexity: O(sockets); one question to the kernel per address and while its answer holds.
    func socket(for transport: TransportProtocol, to address: IPAddress) -> ListenSocket? {
        if self.asksKernel, let source = self.machine?.source(to: address),
            let socket = self.sockets.first(where: { $0.transport == transport && $0.address.ip == source })
        {
            return socket
        }
        return self.socket(for: transport, isIPv6: address.isIPv6)
    }

    func socket(for transport: TransportProtocol, isIPv6: Bool) -> ListenSocket? {
        self.sockets.first { $0.transport == transport && $0.address.ip.isIPv6 == isIPv6 }
    }

    /// `udp:192.0.2.1:5060`, `192.0.2.1:5060`, or the name of a listen line.
    func socket(named text: ByteString) -> ListenSocket? {
        self.sockets.first {
            $0.name == text || $0.socketName == text || text == ByteString("\($0.address)")
        }
    }

    /// What the server listens on and answers to, laid out as Kamailio prints it.
    var listing: String {
        var text = "Listening on \n"
        for socket in self.sockets {
            text += "             \(socket.transport.name): \(socket.address.ip):\(socket.address.port)"
            if let name = socket.name { text += " name \(name.string)" }
            if let host = socket.advertisedHost { text += " advertise \(host.string):\(socket.port)" }
            text += "\n"
        }
        text += "Aliases: \n"
        for alias in self.aliases {
            let port = alias.port == 0 ? "*" : "\(alias.port)"
            text += "             \(alias.transport.map { "\($0.name)" } ?? "*"): \(alias.host.string):\(port)\n"
        }
        return text + "\n"
    }
}
