import Bytes
import ModuleKit

/// One value that `cfg.get` knows.
struct ConfigurationVariable: Sendable {
    enum Content: Sendable, Equatable {
        case int(Int)
        case text(ByteString)

        var rpc: RPCValue {
            switch self {
            case .int(let number): .int(number)
            case .text(let text): .text(text)
            }
        }
    }

    var group: String
    var name: String
    var summary: String
    /// What it was when the configuration was loaded; its type is that of the variable.
    var initial: Content
    var read: @Sendable () -> Content
    /// nil: cannot be changed while the server runs.
    var write: (@Sendable (Content) -> Void)?

    /// `value` in the type of the variable: numbers become text, text that spells a number becomes one.
    func converted(_ value: RPCValue) -> Content? {
        switch (self.initial, value) {
        case (.int, .int(let number)): .int(number)
        case (.int, .text(let text)):
            text.isEmpty ? nil : Value.integer(text.span, ByteRange(start: 0, count: text.count)).map { .int($0) }
        case (.text, .text(let text)): .text(text)
        case (.text, .int(let number)): .text(ByteString(decimal: number))
        default: nil
        }
    }
}

/// All variables in the order in which `cfg.list` shows them.
struct ConfigurationGroups: Sendable {
    let variables: [ConfigurationVariable]

    init(host: any ModuleHost) {
        self.variables = Self.core(host) + host.compiler.customParameters.map(Self.custom)
    }

    func find(_ group: String, _ name: String) -> ConfigurationVariable? {
        self.variables.first { $0.group == group && $0.name == name }
    }

    func group(_ name: String) -> [ConfigurationVariable] { self.variables.filter { $0.group == name } }

    private static func core(_ host: any ModuleHost) -> [ConfigurationVariable] {
        let logger = host.logger
        let settings = host.settings
        let debug = ConfigurationVariable(
            group: "core", name: "debug", summary: "debug level", initial: .int(logger.threshold),
            read: { .int(logger.threshold) },
            write: { if case .int(let level) = $0 { logger.threshold = level } })
        let fixed: [(String, String, Int)] = [
            ("max_while_loops", "maximum iterations allowed for a while loop", settings.maxWhileLoops),
            ("udp_mtu", "fallback to another protocol if udp msg size exceeds this value", settings.udpMTU),
            ("force_rport", "force rport for all the received messages", settings.forceRport ? 1 : 0),
        ]
        return [debug]
            + fixed.map { name, summary, value in
                ConfigurationVariable(
                    group: "core", name: name, summary: summary, initial: .int(value), read: { .int(value) }, write: nil
                )
            }
    }

    private static func custom(_ parameter: CustomParameter) -> ConfigurationVariable {
        @Sendable func content() -> ConfigurationVariable.Content {
            switch parameter.value {
            case .int(let number), .labelled(let number, _): .int(number)
            case .bytes(let text): .text(text)
            case .null, .slice: .text(ByteString())
            }
        }
        return ConfigurationVariable(
            group: parameter.group.string, name: parameter.name.string, summary: parameter.description.string,
            initial: content(), read: content,
            write: { value in
                switch value {
                case .int(let number): parameter.value = .int(number)
                case .text(let text): parameter.value = .bytes(text)
                }
            })
    }
}
