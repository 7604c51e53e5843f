import Bytes
import ModuleKit
import SIPMessage

extension IPOperations {
    private static let address = Argument("ip", .format, "The address.")

    private static func question(
        _ name: String, _ summary: String, _ example: String, _ holds: @escaping @Sendable (AddressText) -> Bool
    ) -> ScriptFunction {
        ScriptFunction(
            name, Self.address, in: .any, summary: summary, outcomes: [1: "it is", -1: "it is not"],
            example: "if (\(name)(\"\(example)\")) { setflag(1); }"
        ) { route, arguments in
            AddressText(arguments.text(0, in: route)).map(holds) == true ? .success : .failure
        }
    }

    /// What form an address has.
    var formFunctions: [ScriptFunction] {
        [
            Self.question("is_ip", "Tells whether a text is an address, IPv6 with or without brackets.", "$rd") { _ in
                true
            },
            Self.question("is_pure_ip", "Tells whether a text is an address without brackets.", "$rd") {
                $0.form != .reference
            },
            Self.question("is_ipv4", "Tells whether a text is an IPv4 address.", "$rd") { $0.form == .ipv4 },
            Self.question("is_ipv6", "Tells whether a text is an IPv6 address without brackets.", "$si") {
                $0.form == .ipv6
            },
            Self.question("is_ipv6_reference", "Tells whether a text is an IPv6 address in brackets.", "$rd") {
                $0.form == .reference
            },
            Self.question(
                "is_ip_rfc1918", "Tells whether a text is a private IPv4 address: 10/8, 172.16/12, 192.168/16.", "$si"
            ) { read in Self.privateNetworks.contains { $0.contains(read.address) } },
            ScriptFunction(
                "ip_type", Self.address, in: .any, summary: "Tells what kind of address a text is.",
                outcomes: [1: "IPv4", 2: "IPv6", 3: "IPv6 in brackets", -1: "no address"],
                example: #"switch (ip_type("$rd")) { case 1: setflag(1); break; }"#
            ) { route, arguments in .code(AddressText(arguments.text(0, in: route))?.form.rawValue ?? -1) },
        ]
    }

    private static let privateNetworks = Subnet.list("10.0.0.0/8,172.16.0.0/12,192.168.0.0/16")

    /// Addresses side by side.
    var comparisonFunctions: [ScriptFunction] {
        let first = Argument("ip1", .format, "One address.")
        let second = Argument("ip2", .format, "The other.")
        return [
            ScriptFunction(
                "compare_ips", first, second, in: .any,
                summary: "Tells whether two texts are the same address, however it is written; brackets do not count.",
                outcomes: [1: "the same", -1: "not, or one is no address"],
                example: #"if (compare_ips("$si", "[2001:db8::1]")) { setflag(1); }"#
            ) { route, arguments in
                guard let one = AddressText(arguments.text(0, in: route)),
                    let other = AddressText(arguments.text(1, in: route))
                else { return .failure }
                return one.address == other.address ? .success : .failure
            },
            ScriptFunction(
                "compare_pure_ips", first, second, in: .any,
                summary: "Tells whether two texts are the same address, neither in brackets.",
                outcomes: [1: "the same", -1: "not, or one is no address without brackets"],
                example: #"if (compare_pure_ips("$si", "2001:db8::1")) { setflag(1); }"#
            ) { route, arguments in
                guard let one = AddressText(pure: arguments.text(0, in: route)),
                    let other = AddressText(pure: arguments.text(1, in: route))
                else { return .failure }
                return one.address == other.address ? .success : .failure
            },
            ScriptFunction(
                "is_in_subnet", Self.address,
                Argument("subnets", .format, "Networks or addresses, with commas: 10.0.0.0/8,192.0.2.1."), in: .any,
                summary: "Tells whether an address lies in one of the networks.", reference: "RFC 4632",
                outcomes: [1: "it does", -1: "it does not, or is no address without brackets"],
                example: #"if (is_in_subnet("$si", "10.0.0.0/8,192.168.0.0/16")) { setflag(1); }"#
            ) { route, arguments in
                guard let read = AddressText(pure: arguments.text(0, in: route)) else { return .failure }
                let isInside = Subnet.list(arguments.text(1, in: route)).contains { $0.contains(read.address) }
                return isInside ? .success : .failure
            },
        ]
    }

    /// What registries say about an address.
    var classFunctions: [ScriptFunction] {
        func function(
            _ name: String, _ kind: String, _ isMeant: @escaping @Sendable (AddressText) -> Bool
        )
            -> ScriptFunction
        {
            ScriptFunction(
                name, Self.address, Argument("result", .variable, "Takes the name of the class."), in: .any,
                summary: "Tells to what class \(kind) belongs: PRIVATE, LOOPBACK, GLOBAL-UNICAST and others.",
                reference: "RFC 6890", outcomes: [1: "the class is in the variable", -1: "no such address"],
                example: "\(name)(\"$si\", \"$var(class)\");"
            ) { route, arguments in
                guard let read = AddressText(arguments.text(0, in: route)), isMeant(read),
                    let variable = arguments.variable(1)
                else { return .failure }
                return variable.write(.bytes(AddressClass.name(of: read.address)), in: route) ? .success : .failure
            }
        }
        return [
            function("detailed_ip_type", "an address") { _ in true },
            function("detailed_ipv4_type", "an IPv4 address") { $0.form == .ipv4 },
            function("detailed_ipv6_type", "an IPv6 address") { $0.form != .ipv4 },
        ]
    }
}
