import Bytes
import SIPMessage
import Testing

@testable import ApusServer

@Suite("mhomed: which socket a request leaves by")
struct LocalAddressesTests {
    /// A machine with two networks, and how often it was asked.
    final class Machine: Sendable {
        let questions = Lock(0)
        let now = Lock(Instant(milliseconds: 1_000_000))
        let own = Lock<[IPAddress]>([])

        func addresses() -> LocalAddresses {
            LocalAddresses(
                route: { destination in
                    self.questions.withLock { $0 += 1 }
                    if destination.isIPv6 { return IPAddress("2001:db8::1") }
                    guard let inner = IPAddress("10.0.0.0"), let none = IPAddress("203.0.113.0") else { return nil }
                    if destination.isInside(none, prefixLength: 24) { return nil }
                    return IPAddress(destination.isInside(inner, prefixLength: 8) ? "10.0.0.1" : "192.0.2.1")
                },
                list: { self.own.withLock { $0 } }, clock: { self.now.withLock { $0 } })
        }
    }

    static func socket(
        _ index: Int, _ transport: TransportProtocol, _ ip: String, _ port: UInt16 = 5060, isVirtual: Bool = false
    ) throws -> ListenSocket {
        ListenSocket(
            index: index, transport: transport,
            address: SocketAddress(ip: try #require(IPAddress(ip)), port: port), isVirtual: isVirtual)
    }

    static func table(_ machine: Machine, asksKernel: Bool = true) throws -> SocketTable {
        SocketTable(
            sockets: [
                try Self.socket(0, .udp, "192.0.2.1"), try Self.socket(1, .udp, "10.0.0.1"),
                try Self.socket(2, .tcp, "192.0.2.1"), try Self.socket(3, .udp, "2001:db8::2"),
            ],
            aliases: [], machine: machine.addresses(), asksKernel: asksKernel)
    }

    @Test(arguments: [
        ("10.1.2.3", TransportProtocol.udp, 1), ("198.51.100.9", .udp, 0),
        // No TCP socket has the address that the route leads over: the first one of the protocol.
        ("10.1.2.3", .tcp, 2), ("2001:db8::9", .udp, 3),
        // No route at all.
        ("203.0.113.9", .udp, 0),
    ])
    func `the kernel's route decides`(_ destination: String, _ transport: TransportProtocol, _ index: Int) throws {
        let table = try Self.table(Machine())
        let found = table.socket(for: transport, to: try #require(IPAddress(destination)))
        #expect(found?.index == index)
    }

    @Test func `without mhomed the first socket of the protocol and family is taken, and nobody is asked`() throws {
        let machine = Machine()
        let table = try Self.table(machine, asksKernel: false)
        #expect(table.socket(for: .udp, to: try #require(IPAddress("10.1.2.3")))?.index == 0)
        #expect(machine.questions.withLock { $0 } == 0)
    }

    @Test func `an answer holds for a while`() throws {
        let machine = Machine()
        let addresses = machine.addresses()
        let destination = try #require(IPAddress("10.1.2.3"))
        for _ in 0..<100 { _ = addresses.source(to: destination) }
        #expect(machine.questions.withLock { $0 } == 1)
        machine.now.withLock { $0 = $0 + .seconds(6) }
        _ = addresses.source(to: destination)
        #expect(machine.questions.withLock { $0 } == 2)
    }

    @Test func `what is remembered is bounded`() throws {
        let machine = Machine()
        let addresses = machine.addresses()
        let count = UInt32(LocalAddresses.capacity)
        for number in 0..<(count * 2) { _ = addresses.source(to: IPAddress(ipv4: 0x0a00_0000 + number)) }
        #expect(machine.questions.withLock { $0 } == Int(count) * 2)
        // The newest ones are known yet.
        _ = addresses.source(to: IPAddress(ipv4: 0x0a00_0000 + count * 2 - 1))
        #expect(machine.questions.withLock { $0 } == Int(count) * 2)
    }

    @Test func `this machine's kernel knows the way to itself`() throws {
        let loopback = try #require(IPAddress("127.0.0.1"))
        #expect(LocalAddresses().source(to: loopback) == loopback)
        #expect(LocalAddresses().contains(loopback))
    }

    @Test func `a virtual address is ours while the machine has it`() throws {
        let machine = Machine()
        let table = SocketTable(
            sockets: [try Self.socket(0, .udp, "192.0.2.1", isVirtual: true), try Self.socket(1, .udp, "192.0.2.2")],
            aliases: [], machine: machine.addresses())
        func isMyself(_ host: String) -> Bool {
            let text = ByteString(host)
            return table.isMyself(
                text.span, host: ByteRange(start: 0, count: text.count), port: 5060, transport: nil)
        }
        #expect(!isMyself("192.0.2.1"))
        #expect(isMyself("192.0.2.2"))
        machine.own.withLock { $0 = [IPAddress(ipv4: 0xc000_0201)] }
        machine.now.withLock { $0 = $0 + .seconds(6) }
        #expect(isMyself("192.0.2.1"))
    }
}
