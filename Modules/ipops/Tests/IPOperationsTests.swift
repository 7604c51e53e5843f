import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import ipops

@Suite("ipops")
struct IPOperationsTests {
    static func bench() throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(IPOperations.self)
        let route = try bench.receive("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n")
        return (bench, route)
    }

    @Test(arguments: [
        ("1.2.3.4", 1), ("0.0.0.0", 1), ("::1", 2), ("::ffff:1.2.3.4", 2), ("1:2:3:4:5:6:7:8", 2), ("[::1]", 3),
        ("1.2.3", -1), ("1.2.3.256", -1), ("01.2.3.4", -1), ("001.002.003.004", -1), ("1.2.3.4.5", -1),
        ("fe80::1%eth0", -1), ("[1.2.3.4]", -1), ("1:2:3:4:5:6:7:8:9", -1), ("[::1", -1), ("[]", -1), ("[", -1),
        ("1.2.3.4 ", -1), (" ::1", -1), ("abc", -1), (":", -1),
    ])
    func `forms of addresses`(_ text: String, _ type: Int) throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("ip_type", text, in: route) == type)
        #expect(try bench.call("is_ip", text, in: route) == (type > 0 ? 1 : -1))
        #expect(try bench.call("is_pure_ip", text, in: route) == (type == 1 || type == 2 ? 1 : -1))
        #expect(try bench.call("is_ipv4", text, in: route) == (type == 1 ? 1 : -1))
        #expect(try bench.call("is_ipv6", text, in: route) == (type == 2 ? 1 : -1))
        #expect(try bench.call("is_ipv6_reference", text, in: route) == (type == 3 ? 1 : -1))
    }

    @Test(arguments: [
        ("10.1.1.1", 1), ("172.16.0.1", 1), ("172.31.255.255", 1), ("172.32.0.1", -1), ("192.168.1.1", 1),
        ("9.255.255.255", -1), ("fc00::1", -1), ("x", -1),
    ])
    func `private addresses`(_ text: String, _ expected: Int) throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("is_ip_rfc1918", text, in: route) == expected)
    }

    @Test(arguments: [
        ("1.2.3.4", "1.2.3.4", 1, 1), ("1.2.3.4", "1.2.3.5", -1, -1), ("::1", "[::1]", 1, -1),
        ("1080:0000:0000:0000:0008:0800:200C:417A", "1080::8:800:200c:417a", 1, 1),
        ("1.2.3.4", "::ffff:1.2.3.4", -1, -1), ("abc", "abc", -1, -1),
    ])
    func `comparing`(_ one: String, _ other: String, _ any: Int, _ pure: Int) throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("compare_ips", one, other, in: route) == any)
        #expect(try bench.call("compare_pure_ips", one, other, in: route) == pure)
    }

    @Test(arguments: [
        ("10.0.123.123", "10.0.123.1/24", 1), ("10.0.123.123", "192.168.0.0/24, 10.0.0.0/16", 1),
        ("10.0.123.123", "10.0.123.123", 1), ("10.0.123.123", "10.0.123.124", -1), ("10.0.123.123", "0.0.0.0/0", 1),
        ("10.0.123.123", "10.0.0.0/33", -1), ("10.0.123.123", "junk", -1), ("10.0.123.123", "junk,10.0.0.0/8", 1),
        ("junk", "10.0.0.0/8", -1), ("::1", "::/64", 1), ("[::1]", "::/64", -1), ("::1", "10.0.0.0/8,::/0", 1),
        ("10.0.0.1", "10.0.0.0/255.0.0.0", -1), ("10.0.0.1", "", -1), ("10.0.0.1", "10.0.0.0/", -1),
        ("10.0.0.1", "10.0.0.0/-1", -1), ("10.0.0.1", ",,", -1), ("::1", "::/129", -1),
    ])
    func `networks`(_ address: String, _ subnets: String, _ expected: Int) throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("is_in_subnet", address, subnets, in: route) == expected)
    }

    @Test(arguments: [
        ("0.1.2.3", "PRIVATE"), ("8.8.8.8", "PUBLIC"), ("100.64.0.1", "SHARED"), ("127.5.5.5", "LOOPBACK"),
        ("169.254.1.1", "LINK-LOCAL"), ("192.0.0.200", "RESERVED"), ("192.0.2.1", "TEST-NET"),
        ("192.88.99.1", "6TO4-RELAY"), ("198.19.255.255", "RESERVED"), ("224.0.0.1", "MULTICAST"),
        ("255.255.255.254", "RESERVED"), ("255.255.255.255", "BROADCAST"), ("::", "UNSPECIFIED"), ("::1", "LOOPBACK"),
        ("::2", "RESERVED"), ("::ffff:1.2.3.4", "IPV4MAP"), ("100::1", "DISCARD"), ("100:0:0:1::1", "RESERVED"),
        ("2000::1", "GLOBAL-UNICAST"), ("2001::1", "TEREDO"), ("2001:2::1", "BMWG"), ("2001:1f::1", "ORCHID"),
        ("2001:20::1", "GLOBAL-UNICAST"), ("2001:db8::1", "DOCUMENTATION"), ("2002::1", "6TO4"),
        ("4000::1", "RESERVED"), ("fd00::1", "UNIQUE-LOCAL-UNICAST"), ("febf::1", "LINK-LOCAL-UNICAST"),
        ("fec0::1", "RESERVED"), ("ff02::1", "MULTICAST"),
    ])
    func `classes of addresses`(_ address: String, _ expected: String) throws {
        let (bench, route) = try Self.bench()
        let isIPv6 = address.contains(":")
        #expect(try bench.call("detailed_ip_type", address, "$avp(any)", in: route) == 1)
        #expect(try bench.call("detailed_ipv4_type", address, "$avp(four)", in: route) == (isIPv6 ? -1 : 1))
        #expect(try bench.call("detailed_ipv6_type", address, "$avp(six)", in: route) == (isIPv6 ? 1 : -1))
        #expect(route.text(route.attributes.value(.text("any"))).string == expected)
        #expect(route.text(route.attributes.value(.text(isIPv6 ? "six" : "four"))).string == expected)
        #expect(route.attributes.value(.text(isIPv6 ? "four" : "six")).isNull)
    }

    @Test func `what is no address has no class`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("detailed_ip_type", "junk", "$avp(a)", in: route) == -1)
        #expect(try bench.call("detailed_ip_type", "[10.0.0.1]", "$avp(a)", in: route) == -1)
        #expect(try bench.call("detailed_ipv6_type", "[::1]", "$avp(a)", in: route) == 1)
    }
}

