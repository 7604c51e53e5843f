import Bytes
import Synchronization

/// The variables of one loaded configuration and what they hold now.
///
/// Changes go in whole: all of them or none, and every worker sees them together, at the latest with its next batch of
/// messages. A reload makes a new registry, with the values of the new file; messages that began before finish with
/// the old one.
public final class ConfigurationRegistry: Sendable {
    private struct State {
        var variables: [ConfigurationVariable] = []
        var index: [Key: Int] = [:]
        /// What the configuration said.
        var initial: [Value] = []
        var values: [Value] = []
        var instances: [ByteString: [Int: [Int: Value]]] = [:]
        var snapshot: ConfigurationSnapshot?
    }

    private struct Key: Hashable {
        var group: ByteString
        var name: ByteString
    }

    private let state = Lock(State())
    private let changes = Atomic<Int>(0)

    public init() {}

    /// Number of changes so far: a snapshot of another version is old.
    public var version: Int { self.changes.load(ordering: .acquiring) }

    /// The values as they are now.
    public var snapshot: ConfigurationSnapshot {
        self.state.withLock { state in
            if let known = state.snapshot { return known }
            let made = ConfigurationSnapshot(
                registry: ObjectIdentifier(self), version: self.changes.load(ordering: .relaxed),
                values: state.values, instances: state.instances)
            state.snapshot = made
            return made
        }
    }

    // MARK: Declaring

    /// Adds a variable. A second declaration of the same name takes the place of the first.
    @discardableResult
    public func declare(_ declaration: ConfigurationVariable.Declaration) -> ConfigurationVariable {
        let key = Key(group: declaration.group, name: declaration.name)
        return self.change { state in
            if let slot = state.index[key] {
                state.variables[slot] = ConfigurationVariable(declaration, slot: slot)
                state.initial[slot] = declaration.initial
                state.values[slot] = declaration.initial
                return state.variables[slot]
            }
            let slot = state.variables.count
            let variable = ConfigurationVariable(declaration, slot: slot)
            state.index[key] = slot
            state.variables.append(variable)
            state.initial.append(declaration.initial)
            state.values.append(declaration.initial)
            return variable
        }
    }

    /// In order of declaration.
    public var variables: [ConfigurationVariable] { self.state.withLock { $0.variables } }

    public func find(_ group: ByteString, _ name: ByteString) -> ConfigurationVariable? {
        self.state.withLock { state in
            state.index[Key(group: group, name: name)].map { state.variables[$0] }
        }
    }

    public func variables(of group: ByteString) -> [ConfigurationVariable] {
        self.variables.filter { $0.group == group }
    }

    /// The value now, for control clients; nil when the group has no such instance.
    public func value(_ variable: ConfigurationVariable, instance: Int? = nil) -> Value? {
        if instance == nil, let read = variable.read { return read() }
        return self.snapshot.value(variable, instance: instance)
    }

    /// Instances of a group, lowest first.
    public func instances(of group: ByteString) -> [Int] {
        self.state.withLock { $0.instances[group]?.keys.sorted() ?? [] }
    }

    // MARK: Changing

    private func change<R>(_ body: (inout State) -> R) -> R {
        self.state.withLock { state in
            let result = body(&state)
            state.snapshot = nil
            self.changes.wrappingAdd(1, ordering: .releasing)
            return result
        }
    }

    /// Makes all changes together.
    /// - Returns: false, and nothing has changed, when a value does not fit or a group has no such instance.
    @discardableResult
    public func apply(_ steps: [ConfigurationChange]) -> Bool {
        var fitting: [(step: ConfigurationChange, value: Value?)] = []
        for step in steps {
            guard let value = step.value else {
                fitting.append((step, nil))
                continue
            }
            guard let converted = step.variable.fitting(value) else { return false }
            fitting.append((step, converted))
        }
        let isDone = self.change { state in
            for (step, _) in fitting {
                if let instance = step.instance, state.instances[step.variable.group]?[instance] == nil { return false }
                if step.value == nil, step.instance == nil { return false }
            }
            for (step, value) in fitting {
                if let instance = step.instance {
                    state.instances[step.variable.group]?[instance]?[step.variable.slot] = value
                } else if let value {
                    state.values[step.variable.slot] = value
                }
            }
            return true
        }
        guard isDone else { return false }
        for (step, value) in fitting where step.instance == nil {
            if let value { step.variable.changed?(value) }
        }
        return true
    }

    /// Gives the variables of a group, or of one of its instances, what the configuration said.
    /// - Returns: false when one of them refuses it.
    public func reset(_ group: ByteString) -> Bool {
        let steps = self.state.withLock { state in
            state.variables.filter { $0.group == group }.map { ConfigurationChange($0, state.initial[$0.slot]) }
        }
        return self.apply(steps)
    }

    /// Takes away what an instance has of its own.
    /// - Returns: false when there is no such instance.
    public func resetInstance(_ group: ByteString, _ instance: Int) -> Bool {
        self.change { state in
            guard state.instances[group]?[instance] != nil else { return false }
            state.instances[group]?[instance] = [:]
            return true
        }
    }

    /// Adds an instance of a group; one that is there stays as it is.
    /// - Returns: false when there is no such group.
    @discardableResult
    public func addInstance(_ group: ByteString, _ instance: Int) -> Bool {
        self.change { state in
            guard state.variables.contains(where: { $0.group == group }) else { return false }
            if state.instances[group]?[instance] == nil { state.instances[group, default: [:]][instance] = [:] }
            return true
        }
    }

    /// - Returns: false when there is no such instance.
    public func removeInstance(_ group: ByteString, _ instance: Int) -> Bool {
        self.change { state in state.instances[group]?.removeValue(forKey: instance) != nil }
    }
}
