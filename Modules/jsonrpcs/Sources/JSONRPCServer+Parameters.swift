import Bytes
import ModuleKit

extension JSONRPCServer {
    public struct Settings: Sendable {
        /// Bits of `transport`.
        enum Transport: Int { case http = 1, fifo = 2, datagram = 4, tcp = 8 }

        var isPretty = true
        var transports = 6
        var fifoName = ByteString("kamailio_rpc.fifo")
        var fifoMode = 0o660
        var fifoUser: UInt32?
        var fifoGroup: UInt32?
        var fifoReplyDirectory = ByteString("/tmp/")
        var datagramSocket = ByteString("kamailio_rpc.sock")
        var datagramMode = 0o660
        var datagramUser: UInt32?
        var datagramGroup: UInt32?
        var datagramWorkers = 1
        var datagramTimeout = 2000
        var tcpSocket = ByteString()
        public init() {}

        /// Whether a transport is asked for by its bit.
        func asksFor(_ transport: Transport) -> Bool { self.transports & transport.rawValue != 0 }
        /// Whether it is to be served: asked for, or all are.
        func serves(_ transport: Transport) -> Bool { self.transports == 0 || self.asksFor(transport) }
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("pretty_format", \.isPretty, "Answers with line breaks and tabs."),
            ModuleParameter("transport", \.transports, in: 0...15, "Sum of 1 HTTP, 2 fifo, 4 datagram, 8 TCP; 0: all."),
            ModuleParameter("fifo_name", \.fifoName, "Path of the fifo; relative ones are under the run directory."),
            ModuleParameter("fifo_mode", \.fifoMode, in: 0...0o777, "Permissions of the fifo."),
            ModuleParameter("fifo_reply_dir", \.fifoReplyDirectory, "Folder of the fifos that answers are written to."),
            ModuleParameter(
                "dgram_socket", .text, default: "kamailio_rpc.sock",
                "Path of the datagram socket, relative ones under the run directory, or `udp:HOST:PORT`."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                _ = try Self.datagramAddress(text)
                settings.datagramSocket = text
            },
            ModuleParameter("dgram_mode", \.datagramMode, in: 0...0o777, "Permissions of the datagram socket."),
            ModuleParameter(
                "dgram_workers", \.datagramWorkers, in: 1...64,
                "Readers of the datagram socket; taken and not needed, all control traffic has one thread."),
            ModuleParameter(
                "dgram_timeout", \.datagramTimeout, in: 1...600_000,
                "Milliseconds that an answer waits for a client that has too many to read."),
            ModuleParameter("tcp_socket", .text, "Where to listen: `tcp:HOST:PORT`.") { settings, value in
                guard case .text(let text) = value else { return }
                guard case .tcp? = ControlListener.Address(network: text.string) else {
                    throw ArgumentError("'\(text)' is no address, write tcp:HOST:PORT")
                }
                settings.tcpSocket = text
            },
        ]
            + ModuleParameter<Settings>.owners("fifo_user", "fifo_group", \.fifoUser, \.fifoGroup)
            + ModuleParameter<Settings>.owners("dgram_user", "dgram_group", \.datagramUser, \.datagramGroup)
    }

    static func datagramAddress(_ text: ByteString) throws(ArgumentError) -> ControlListener.Address {
        guard text.string.hasPrefix("udp:") else { return .unixDatagram(text.string) }
        guard let address = ControlListener.Address(network: text.string) else {
            throw ArgumentError("'\(text)' is no address, write udp:HOST:PORT")
        }
        return address
    }
}