@Suite("ipops: look-ups")
struct LookupTests {
    private static func bench() throws -> (ModuleBench, RouteContext) {
        let (bench, route) = try IPOperationsTests.bench()
        bench.hostNames = ["one.example": ["192.0.2.1"], "two.example": ["2001:db8::2", "192.0.2.2"]]
        return (bench, route)
    }

    @Test(arguments: ["dns_sys_match_ip", "dns_int_match_ip"])
    func `a name has an address or has not`(_ function: String) throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call(function, "two.example", "192.0.2.2", in: route) == 1)
        #expect(try bench.call(function, "two.example", "2001:DB8:0::2", in: route) == 1)
        #expect(try bench.call(function, "two.example", "192.0.2.9", in: route) == -1)
        #expect(try bench.call(function, "two.example", "junk", in: route) == -3)
        #expect(try bench.call(function, "none.example", "192.0.2.2", in: route) == -4)
        #expect(try bench.call(function, "", "192.0.2.2", in: route) == -4)
        #expect(try bench.call(function, "192.0.2.2", "192.0.2.2", in: route) == 1)
    }

    @Test func `the addresses of a name`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("dns_query", "two.example", "x", in: route) == 1)
        func read(_ inner: String) throws -> String { route.text(try bench.read("dns", inner, in: route)).string }
        #expect(try read("x=>count") == "2")
        #expect(try read("x=>ipv4") == "1")
        #expect(try read("x=>ipv6") == "1")
        #expect(try read("x=>addr[0]") == "2001:db8::2")
        #expect(try read("x=>type[0]") == "6")
        #expect(try read("x=>addr[1]") == "192.0.2.2")
        #expect(try read("x=>type[1]") == "4")
        #expect(try read("x=>addr[-1]") == "192.0.2.2")
        #expect(try read("x=>addr") == "2001:db8::2")
        for inner in ["x=>addr[2]", "x=>addr[-3]", "x=>addr[y]", "nope=>count"] {
            #expect(try bench.read("dns", inner, in: route).isNull, "\(inner)")
        }
    }

    @Test func `a failed look-up leaves nothing of the one before`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("dns_query", "one.example", "x", in: route) == 1)
        #expect(try bench.call("dns_query", "none.example", "x", in: route) == -4)
        #expect(try bench.read("dns", "x=>count", in: route).isNull)
        #expect(try bench.call("dns_query", "one.example", "", in: route) == -1)
    }

    @Test func `the servers of a service, lower priorities first`() throws {
        let (bench, route) = try Self.bench()
        func service(_ priority: UInt16, _ port: UInt16, _ target: ByteString) -> DNSData {
            .service(ServiceRecord(priority: priority, weight: 7, port: port, target: target))
        }
        bench.hostRecords[DNSQuestion(.srv, "_sip._udp.example")] = [
            service(20, 5062, "b.example"), service(10, 5061, "a.example"),
        ]
        #expect(try bench.call("srv_query", "_sip._udp.Example", "x", in: route) == 1)
        func read(_ inner: String) throws -> String { route.text(try bench.read("srvquery", inner, in: route)).string }
        #expect(try read("x=>count") == "2")
        #expect(try read("x=>target[0]") == "a.example")
        #expect(try read("x=>port[0]") == "5061")
        #expect(try read("x=>priority[1]") == "20")
        #expect(try read("x=>weight[1]") == "7")
        #expect(try bench.read("srvquery", "x=>target[2]", in: route).isNull)
        #expect(try bench.call("srv_query", "_sip._udp.none", "x", in: route) == 1)
        #expect(try read("x=>count") == "0")
        #expect(try bench.call("srv_query", "", "x", in: route) == -2)
        #expect(try bench.call("srv_query", "_sip._udp.none", "", in: route) == -3)
    }

    @Test func `NAPTR records in their order`() throws {
        let (bench, route) = try Self.bench()
        func pointer(_ order: UInt16, _ services: ByteString) -> DNSData {
            .pointer(
                NamingPointer(
                    order: order, preference: 3, flags: "s", services: services, regularExpression: "!a!b!",
                    replacement: "_sip._udp.example"))
        }
        bench.hostRecords[DNSQuestion(.naptr, "example")] = [pointer(20, "SIP+D2U"), pointer(10, "SIP+D2T")]
        #expect(try bench.call("naptr_query", "example", "n", in: route) == 1)
        func read(_ inner: String) throws -> String {
            route.text(try bench.read("naptrquery", inner, in: route)).string
        }
        #expect(try read("n=>count") == "2")
        #expect(try read("n=>services[0]") == "SIP+D2T")
        #expect(try read("n=>order[1]") == "20")
        #expect(try read("n=>pref[0]") == "3")
        #expect(try read("n=>flags[0]") == "s")
        #expect(try read("n=>regex[0]") == "!a!b!")
        #expect(try read("n=>replace[-1]") == "_sip._udp.example")
    }

    @Test func `answers hold as long as the script says`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("dns_set_local_ttl", "60", in: route) == 1)
        #expect(bench.forcedNameLifetime == 60)
        #expect(try bench.call("dns_set_local_ttl", "-1", in: route) == -1)
    }

    @Test func `the name of an address`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("ptr_query", "192.0.2.1", "p", in: route) == 1)
        #expect(route.text(try bench.read("ptrquery", "p=>hostname", in: route)) == "one.example")
        #expect(route.text(try bench.read("ptrquery", "p=>type", in: route)) == "4")
        #expect(try bench.call("ptr_query", "192.0.2.77", "p", in: route) == -1)
        #expect(try bench.read("ptrquery", "p=>hostname", in: route).isNull)
        #expect(try bench.call("ptr_query", "junk", "p", in: route) == -1)
    }

    @Test(arguments: ["x", "x=>nothing", "=>count", "x=>addr[0", ""])
    func `an expression that names nothing is refused when the script is loaded`(_ inner: String) throws {
        let (bench, route) = try Self.bench()
        #expect(throws: ArgumentError.self) { try bench.read("dns", inner, in: route) }
    }

    @Test func `the name of the machine is taken apart`() {
        let own = OwnHostName()
        #expect(own.names.short == nil)
        own.set(full: "sip.example.org")
        #expect(own.names.short == "sip")
        #expect(own.names.domain == "example.org")
        own.set(full: "box")
        #expect(own.names.full == "box")
        #expect(own.names.domain == nil)
    }
}
