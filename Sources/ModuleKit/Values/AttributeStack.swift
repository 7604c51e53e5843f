import Bytes

/// The name of an `$avp`: `$avp(x)` and `$avp(s:x)` are the same, `$avp(i:5)` differs from `$avp(5)`.
public enum AttributeName: Hashable, Sendable {
    case text(ByteString)
    case number(Int)
}

/// What goes with a transaction: `$avp` values, a stack for each name, newest first; and `$xavp`, `$xavu`, `$xavi`.
///
/// A value type: reply and failure routes work on a copy that goes back into the transaction when they end.
public struct AttributeStack: Sendable {
    /// Newest last, so that a push is an append.
    private var entries: [(name: AttributeName, value: Value, flags: UInt32)] = []
    /// `$xavp`, `$xavu`, `$xavi` in this order; empty as long as none of them was written: most transactions have none.
    private var groups: [NamedStacks] = []

    public init() {}

    public var isEmpty: Bool { self.entries.isEmpty && self.groups.allSatisfy(\.isEmpty) }

    /// `$xavp(root=>field)`.
    public var xavp: NamedStacks {
        get { self.group(0) }
        _modify {
            self.makeGroups()
            yield &self.groups[0]
        }
    }

    /// `$xavu(root=>field)`: one value for each name.
    public var xavu: NamedStacks {
        get { self.group(1) }
        _modify {
            self.makeGroups()
            yield &self.groups[1]
        }
    }

    /// `$xavi(root=>field)`.
    public var xavi: NamedStacks {
        get { self.group(2) }
        _modify {
            self.makeGroups()
            yield &self.groups[2]
        }
    }

    private func group(_ index: Int) -> NamedStacks {
        index < self.groups.count ? self.groups[index] : NamedStacks(ignoringCase: index == 2)
    }

    private mutating func makeGroups() {
        if self.groups.isEmpty { self.groups = [NamedStacks(), NamedStacks(), NamedStacks(ignoringCase: true)] }
    }

    public mutating func push(_ name: AttributeName, _ value: Value) {
        self.entries.append((name, value, 0))
    }

    /// - Parameter index: 0 is the newest value; negative counts from the oldest (-1).
    public func value(_ name: AttributeName, at index: Int = 0) -> Value {
        guard let position = self.position(name, index) else { return .null }
        return self.entries[position].value
    }

    public func count(_ name: AttributeName) -> Int {
        self.entries.reduce(0) { $0 + ($1.name == name ? 1 : 0) }
    }

    /// Newest first.
    public func values(_ name: AttributeName) -> [Value] {
        self.entries.reversed().compactMap { $0.name == name ? $0.value : nil }
    }

    /// Every name that has a value, that of the newest value first.
    public var names: [AttributeName] {
        var names: [AttributeName] = []
        for entry in self.entries.reversed() where !names.contains(entry.name) { names.append(entry.name) }
        return names
    }

    /// Replaces the value at `index`; false when there is none.
    public mutating func replace(_ name: AttributeName, at index: Int, with value: Value) -> Bool {
        guard let position = self.position(name, index) else { return false }
        self.entries[position].value = value
        return true
    }

    /// Removes the value at `index`; false when there is none.
    @discardableResult
    public mutating func remove(_ name: AttributeName, at index: Int = 0) -> Bool {
        guard let position = self.position(name, index) else { return false }
        self.entries.remove(at: position)
        return true
    }

    /// Flags of the newest value (`setavpflag`); 0 when there is none.
    public func flags(_ name: AttributeName) -> UInt32 {
        self.position(name, 0).map { self.entries[$0].flags } ?? 0
    }

    /// Changes the flags of the newest value; false when there is none.
    public mutating func setFlags(_ name: AttributeName, _ flags: UInt32) -> Bool {
        guard let position = self.position(name, 0) else { return false }
        self.entries[position].flags = flags
        return true
    }

    public mutating func removeAll(_ name: AttributeName) {
        self.entries.removeAll { $0.name == name }
    }

    public mutating func removeAll() {
        // Not emptied in place: nearly always a transaction shares them, and room of its own would be allocated.
        if !self.entries.isEmpty { self.entries = [] }
        if !self.groups.isEmpty { self.groups = [] }
    }

    private func position(_ name: AttributeName, _ index: Int) -> Int? {
        var left = index
        if index >= 0 {
            for position in self.entries.indices.reversed() where self.entries[position].name == name {
                if left == 0 { return position }
                left -= 1
            }
        } else {
            for position in self.entries.indices where self.entries[position].name == name {
                left += 1
                if left == 0 { return position }
            }
        }
        return nil
    }
}
