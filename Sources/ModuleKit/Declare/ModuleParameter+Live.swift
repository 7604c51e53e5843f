import Bytes

extension ModuleParameter {
    /// A number that may change while the server runs: also the variable `group.name` of the `cfg` commands.
    ///
    /// - Parameters:
    ///   - group: name of the variable's group when it is not that of the module.
    ///   - variable: name of the variable when it is not that of the parameter.
    ///   - isReadable: `cfg.get` gives its value.
    ///   - check: refuses a new value at run time.
    public static func live(
        _ name: String, _ path: WritableKeyPath<Settings, LiveNumber> & Sendable, in range: ClosedRange<Int>? = nil,
        group: String? = nil, variable: String? = nil, isReadable: Bool = true,
        check: (@Sendable (Value) -> Bool)? = nil, _ summary: String
    ) -> ModuleParameter {
        var parameter = ModuleParameter(name, .int, summary) { settings, value in
            if case .int(let number) = value { settings[keyPath: path].initial = number }
        }
        parameter.range = range
        parameter.defaultText = { String($0[keyPath: path].initial) }
        parameter.bind = { settings, module, registry in
            var declaration = ConfigurationVariable.Declaration(
                ByteString(group ?? module), ByteString(variable ?? name), .int(settings[keyPath: path].initial),
                ByteString(summary))
            declaration.range = range
            declaration.isReadable = isReadable
            declaration.check = check
            settings[keyPath: path].bind(registry.declare(declaration), in: registry)
        }
        return parameter
    }

    /// A text that may change while the server runs: also the variable `group.name` of the `cfg` commands.
    public static func liveText(
        _ name: String, _ path: WritableKeyPath<Settings, LiveText> & Sendable, group: String? = nil, _ summary: String
    ) -> ModuleParameter {
        var parameter = ModuleParameter(name, .text, summary) { settings, value in
            if case .text(let text) = value { settings[keyPath: path].initial = text }
        }
        parameter.defaultText = { $0[keyPath: path].initial.string }
        parameter.bind = { settings, module, registry in
            let variable = registry.declare(
                ConfigurationVariable.Declaration(
                    ByteString(group ?? module), ByteString(name), .bytes(settings[keyPath: path].initial),
                    ByteString(summary)))
            settings[keyPath: path].bind(variable, in: registry)
        }
        return parameter
    }
}
