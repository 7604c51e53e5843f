import Bytes
import SIPMessage
import SIPTransport
import Testing

/// Answers from a table, counts questions, and holds answers back when told to. Time stands still unless moved.
final class StandInNames: NameSource {
    struct State {
        var answers: [DNSQuestion: DNSAnswer] = [:]
        var asked: [DNSQuestion] = []
        var isHolding = false
        var held: [@Sendable () -> Void] = []
    }
    let state = Lock(State())
    let time = Lock(Instant(milliseconds: 1000))

    func set(_ type: DNSRecordType, _ name: ByteString, _ records: [DNSData], lifetime: Int? = 300) {
        self.state.withLock { $0.answers[DNSQuestion(type, name)] = DNSAnswer(records, lifetime: lifetime) }
    }

    func ask(_ question: DNSQuestion, _ settings: NameSettings, answer: @escaping @Sendable (DNSAnswer) -> Void) {
        let found = self.state.withLock { state -> DNSAnswer? in
            state.asked.append(question)
            let found = state.answers[question] ?? .none
            if state.isHolding { state.held.append { answer(found) } }
            return state.isHolding ? nil : found
        }
        if let found { answer(found) }
    }

    func release() {
        let held = self.state.withLock { state in
            defer { state.held = [] }
            state.isHolding = false
            return state.held
        }
        for answer in held { answer() }
    }

    func stop() {}
    func advance(seconds: Int) { self.time.withLock { $0 = $0 + .seconds(seconds) } }
    var asked: [String] { self.state.withLock { $0.asked.map { "\($0.type.name) \($0.name)" } } }

    func resolver(_ change: (inout NameSettings) -> Void = { _ in }) -> Resolver {
        var settings = NameSettings()
        settings.triesIPv6 = false
        change(&settings)
        return Resolver(settings: settings, source: self, clock: { self.time.withLock { $0 } })
    }
}

func address(_ text: String, _ port: UInt16 = 5060, _ transport: TransportProtocol = .udp) -> NextHopAddress {
    NextHopAddress(transport: transport, address: SocketAddress(ip: IPAddress(text) ?? .anyIPv4, port: port))
}

func srv(_ priority: UInt16, _ weight: UInt16, _ port: UInt16, _ target: ByteString) -> DNSData {
    .service(ServiceRecord(priority: priority, weight: weight, port: port, target: target))
}

private func a(_ text: String) -> DNSData { .address(IPAddress(text) ?? .anyIPv4) }

@Suite("Resolver: cache")
struct ResolverCacheTests {
    let names = StandInNames()

    func ask(_ resolver: Resolver, _ host: ByteString) -> [IPAddress]? {
        let result = Lock<[IPAddress]?>(nil)
        resolver.resolve(host) { answer in result.withLock { $0 = (try? answer.get()) ?? [] } }
        return result.withLock { $0 }
    }

    @Test func `an answer holds as long as the server says`() {
        self.names.set(.a, "host.example", [a("192.0.2.1")], lifetime: 30)
        let resolver = self.names.resolver()
        #expect(resolver.cached("host.example") == nil)
        #expect(self.ask(resolver, "Host.Example.") == [IPAddress(ipv4: 0xc000_0201)])
        self.names.advance(seconds: 29)
        #expect(resolver.cached("host.example") == [IPAddress(ipv4: 0xc000_0201)])
        self.names.advance(seconds: 1)
        #expect(resolver.cached("host.example") == nil)
        #expect(self.names.asked == ["A host.example"])
    }

    @Test func `that there is nothing holds for the negative lifetime`() {
        let resolver = self.names.resolver { $0.negativeLifetime = 7 }
        #expect(self.ask(resolver, "none.example") == [])
        self.names.advance(seconds: 6)
        #expect(resolver.cached("none.example") == [])
        self.names.advance(seconds: 1)
        #expect(resolver.cached("none.example") == nil)
    }

    @Test func `a silent server is believed silent for five seconds only`() {
        self.names.state.withLock { $0.answers[DNSQuestion(.a, "mute.example")] = .failure }
        let resolver = self.names.resolver()
        #expect(self.ask(resolver, "mute.example") == [])
        self.names.advance(seconds: 5)
        #expect(resolver.cached("mute.example") == nil)
    }

