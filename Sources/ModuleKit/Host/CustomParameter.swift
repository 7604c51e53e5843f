import Bytes

/// A value declared by `group.name = value`; may change while the server runs.
///
/// `group[id].name = value` gives an instance of the group a value of its own; which instance a message sees, its
/// script chooses with `cfg_select`.
public final class CustomParameter: Sendable {
    private struct Values {
        var common: Value
        var ofInstances: [Int: Value]
    }

    public let group: ByteString
    public let name: ByteString
    public let description: ByteString
    private let current: Lock<Values>

    public init(
        group: ByteString, name: ByteString, value: Value, description: ByteString, instances: [Int: Value] = [:]
    ) {
        self.group = group
        self.name = name
        self.description = description
        self.current = Lock(Values(common: value, ofInstances: instances))
    }

    /// The value outside of any instance: `int` or `bytes`.
    public var value: Value {
        get { self.current.withLock { $0.common } }
        set { self.current.withLock { $0.common = newValue } }
    }

    /// The instances that have a value of their own.
    public var instances: [Int] { self.current.withLock { $0.ofInstances.keys.sorted() } }

    /// The value in an instance of the group; of one that has none of its own, the common value.
    public func value(ofInstance id: Int) -> Value {
        self.current.withLock { $0.ofInstances[id] ?? $0.common }
    }

    public func set(_ value: Value, ofInstance id: Int) {
        self.current.withLock { $0.ofInstances[id] = value }
    }

    /// The value as the message of `route` sees it.
    public func value(in route: RouteContext) -> Value {
        guard !route.selectedGroups.isEmpty, let id = route.selectedGroups.first(where: { $0.group == self.group })?.id
        else { return self.value }
        return self.value(ofInstance: id)
    }
}
