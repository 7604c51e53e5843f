import Bytes
import ModuleKit
import SIPMessage

extension Permissions {
    private static let group = Argument("group", .int, "Group of addresses, from 1.")
    private static let portArgument = Argument("port", .int, "Port; entries without one match any.")

    var addressFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "allow_source_address", Argument("group", .int, "Group of addresses; 1 without it.", optional: true),
                in: .any, summary: "Tells whether the request came from an address of a group.",
                outcomes: [1: "it did", -1: "it did not"],
                example: #"if (!allow_source_address("1")) { sl_send_reply("403", "Forbidden"); exit; }"#
            ) { [unowned self] route, arguments in
                guard let group = arguments.has(0) ? arguments.int(0, in: route) : 1 else { return .failure }
                let source = route.arrival.source
                return self.answer(
                    self.addresses.read { $0.entry(for: source.ip, port: Int(source.port), in: group) }, in: route)
            },
            ScriptFunction(
                "allow_address", Self.group, Argument("ip", .format, "An address, or a host name."), Self.portArgument,
                in: .any, summary: "Tells whether an address belongs to a group.",
                outcomes: [1: "it does", -1: "it does not"],
                example: #"if (allow_address("2", "$si", "$sp")) { setflag(1); }"#
            ) { [unowned self] route, arguments in
                guard let group = arguments.int(0, in: route), let port = arguments.int(2, in: route) else {
                    route.log(.error, "allow_address: group or port is no number")
                    return .failure
                }
                let text = arguments.text(1, in: route)
                return self.answer(self.addresses.read { $0.entry(for: text, port: port, in: group) }, in: route)
            },
            ScriptFunction(
                "allow_source_address_group", in: .any,
                summary: "Gives the group that the source of the request belongs to.",
                outcomes: [-1: "none"], example: "$var(group) = allow_source_address_group();"
            ) { [unowned self] route, _ in
                let source = route.arrival.source
                return self.groupAnswer(
                    self.addresses.read { $0.entry(for: source.ip, port: Int(source.port), in: nil) }, in: route)
            },
            ScriptFunction(
                "allow_address_group", Argument("ip", .format, "An address, or a host name."), Self.portArgument,
                in: .any, summary: "Gives the group that an address belongs to.", outcomes: [-1: "none"],
                example: #"$var(group) = allow_address_group("$si", "$sp");"#
            ) { [unowned self] route, arguments in
                guard let port = arguments.int(1, in: route) else {
                    route.log(.error, "allow_address_group: the port is no number")
                    return .failure
                }
                let text = arguments.text(0, in: route)
                return self.groupAnswer(self.addresses.read { $0.entry(for: text, port: port, in: nil) }, in: route)
            },
        ]
    }

    private func answer(_ entry: AddressEntry?, in route: RouteContext) -> Outcome {
        guard let entry else { return .failure }
        self.setTag(entry.tag, in: route)
        return .success
    }

    private func groupAnswer(_ entry: AddressEntry?, in route: RouteContext) -> Outcome {
        guard let entry else { return .failure }
        self.setTag(entry.tag, in: route)
        return .code(entry.group)
    }

    func setTag(_ tag: ByteString, in route: RouteContext) {
        guard let variable = self.tagVariable, !tag.isEmpty else { return }
        _ = variable.write(.bytes(tag), in: route)
    }
}