    @Test func `least and greatest lifetime hold answers within`() {
        self.names.set(.a, "short.example", [a("192.0.2.1")], lifetime: 1)
        self.names.set(.a, "long.example", [a("192.0.2.2")], lifetime: 100_000)
        let resolver = self.names.resolver {
            $0.minLifetime = 10
            $0.maxLifetime = 20
        }
        _ = self.ask(resolver, "short.example")
        _ = self.ask(resolver, "long.example")
        self.names.advance(seconds: 9)
        #expect(resolver.cached("short.example") != nil)
        self.names.advance(seconds: 11)
        #expect(resolver.cached("long.example") == nil)
    }

    @Test func `questions asked at the same time are asked once`() {
        self.names.set(.a, "host.example", [a("192.0.2.1")])
        self.names.state.withLock { $0.isHolding = true }
        let resolver = self.names.resolver()
        let answers = Lock(0)
        for _ in 0..<5 { resolver.resolve("host.example") { _ in answers.withLock { $0 += 1 } } }
        #expect(answers.withLock { $0 } == 0)
        self.names.release()
        #expect(answers.withLock { $0 } == 5)
        #expect(self.names.asked == ["A host.example"])
    }

    @Test func `the cache keeps within its memory, and what is there stays`() {
        let resolver = self.names.resolver { $0.cacheMemory = 2 }
        for number in 0..<100 {
            let name = ByteString("host\(number).example")
            self.names.set(.a, name, [a("192.0.2.1")])
            _ = self.ask(resolver, name)
        }
        #expect(resolver.memory.used <= 2048)
        #expect(resolver.cached("host0.example") != nil)
        #expect(resolver.cached("host99.example") == nil)
    }

    @Test func `with dns_cache_del_nonexp new answers push out old ones`() {
        let resolver = self.names.resolver {
            $0.cacheMemory = 2
            $0.dropsUnexpired = true
        }
        for number in 0..<100 {
            let name = ByteString("host\(number).example")
            self.names.set(.a, name, [a("192.0.2.1")])
            _ = self.ask(resolver, name)
        }
        #expect(resolver.memory.used <= 2048)
        #expect(resolver.cached("host99.example") != nil)
    }

    @Test func `without the cache every look-up asks, except for what was put in for good`() {
        self.names.set(.a, "host.example", [a("192.0.2.1")])
        let resolver = self.names.resolver { $0.usesCache = false }
        #expect(self.ask(resolver, "host.example") == [IPAddress(ipv4: 0xc000_0201)])
        #expect(self.ask(resolver, "host.example") == [IPAddress(ipv4: 0xc000_0201)])
        #expect(self.names.asked.count == 2)
        resolver.remember([IPAddress(ipv4: 1)], of: "fixed.example", for: nil)
        #expect(resolver.cached("fixed.example") == [IPAddress(ipv4: 1)])
    }

    @Test func `aliases are followed, also in circles, a bounded number of times`() {
        self.names.state.withLock { state in
            state.answers[DNSQuestion(.a, "one.example")] = DNSAnswer([], lifetime: 60, alias: "two.example")
            state.answers[DNSQuestion(.a, "two.example")] = DNSAnswer([.address(IPAddress(ipv4: 9))], lifetime: 60)
            state.answers[DNSQuestion(.a, "x.example")] = DNSAnswer([], lifetime: 60, alias: "y.example")
            state.answers[DNSQuestion(.a, "y.example")] = DNSAnswer([], lifetime: 60, alias: "x.example")
        }
        let resolver = self.names.resolver()
        #expect(self.ask(resolver, "one.example") == [IPAddress(ipv4: 9)])
        #expect(self.ask(resolver, "x.example") == [])
    }

    @Test func `after stop every question fails`() {
        let resolver = self.names.resolver()
        resolver.stop()
        #expect(self.ask(resolver, "host.example") == [])
        #expect(self.names.asked == [])
    }
}

@Suite("RFC 3263 §4: next hops")
struct NextHopTests {
    let names = StandInNames()

