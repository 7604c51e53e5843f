import Bytes
import Glibc
import ModuleKit

extension PseudoVariables {
    /// The configuration and the program.
    var programVariables: [ScriptVariable] {
        let host = self.host
        let process = Value.int(Int(getpid()))
        return [
            ScriptVariable("_s", inner: .required, summary: "The text in the parentheses with its variables expanded.")
            { name, compiler in
                switch name {
                case .none: throw ArgumentError("$_s takes a text")
                case .dynamic(let variable):
                    return VariableAccess { route, _ in .bytes(route.text(variable.read(in: route))) }
                case .literal(let text):
                    let format = try compiler.format(text)
                    return VariableAccess { route, _ in .bytes(format.evaluate(in: route)) }
                }
            },
            ScriptVariable(
                "sel", inner: .required,
                summary: "A select: cfg_get.group.name, the value of a custom parameter; via[1].host and the like."
            ) { name, compiler in
                guard case .literal(let text) = name else { throw ArgumentError("$sel takes a fixed path") }
                let read = try compiler.select(text)
                return VariableAccess { route, _ in read(route) }
            },
            ScriptVariable("ccp", inner: .required, writable: true, summary: "A custom parameter: group.name.") {
                name, compiler in
                guard case .literal(let text) = name else { throw ArgumentError("$ccp takes a fixed name") }
                let parts = text.string.split(separator: ".", omittingEmptySubsequences: false)
                guard parts.count == 2 else { throw ArgumentError("$ccp(group.name) has a group and a name") }
                let parameter = try Self.parameter(String(parts[0]), String(parts[1]), compiler)
                return VariableAccess { route, _ in
                    parameter.value(in: route)
                } write: { route, _, value in
                    // `$null` is ignored, with a line in the log.
                    if value.isNull {
                        route.log(.warning, "$null cannot be assigned to $ccp(\(text.string))")
                        return true
                    }
                    return parameter.set(route.stored(value))
                }
            },
            ScriptVariable("stat", inner: .required, summary: "Value of a statistic.") { name, _ in
                VariableAccess { route, _ in
                    let wanted = name.resolve(in: route).string
                    let known = host.counters.entries.first { $0.name == wanted || "\($0.group):\($0.name)" == wanted }
                    return known.flatMap { host.counters.value($0.group, $0.name) }.map { .int($0) } ?? .null
                }
            },
            ScriptVariable("K", inner: .required, summary: "A constant: IPv4, IPv6, UDP, TCP, TLS, SCTP, WS, WSS.") {
                name, _ in
                guard case .literal(let text) = name, let value = Self.constants[text.string] else {
                    throw ArgumentError("$K takes IPv4, IPv6, UDP, TCP, TLS, SCTP, WS or WSS")
                }
                return VariableAccess { _, _ in .int(value) }
            },
            Self.version("version"), Self.version("ksr"),
            ScriptVariable("pp", summary: "Number of the process.") { _ in process },
            ScriptVariable("sid", summary: "The parameter server_id.") { _ in .int(host.settings.serverID) },
            Self.character("En", 10, "A line feed."), Self.character("Er", 13, "A carriage return."),
            Self.character("Et", 9, "A tab."), Self.character("Es", 32, "A space."),
            Self.character("Ec", 44, "A comma."), Self.character("Eq", 34, "A double quote."),
            Self.character("Ek", 39, "A single quote."), Self.character("Ei", 58, "A colon."),
            Self.character("Ej", 59, "A semicolon."), Self.character("Eb", 92, "A backslash."),
            Self.character("Ev", 96, "A back quote."),
        ]
    }

    private static let constants = [
        "IPv4": 2, "IPv6": 10, "UDP": 1, "TCP": 2, "TLS": 3, "SCTP": 4, "WS": 5, "WSS": 6,
    ]

    private static func parameter(
        _ group: String, _ name: String, _ compiler: any ScriptCompiling
    ) throws -> CustomParameter {
        guard let parameter = compiler.customParameter(ByteString(group), ByteString(name)) else {
            throw ArgumentError("no parameter \(group).\(name) is declared")
        }
        return parameter
    }

    /// The version of Kamailio whose scripts are understood, as the define KAMAILIO_VERSION says it.
    private static func version(_ variable: String) -> ScriptVariable {
        ScriptVariable(
            variable, inner: .required,
            summary: "Version of Kamailio that the script may expect: (num), (ver), (full) or (hash)."
        ) { name, compiler in
            let define = compiler.define("KAMAILIO_VERSION") ?? "5006003"
            let number = Value.integer(define.span, ByteRange(start: 0, count: define.count)) ?? 5_006_003
            let text = "\(number / 1_000_000).\(number / 1000 % 1000).\(number % 1000)"
            guard case .literal(let key) = name else { throw ArgumentError("$\(variable) takes a fixed name") }
            switch key {
            case "num", "ver": return VariableAccess { [value = Value.text(text)] _, _ in value }
            case "full": return VariableAccess { [value = Value.text("apus (kamailio \(text))")] _, _ in value }
            case "hash": return VariableAccess { [value = Value.text("unknown")] _, _ in value }
            default: throw ArgumentError("$\(variable) has no key \(key.string): it is num, ver, full or hash")
            }
        }
    }

    private static func character(_ name: String, _ byte: UInt8, _ summary: String) -> ScriptVariable {
        let value = Value.bytes(ByteString([byte]))
        return ScriptVariable(name, summary: summary) { _ in value }
    }
}
