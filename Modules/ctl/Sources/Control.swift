import Bytes
import ControlProtocol
import ModuleKit

/// The `ctl` module: serves RPC commands over the binary protocol of kamcmd.
public final class Control: ServerModule {
    public static let name = "ctl"
    public static let summary = "Control socket for kamcmd."

    public struct Settings: Sendable {
        var addresses: [ControlListener.Address] = []
        var mode = 0o600
        var user: UInt32?
        var group: UInt32?
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "binrpc", .text, repeatable: true, default: "unix:<run directory>/kamailio_ctl",
                "Where to listen: `unix:PATH`, `unixs:PATH`, `unixd:PATH` (datagrams), `tcp:HOST:PORT`, `udp:HOST:PORT`; the port is 2049 if not given."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                settings.addresses.append(try Self.address(text.string))
            },
            ModuleParameter("mode", \.mode, in: 0...0o777, "Permissions of unix sockets."),
        ]
            + ModuleParameter<Settings>.owners("user", "group", \.user, \.group)
            + ModuleParameter.notYet(.text, "fifo")
            + ModuleParameter.notYet(
                .int, "autoconversion", "binrpc_max_body_size", "binrpc_struct_max_body_size", "binrpc_buffer_size")
    }

    let settings: Settings
    let host: any ModuleHost

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] host in
            var addresses = self.settings.addresses
            if addresses.isEmpty { addresses.append(.unixStream("kamailio_ctl")) }
            for address in addresses {
                var listener = ControlListener(name: "binrpc", address: address, mode: self.settings.mode) {
                    bytes, later in self.answer(bytes, later)
                }
                listener.user = self.settings.user
                listener.group = self.settings.group
                host.addControlListener(listener)
            }
        }
        return hooks
    }

    public var commands: [RPCCommand] {
        [
            RPCCommand("ctl.listen", "Lists the control sockets.") { [unowned self] _ throws(RPCFault) in
                let addresses =
                    self.settings.addresses.isEmpty
                    ? [ControlListener.Address.unixStream("kamailio_ctl")] : self.settings.addresses
                return addresses.flatMap { address -> [RPCValue] in
                    let (kind, name, port) = Self.text(address)
                    return [.string("binrpc"), .string(kind), .string(name), .string(port)]
                }
            }
        ]
    }

    /// Answers the first whole packet in `bytes`.
    private func answer(
        _ bytes: [UInt8], _ later: @escaping @Sendable ([UInt8]) -> Void
    ) -> (used: Int, answer: [UInt8])? {
        switch BinaryRPC.frame(bytes) {
        case .incomplete: return (0, [])
        case .broken: return nil
        case .packet(let header, let length, let cookie, let cookieLength, let kind):
            let used = header + length
            // Clients ask; one that sends anything else is none.
            guard kind == BinaryRPC.Kind.request.rawValue else { return nil }
            let answer = self.begin(bytes, header, length)
            if let outcome = answer.outcome {
                return (used, Self.packet(outcome, cookie: cookie, cookieLength: cookieLength))
            }
            answer.whenGiven { outcome in later(Self.packet(outcome, cookie: cookie, cookieLength: cookieLength)) }
            return (used, [])
        }
    }

    private static func packet(_ outcome: RPCAnswer.Outcome, cookie: UInt64, cookieLength: Int) -> [UInt8] {
        switch outcome {
        case .success(let values): BinaryRPCWriter.reply(values, cookie: cookie, cookieLength: cookieLength)
        case .failure(let fault): BinaryRPCWriter.fault(fault, cookie: cookie, cookieLength: cookieLength)
        }
    }

    private func begin(_ bytes: [UInt8], _ header: Int, _ length: Int) -> RPCAnswer {
        func refused(_ text: String) -> RPCAnswer {
            let answer = RPCAnswer()
            answer.refuse(RPCFault(400, text))
            return answer
        }
        var reader = BinaryRPCReader(bytes, from: header, count: length)
        guard case .text(let command)? = reader.value() else { return refused("malformed request") }
        var parameters: [RPCValue] = []
        while !reader.isAtEnd {
            guard let value = reader.value() else { return refused("malformed parameter") }
            parameters.append(value)
        }
        return self.host.begin(command.string, parameters)
    }

    private static func address(_ text: String) throws -> ControlListener.Address {
        guard let colon = text.firstIndex(of: ":") else { return .unixStream(text) }
        let kind = text[..<colon]
        let rest = String(text[text.index(after: colon)...])
        switch kind {
        case "unix", "unixs": return .unixStream(rest)
        case "unixd": return .unixDatagram(rest)
        case "tcp", "udp":
            guard let address = ControlListener.Address(network: text, defaultPort: 2049) else {
                throw ArgumentError("'\(text)' is no address, write \(kind):HOST:PORT")
            }
            return address
        default: throw ArgumentError("'\(kind)' is no kind of control socket", suggestion: "unix")
        }
    }

    /// Kind, name and port as `ctl.listen` shows them; files have no port.
    private static func text(_ address: ControlListener.Address) -> (String, String, String) {
        switch address {
        case .unixStream(let path): ("unix_stream", path, "")
        case .unixDatagram(let path): ("unix_dgram", path, "")
        case .fifo(let path): ("fifo", path, "")
        case .tcp(let host, let port): ("tcp", host, "\(port)")
        case .udp(let host, let port): ("udp", host, "\(port)")
        }
    }
}
