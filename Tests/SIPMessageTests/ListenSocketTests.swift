import Bytes
import SIPMessage
import Testing

@Suite("Listen sockets")
struct ListenSocketTests {
    private static let address = SocketAddress(ip: IPAddress(ipv4: 0xc000_0201), port: 5060)
    private static let socket = ListenSocket(
        index: 2, transport: .udp, address: Self.address, advertisedHost: "sip.example.org", advertisedPort: 5080,
        name: "lan", isVirtual: true)

    @Test func `a listener goes by what is advertised`() {
        let socket = Self.socket
        #expect(socket.sentBy == "sip.example.org:5080" && socket.socketName == "udp:192.0.2.1:5060")
        #expect(ByteString(socket.sentByBytes.span) == socket.sentBy)
        #expect(socket.name == "lan" && socket.isVirtual && socket.advertisedPort == 5080)
    }

    @Test func `the same listener loaded again is the same`() {
        let again = ListenSocket(
            index: 2, transport: .udp, address: Self.address, advertisedHost: "sip.example.org", advertisedPort: 5080,
            name: "lan", isVirtual: true)
        #expect(again == Self.socket)
    }

    @Test func `one that is advertised otherwise is another, at the same address`() {
        let other = ListenSocket(
            index: 2, transport: .udp, address: Self.address, advertisedHost: "sip.example.org", advertisedPort: 5080,
            name: "wan", isVirtual: true)
        #expect(other != Self.socket && other.isSame(as: Self.socket))
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
