import Bytes
import ModuleKit

/// The `cfg_rpc` module: RPC commands that read and change values while the server runs.
///
/// The values are those that the configuration declares itself (`gate.port = 5080`) and the parameters of the core and
/// of modules that are declared as changeable. All of them live in the program's `ConfigurationRegistry`.
public final class ConfigurationCommands: ServerModule {
    public static let name = "cfg_rpc"
    public static let summary = "Reads and changes configuration values at run time (cfg.get, cfg.set …)."

    let registry: ConfigurationRegistry
    /// Changes of `cfg.set_delayed…`, made together by `cfg.commit`.
    let pending = Lock<[ConfigurationChange]>([])

    public init(_ settings: NoSettings, host: any ModuleHost) throws {
        self.registry = host.compiler.configuration ?? ConfigurationRegistry()
    }

    public var commands: [RPCCommand] {
        self.readingCommands + self.settingCommands + self.delayedCommands + self.instanceCommands
    }

    /// All variables in the order that `cfg.list` shows: the group declared last comes first, those of the script at
    /// the end.
    var listing: [ConfigurationVariable] {
        let all = self.registry.variables
        var groups: [ByteString] = []
        for variable in all where !variable.isCustom && !groups.contains(variable.group) {
            groups.append(variable.group)
        }
        return groups.reversed().flatMap { group in all.filter { $0.group == group && !$0.isCustom } }
            + all.filter(\.isCustom)
    }
}

/// `group`, or `group[3]`: how clients name what they mean.
struct GroupReference: Equatable {
    var group: ByteString
    var instance: Int?

    static let either = #"Wrong group syntax. Use either "group", or "group[id]""#
    static let instanceOnly = #"Wrong group syntax. Use "group[id]""#

    init(_ text: ByteString) throws(RPCFault) {
        guard let open = text.bytes.firstIndex(of: UInt8(ascii: "[")) else {
            self.group = text
            return
        }
        let inner = text.bytes[(open + 1)...].prefix { $0 != UInt8(ascii: "]") }
        guard open > 0, open + 1 + inner.count == text.count - 1,
            let number = Int(String(decoding: inner, as: UTF8.self)), number >= 0
        else { throw RPCFault(400, Self.either) }
        self.group = ByteString(Array(text.bytes[..<open]))
        self.instance = number
    }
}

extension Value {
    /// As clients get it.
    var rpc: RPCValue {
        switch self {
        case .int(let number), .labelled(let number, _): .int(number)
        case .bytes(let text): .text(text)
        case .null, .slice: .text(ByteString())
        }
    }
}
