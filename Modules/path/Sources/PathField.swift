import Bytes
import ModuleKit
import SIPMessage

/// One call of `add_path` or its kin: what its field says beside the socket.
struct PathField: Sendable {
    var user = ByteString()
    /// As the script gave them, without a semicolon in front.
    var parameters = ByteString()
    /// In place of the names of the sockets.
    var address: ByteString?
    /// `;received=…`, or nothing.
    var received = ByteString()
    var isDoubled = false
    var namesSockets = false

    /// Appends the field with its line end, and a second one for the socket that the request came in on where two are
    /// wanted.
    func write(outgoing: ListenSocket, incoming: ListenSocket, to buffer: ByteBuffer) {
        self.write(outgoing, to: buffer)
        if self.isDoubled { self.write(incoming, to: buffer) }
    }

    private func write(_ socket: ListenSocket, to buffer: ByteBuffer) {
        buffer.append("Path: <sip:")
        if !self.user.isEmpty {
            buffer.append(self.user)
            buffer.append(UInt8(ascii: "@"))
        }
        buffer.append(self.address ?? socket.sentBy)
        if socket.transport != .udp {
            buffer.append(";transport=")
            buffer.append(socket.transport == .wss ? "ws" : socket.transport.name)
        }
        if self.namesSockets, let name = socket.name {
            buffer.append(";sn=")
            buffer.append(name)
        }
        buffer.append(";lr")
        buffer.append(self.received)
        if !self.parameters.isEmpty {
            buffer.append(UInt8(ascii: ";"))
            buffer.append(self.parameters)
        }
        if self.isDoubled { buffer.append(";r2=on") }
        buffer.append(">\r\n")
    }
}
