import Bytes

/// A value of a configuration that may change while the server runs: `tm.max_inv_lifetime`, or `gate.port` of a
/// custom parameter. What it is, not what it holds: that is in its registry.
public final class ConfigurationVariable: Sendable {
    public enum Kind: Sendable { case int, text }

    public let group: ByteString
    public let name: ByteString
    /// One sentence; empty when the configuration gives none.
    public let summary: ByteString
    public let kind: Kind
    /// What a number may be.
    public let range: ClosedRange<Int>?
    /// Control clients may ask for its value.
    public let isReadable: Bool
    /// The script declared it: `group.name = value`.
    public let isCustom: Bool
    /// Its place in the registry.
    let slot: Int
    /// Where the value is kept when that is not the registry alone: the log level.
    let read: (@Sendable () -> Value)?
    /// Refuses a value for reasons of its own.
    let check: (@Sendable (Value) -> Bool)?
    /// Called when a new value is in force, without any lock.
    let changed: (@Sendable (Value) -> Void)?

    init(_ declaration: Declaration, slot: Int) {
        self.group = declaration.group
        self.name = declaration.name
        self.summary = declaration.summary
        if case .int = declaration.initial { self.kind = .int } else { self.kind = .text }
        self.range = declaration.range
        self.isReadable = declaration.isReadable
        self.isCustom = declaration.isCustom
        self.read = declaration.read
        self.check = declaration.check
        self.changed = declaration.changed
        self.slot = slot
    }

    /// What a registry has to know of a variable.
    public struct Declaration: Sendable {
        public var group: ByteString
        public var name: ByteString
        public var summary: ByteString
        /// What the configuration says, or the default: `int` or `bytes`. Its type is the variable's.
        public var initial: Value
        public var range: ClosedRange<Int>?
        public var isReadable = true
        public var isCustom = false
        public var read: (@Sendable () -> Value)?
        public var check: (@Sendable (Value) -> Bool)?
        public var changed: (@Sendable (Value) -> Void)?

        public init(_ group: ByteString, _ name: ByteString, _ initial: Value, _ summary: ByteString) {
            self.group = group
            self.name = name
            self.initial = initial
            self.summary = summary
        }
    }

    /// `value` in the type of the variable: a number becomes text, text that spells a number becomes one; nil when it
    /// does not fit the type, the range or the variable's own rule.
    public func fitting(_ value: Value) -> Value? {
        let converted: Value
        switch (self.kind, value) {
        case (.int, .int(let number)), (.int, .labelled(let number, _)):
            if let range = self.range, !range.contains(number) { return nil }
            converted = .int(number)
        case (.int, .bytes(let text)):
            guard !text.isEmpty, let number = Value.integer(text.span, ByteRange(start: 0, count: text.count)) else {
                return nil
            }
            return self.fitting(.int(number))
        case (.text, .bytes), (.text, .labelled): converted = value
        case (.text, .int(let number)): converted = .bytes(ByteString(decimal: number))
        case (_, .null), (_, .slice): return nil
        }
        if let check = self.check, !check(converted) { return nil }
        return converted
    }
}

/// One step of a change: a variable, or one of an instance of its group, gets a value.
public struct ConfigurationChange: Sendable {
    public var variable: ConfigurationVariable
    /// Instance of the group; nil: the group itself.
    public var instance: Int?
    /// nil takes the instance's own value away, so that the group's shows again.
    public var value: Value?

    public init(_ variable: ConfigurationVariable, instance: Int? = nil, _ value: Value?) {
        self.variable = variable
        self.instance = instance
        self.value = value
    }
}
