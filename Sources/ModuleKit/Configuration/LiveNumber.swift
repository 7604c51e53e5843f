import Bytes

/// A number in a module's settings that control clients may change while the server runs.
///
///     struct Settings { var maxContacts: LiveNumber = 0 }
///     .live("max_contacts", \.maxContacts, in: 0...1000, "Most contacts of a user; 0: no limit.")
///     …
///     let limit = route[self.settings.maxContacts]
///
/// That is all: `modparam` gives it its first value, `cfg.set registrar max_contacts 5` another one, and a message
/// reads the same value from its first action to its last, unless it is suspended meanwhile.
public struct LiveNumber: Sendable, BitwiseCopyable, ExpressibleByIntegerLiteral {
    /// What the configuration said.
    public var initial: Int
    @usableFromInline var slot: Int32 = -1
    @usableFromInline var registry: ObjectIdentifier?

    public init(_ initial: Int) { self.initial = initial }
    public init(integerLiteral value: Int) { self.init(value) }

    /// Ties it to its variable.
    public mutating func bind(_ variable: ConfigurationVariable, in registry: ConfigurationRegistry) {
        self.slot = Int32(truncatingIfNeeded: variable.slot)
        self.registry = ObjectIdentifier(registry)
    }

    /// The value in a snapshot; the first value when the snapshot is of another configuration.
    @inlinable
    public func value(in snapshot: ConfigurationSnapshot?) -> Int {
        guard let snapshot, snapshot.registry == self.registry, Int(self.slot) < snapshot.numbers.count, self.slot >= 0
        else { return self.initial }
        return snapshot.numbers[Int(self.slot)]
    }
}

/// A text in a module's settings that control clients may change while the server runs; see `LiveNumber`.
public struct LiveText: Sendable, ExpressibleByStringLiteral {
    public var initial: ByteString
    var variable: ConfigurationVariable?
    var registry: ObjectIdentifier?

    public init(_ initial: ByteString) { self.initial = initial }
    public init(stringLiteral value: String) { self.init(ByteString(value)) }

    public mutating func bind(_ variable: ConfigurationVariable, in registry: ConfigurationRegistry) {
        self.variable = variable
        self.registry = ObjectIdentifier(registry)
    }

    public func value(in snapshot: ConfigurationSnapshot?) -> ByteString {
        guard let snapshot, snapshot.registry == self.registry, let variable = self.variable,
            case .bytes(let text)? = snapshot.value(variable)
        else { return self.initial }
        return text
    }
}

extension RouteContext {
    /// The values that the message is routed with: those of the configuration that it began with.
    public var configuration: ConfigurationSnapshot? {
        if let known = self.ownConfiguration { return known }
        let current = self.worker.configuration
        guard let own = self.program.configuration else { return current }
        // After a reload a message goes on with the configuration that it began with.
        if let current, current.registry == ObjectIdentifier(own) { return current }
        return own.snapshot
    }

    public subscript(setting: LiveNumber) -> Int {
        // Nothing happens between the first look and the last: no reference is counted.
        if let known = self.ownConfiguration { return setting.value(in: known) }
        return setting.value(in: self.configuration)
    }

    public subscript(setting: LiveText) -> ByteString { setting.value(in: self.configuration) }
}

extension WorkerServices {
    public subscript(setting: LiveNumber) -> Int { setting.value(in: self.configuration) }
    public subscript(setting: LiveText) -> ByteString { setting.value(in: self.configuration) }
}