    func find(
        _ host: ByteString, port: UInt16 = 0, _ transport: TransportProtocol? = nil, isSecure: Bool = false,
        sockets: [TransportProtocol] = [.udp, .tcp, .tls], _ change: (inout NameSettings) -> Void = { _ in }
    ) -> [NextHopAddress] {
        let resolver = self.names.resolver(change)
        let result = Lock<[NextHopAddress]>([])
        resolver.findNextHops(
            NextHopTarget(host: host, port: port, transport: transport, isSecure: isSecure),
            isSupported: { sockets.contains($0) }
        ) { found in result.withLock { $0 = found } }
        return result.withLock { $0 }
    }

    @Test func `a port leaves nothing to SRV`() {
        self.names.set(.a, "host.example", [a("192.0.2.1")])
        self.names.set(.srv, "_sip._udp.host.example", [srv(1, 1, 9, "other.example")])
        #expect(self.find("host.example", port: 5080) == [address("192.0.2.1", 5080)])
        #expect(self.names.asked == ["A host.example"])
    }

    @Test func `without NAPTR the SRV records of UDP decide, else the host's address`() {
        self.names.set(.a, "b.example", [a("192.0.2.2")])
        self.names.set(.srv, "_sip._udp.a.example", [srv(1, 1, 5070, "b.example")])
        self.names.set(.srv, "_sip._tcp.c.example", [srv(1, 1, 5070, "b.example")])
        self.names.set(.a, "c.example", [a("192.0.2.3")])
        #expect(self.find("a.example") == [address("192.0.2.2", 5070)])
        #expect(self.find("c.example") == [address("192.0.2.3")])
    }

    @Test func `a transport parameter asks for its own SRV records`() {
        self.names.set(.a, "b.example", [a("192.0.2.2")])
        self.names.set(.srv, "_sip._tcp.a.example", [srv(1, 1, 5070, "b.example")])
        #expect(self.find("a.example", .tcp) == [address("192.0.2.2", 5070, .tcp)])
    }

    @Test func `sips asks for TLS alone`() {
        self.names.set(.a, "b.example", [a("192.0.2.2")])
        self.names.set(.srv, "_sips._tcp.a.example", [srv(1, 1, 5071, "b.example")])
        #expect(self.find("a.example", isSecure: true) == [address("192.0.2.2", 5071, .tls)])
        #expect(self.find("b.example", isSecure: true) == [address("192.0.2.2", 5061, .tls)])
        #expect(self.find("b.example", isSecure: true, sockets: [.udp]) == [])
    }

    func setPointers() {
        func pointer(_ order: UInt16, _ service: ByteString, _ name: ByteString) -> DNSData {
            .pointer(
                NamingPointer(
                    order: order, preference: 1, flags: "s", services: service, regularExpression: "",
                    replacement: name))
        }
        self.names.set(
            .naptr, "p.example",
            [pointer(10, "SIP+D2T", "_sip._tcp.p.example"), pointer(20, "SIP+D2U", "_sip._udp.p.example")])
        self.names.set(.srv, "_sip._tcp.p.example", [srv(1, 1, 5070, "b.example")])
        self.names.set(.srv, "_sip._udp.p.example", [srv(1, 1, 5071, "b.example")])
        self.names.set(.a, "b.example", [a("192.0.2.2")])
    }

