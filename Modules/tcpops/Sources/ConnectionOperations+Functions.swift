import Bytes
import ModuleKit
import SIPMessage

extension ConnectionOperations {
    /// The connection that argument `index` names; that of the message when it is nil.
    private static func connection(_ arguments: Arguments, _ index: Int?, _ route: RouteContext) -> ConnectionID? {
        guard let index else {
            return route.arrival.connection.isPresent ? route.arrival.connection : nil
        }
        guard let number = arguments.int(index, in: route), number > 0 else { return nil }
        return ConnectionID(rawValue: UInt64(number))
    }

    private static let number = Argument("conid", .int, "Number of the connection, as $conid has it.")
    private static let ownNumber = Argument(
        "conid", .int, "Number of the connection; left out: that of the message.", optional: true)
    private static let outcomes = [1: "done", -1: "there is no such connection"]

    // MARK: Questions

    var questionFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "tcp_conid_alive", Self.number, in: .any,
                summary: "Tells whether a connection can be sent over.",
                outcomes: [1: "it can, or will be able to once it is through", -1: "it is gone, or about to be"],
                example: #"if (!tcp_conid_alive("$conid")) { exit; }"#
            ) { route, arguments in
                switch Self.connection(arguments, 0, route).flatMap({ route.worker.connections?.state(of: $0) }) {
                case .open, .accepted, .connecting: return 1
                case .closing, nil: return -1
                }
            },
            ScriptFunction(
                "tcp_conid_state", Self.number, in: .any,
                summary: "Tells where a connection is in its life.",
                outcomes: [
                    1: "open", 2: "accepted, nothing came over it yet", 3: "being opened",
                    -1: "there is none of that number", -2: "about to end",
                ],
                example: #"if (tcp_conid_state("$conid") < 0) { exit; }"#
            ) { route, arguments in
                switch Self.connection(arguments, 0, route).flatMap({ route.worker.connections?.state(of: $0) }) {
                case .open: return 1
                case .accepted: return 2
                case .connecting: return 3
                case .closing: return -2
                case nil: return -1
                }
            },
            ScriptFunction(
                "tcp_get_conid",
                Argument("hostport", .format, "host or host:port of the peer; the port is 5060 when it is left out."),
                Argument("result", .variable, "Takes the number, 0 when there is none."), in: .any,
                summary: "Finds the TCP connection to an address.",
                outcomes: [1: "found", -1: "there is none, or the host is unknown"],
                example: #"if (tcp_get_conid("192.0.2.1:5060", "$var(conid)")) { xlog("$var(conid)"); }"#
            ) { [host] route, arguments in
                guard let variable = arguments.variable(1), variable.write(.int(0), in: route),
                    let (name, port) = HostPort.split(arguments.text(0, in: route))
                else { return .failure }
                let result = { (route: RouteContext, ip: IPAddress) -> Outcome in
                    let peer = SocketAddress(ip: ip, port: port)
                    guard let found = route.worker.connections?.connection(.tcp, to: peer),
                        variable.write(.int(Int(truncatingIfNeeded: found.rawValue)), in: route)
                    else { return .failure }
                    return .success
                }
                if let ip = IPAddress(name.span, ByteRange(start: 0, count: name.count)) { return result(route, ip) }
                let token = route.suspend()
                host.addresses(of: name, then: token)
                return .suspended(
                    Continuation { route, answer in
                        guard answer.code > 0, let ip = (answer.payload as? [IPAddress])?.first else { return .failure }
                        return result(route, ip)
                    })
            },
        ]
    }

    // MARK: Options

    var optionFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "tcp_keepalive_enable",
                Argument("conid", .int, "Number of the connection; with three arguments that of the message is meant."),
                Argument("idle", .int, "Seconds of silence before the first probe."),
                Argument("count", .int, "Probes without an answer after which the connection is given up."),
                Argument("interval", .int, "Seconds between probes.", optional: true), in: .any,
                summary: "Has the kernel probe the peer of a connection that is silent.",
                reference: "RFC 1122 §4.2.3.6",
                outcomes: Self.outcomes, example: #"tcp_keepalive_enable("60", "5", "5");"#
            ) { route, arguments in
                let first = arguments.count > 3 ? 1 : 0
                guard let connection = Self.connection(arguments, first == 1 ? 0 : nil, route),
                    let idle = arguments.int(first, in: route), let count = arguments.int(first + 1, in: route),
                    let interval = arguments.int(first + 2, in: route), idle > 0, count > 0, interval > 0
                else { return .failure }
                let keepalive = Keepalive(idle: idle, interval: interval, count: count)
                return route.worker.connections?.setKeepalive(keepalive, of: connection) == true ? .success : .failure
            },
            ScriptFunction(
                "tcp_keepalive_disable", Self.ownNumber, in: .any,
                summary: "Has the kernel no longer probe the peer of a connection.", outcomes: Self.outcomes,
                example: "tcp_keepalive_disable();"
            ) { route, arguments in
                guard let connection = Self.connection(arguments, arguments.has(0) ? 0 : nil, route),
                    route.worker.connections?.setKeepalive(nil, of: connection) == true
                else { return .failure }
                return .success
            },
            ScriptFunction(
                "tcp_set_connection_lifetime",
                Argument("conid", .int, "Number of the connection; with one argument that of the message is meant."),
                Argument("lifetime", .int, "Seconds that it lives without a byte either way.", optional: true),
                in: .any,
                summary: "Changes how long a connection lives without traffic.", outcomes: Self.outcomes,
                example: #"tcp_set_connection_lifetime("3605");"#
            ) { route, arguments in
                let first = arguments.count > 1 ? 1 : 0
                guard let connection = Self.connection(arguments, first == 1 ? 0 : nil, route),
                    let seconds = arguments.int(first, in: route), (0...Int(Int32.max)).contains(seconds),
                    route.worker.connections?.setLifetime(.seconds(seconds), of: connection) == true
                else { return .failure }
                return .success
            },
            ScriptFunction(
                "tcp_enable_closed_event", Self.ownNumber, in: .any,
                summary: "Has the end of a connection run its event route, when closed_event is 2.",
                outcomes: Self.outcomes, example: "tcp_enable_closed_event();"
            ) { [watched] route, arguments in
                guard let connection = Self.connection(arguments, arguments.has(0) ? 0 : nil, route),
                    let connections = route.worker.connections
                else { return .failure }
                watched.insert(connection)
                // One that is gone already would be remembered for good.
                guard connections.state(of: connection) != nil else {
                    _ = watched.remove(connection)
                    return .failure
                }
                return .success
            },
            ScriptFunction(
                "tcp_close_connection", Self.ownNumber, in: .any,
                summary: "Closes a connection once what waits for its peer is written.", outcomes: Self.outcomes,
                example: "tcp_close_connection();"
            ) { route, arguments in
                guard let connection = Self.connection(arguments, arguments.has(0) ? 0 : nil, route),
                    route.worker.connections?.close(connection) == true
                else { return .failure }
                return .success
            },
        ]
    }

    // MARK: Sending

    var outboundFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "tcp_set_otcpid", Self.number, in: .any,
                summary: "Names the connection to send the request over; tcp_set_otcpid_flag() has it used.",
                outcomes: [1: "noted", -1: "no number"], example: #"tcp_set_otcpid("$var(conid)");"#
            ) { route, arguments in
                guard let number = arguments.int(0, in: route), number >= 0 else { return .failure }
                route.setState(ChosenConnection(ConnectionID(rawValue: UInt64(number))))
                return .success
            },
            ScriptFunction(
                "tcp_set_otcpid_flag", Argument("mode", .int, "0: the address counts; else the connection."), in: .any,
                summary: "Has the request go over the chosen connection, whatever address it goes to.",
                outcomes: [1: "always"], example: #"tcp_set_otcpid_flag("1");"#
            ) { route, arguments in
                guard let mode = arguments.int(0, in: route) else { return .failure }
                guard mode != 0 else {
                    route.options.remove(.usesChosenConnection)
                    return .success
                }
                // That of the contact which a lookup found, if the script chose none.
                if route.state(ChosenConnection.self) == nil, route.target.connection.isPresent {
                    route.setState(ChosenConnection(route.target.connection))
                }
                route.options.insert(.usesChosenConnection)
                return .success
            },
        ]
    }
}
