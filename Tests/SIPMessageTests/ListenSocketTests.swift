import Bytes
import SIPMessage
import Testing

@Suite("Listen sockets: copies for workers")
struct ListenSocketTests {
    private static let address = SocketAddress(ip: IPAddress(ipv4: 0xc000_0201), port: 5060)
    private static let socket = ListenSocket(
        index: 2, transport: .udp, address: Self.address, advertisedHost: "sip.example.org", advertisedPort: 5080,
        name: "lan", isVirtual: true)

    @Test func `a copy says what its original says`() {
        let copy = Self.socket.copy()
        #expect(copy !== Self.socket && copy.isSame(as: Self.socket))
        #expect(copy.sentBy == "sip.example.org:5080" && copy.socketName == "udp:192.0.2.1:5060")
        #expect(copy.name == "lan" && copy.isVirtual && copy.advertisedPort == 5080)
    }

    @Test func `another listener is not the same`() {
        let others = [
            ListenSocket(index: 2, transport: .udp, address: Self.address),
            ListenSocket(index: 2, transport: .tcp, address: Self.address),
            ListenSocket(index: 2, transport: .udp, address: SocketAddress(ip: Self.address.ip, port: 5062)),
        ]
        #expect(others.allSatisfy { !$0.isSame(as: Self.socket) })
    }
}