    @Test func `our preference goes before the order of NAPTR records, unless told otherwise`() {
        self.setPointers()
        #expect(self.find("p.example") { $0.triesNAPTR = true } == [address("192.0.2.2", 5071)])
        #expect(
            self.find("p.example") {
                $0.triesNAPTR = true
                $0.ignoresNAPTROrder = false
            } == [address("192.0.2.2", 5070, .tcp)])
        #expect(
            self.find("p.example") {
                $0.triesNAPTR = true
                $0.tcpPreference = 50
            } == [address("192.0.2.2", 5070, .tcp)])
        #expect(
            self.find("p.example") {
                $0.triesNAPTR = true
                $0.udpPreference = -1
            } == [address("192.0.2.2", 5070, .tcp)])
    }

    @Test func `a protocol without a socket is not chosen`() {
        self.setPointers()
        #expect(self.find("p.example", sockets: [.tcp]) { $0.triesNAPTR = true } == [address("192.0.2.2", 5070, .tcp)])
    }

    @Test func `with NAPTR but without such records all SRV records are tried as we like them`() {
        self.names.set(.a, "b.example", [a("192.0.2.2")])
        self.names.set(.srv, "_sip._tcp.c.example", [srv(1, 1, 5070, "b.example")])
        #expect(self.find("c.example") { $0.triesNAPTR = true } == [address("192.0.2.2", 5070, .tcp)])
    }

    @Test func `for failover every server is found, lowest priority first`() {
        self.names.set(
            .srv, "_sip._udp.a.example",
            [srv(20, 1, 3, "b.example"), srv(10, 5, 2, "b.example"), srv(10, 9, 1, "b.example")])
        self.names.set(.a, "b.example", [a("192.0.2.2"), a("192.0.2.3")])
        #expect(
            self.find("a.example") { $0.failsOver = true } == [
                address("192.0.2.2", 1), address("192.0.2.3", 1), address("192.0.2.2", 2), address("192.0.2.3", 2),
                address("192.0.2.2", 3), address("192.0.2.3", 3),
            ])
    }

    @Test func `a service that is decidedly not there leaves the host's own address`() {
        self.names.set(.srv, "_sip._udp.a.example", [srv(0, 0, 0, "")])
        self.names.set(.a, "a.example", [a("192.0.2.1")])
        #expect(self.find("a.example") == [address("192.0.2.1")])
    }

    @Test func `thousands of records give a bounded number of questions and addresses`() {
        self.names.set(.srv, "_sip._udp.big.example", (0..<5000).map { srv(1, 1, 5060, ByteString("h\($0).example")) })
        let found = self.find("big.example") { $0.failsOver = true }
        #expect(found.count <= 24)
        #expect(self.names.asked.count <= 60)
    }

    @Test func `IPv6 addresses are asked for too, and first when preferred`() {
        self.names.set(.a, "h.example", [a("192.0.2.1")])
        self.names.set(.aaaa, "h.example", [.address(IPAddress(ipv6High: 1, low: 2))])
        let both = self.find("h.example", port: 1) {
            $0.triesIPv6 = true
            $0.cacheFlags = 4
        }
        #expect(both.map(\.address.ip.isIPv6) == [true, false])
        let one = self.find("h.example", port: 1) {
            $0.triesIPv6 = true
            $0.cacheFlags = 2
        }
        #expect(one.map(\.address.ip.isIPv6) == [true])
    }
}

@Suite("RFC 2782: weights")
struct ServiceWeightTests {
    @Test func `servers of one priority come first as often as their weight says`() {
        let names = StandInNames()
        names.set(
            .srv, "_sip._udp.a.example",
            [
                srv(10, 60, 1, "192.0.2.1"), srv(10, 30, 2, "192.0.2.1"), srv(10, 10, 3, "192.0.2.1"),
                srv(20, 99, 4, "192.0.2.1"),
            ])
        let resolver = names.resolver { $0.balancesServices = true }
        let target = NextHopTarget(host: "a.example", port: 0, transport: .udp, isSecure: false)
        resolver.findNextHops(target, isSupported: { _ in true }) { _ in }
        var count = [0, 0, 0, 0, 0]
        for _ in 0..<20_000 {
            guard let first = resolver.cachedNextHops(target, isSupported: { _ in true })?.first else { continue }
            count[Int(first.address.port)] += 1
        }
        #expect((11_400...12_600).contains(count[1]))
        #expect((5_600...6_400).contains(count[2]))
        #expect((1_700...2_300).contains(count[3]))
        #expect(count[4] == 0)
    }

    @Test func `without balancing the heaviest is always first`() {
        let names = StandInNames()
        names.set(.srv, "_sip._udp.a.example", [srv(10, 30, 2, "192.0.2.1"), srv(10, 60, 1, "192.0.2.1")])
        let resolver = names.resolver()
        let target = NextHopTarget(host: "a.example", port: 0, transport: nil, isSecure: false)
        resolver.findNextHops(target, isSupported: { _ in true }) { _ in }
        for _ in 0..<20 {
            #expect(resolver.cachedNextHops(target, isSupported: { _ in true }) == [address("192.0.2.1", 1)])
        }
    }
}
