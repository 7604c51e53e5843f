import Bytes
import ModuleKit

extension JSONRPCServer {
    public struct Settings: Sendable {
        var isPretty = true
        var transports = 6
        var fifoName = ByteString("kamailio_rpc.fifo")
        var fifoMode = 0o660
        var fifoReplyDirectory = ByteString("/tmp/")
        var datagramSocket = ByteString("kamailio_rpc.sock")
        var datagramMode = 0o660
        var datagramWorkers = 1
        var datagramTimeout = 2000
        var tcpSocket = ByteString()
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("pretty_format", \.isPretty, "Answers with line breaks and tabs."),
            ModuleParameter("transport", \.transports, in: 0...15, "Sum of 1 HTTP, 2 fifo, 4 datagram, 8 TCP; 0: all."),
            ModuleParameter("fifo_name", \.fifoName, "Path of the fifo; relative ones are under the run directory."),
            ModuleParameter("fifo_mode", \.fifoMode, in: 0...0o777, "Permissions of the fifo."),
            ModuleParameter("fifo_reply_dir", \.fifoReplyDirectory, "Folder of the fifos that answers are written to."),
            ModuleParameter("dgram_socket", \.datagramSocket, "Path of the datagram socket, or `udp:HOST:PORT`."),
            ModuleParameter("dgram_mode", \.datagramMode, in: 0...0o777, "Permissions of the datagram socket."),
            ModuleParameter("dgram_workers", \.datagramWorkers, in: 1...64, "Readers of the datagram socket."),
            ModuleParameter("dgram_timeout", \.datagramTimeout, in: 1...600_000, "Milliseconds to write an answer in."),
            ModuleParameter("tcp_socket", \.tcpSocket, "Where to listen: `tcp:HOST:PORT`."),
        ] + ["fifo_user", "fifo_group", "dgram_user", "dgram_group"].flatMap(self.owner)
    }

    /// Owners are given by name or by number.
    private static func owner(_ name: String) -> [ModuleParameter<Settings>] {
        [ModuleParameter<Settings>.Kind.text, .int].map { kind in
            ModuleParameter(name, kind, "Owner, by name or number.") { _, _ in }
        }
    }
}
