import Bytes

/// Values in stacks by name, where a value may itself be such a set: `$xavp(root[0]=>field[1])`.
///
/// Index 0 is the newest value of a name; negative ones count from the oldest (-1). A value type: whoever gets a copy
/// shares the storage until one of the two is changed.
public struct NamedStacks: Sendable {
    public enum Item: Sendable {
        /// Never a `slice`: what is kept outlives the message.
        case value(Value)
        case fields(NamedStacks)
    }

    /// Newest last, so that a push is an append.
    private var entries: [(name: ByteString, item: Item)] = []
    /// `$xavi`: names differing only in the case of ASCII letters are the same.
    public let ignoresCase: Bool

    public init(ignoringCase: Bool = false) { self.ignoresCase = ignoringCase }

    public var isEmpty: Bool { self.entries.isEmpty }
    public var count: Int { self.entries.count }

    /// The entry at `position`, 0 being the newest of all names.
    public func entry(at position: Int) -> (name: ByteString, item: Item) {
        self.entries[self.entries.count - 1 - position]
    }

    public func count(_ name: ByteString) -> Int {
        var count = 0
        for index in self.entries.indices where self.isNamed(index, name) { count += 1 }
        return count
    }

    /// nil when there is no such value.
    public func item(_ name: ByteString, at index: Int = 0) -> Item? {
        self.position(name, index).map { self.entries[$0].item }
    }

    /// The value at `index`; `$null` when there is none and when it is a set of fields.
    public func value(_ name: ByteString, at index: Int = 0) -> Value {
        guard case .value(let value)? = self.item(name, at: index) else { return .null }
        return value
    }

    /// The fields at `index`; nil when there are none and when it is a single value.
    public func fields(_ name: ByteString, at index: Int = 0) -> NamedStacks? {
        guard case .fields(let fields)? = self.item(name, at: index) else { return nil }
        return fields
    }

    // MARK: Changes

    /// Puts `item` on top of the stack of its name.
    public mutating func push(_ name: ByteString, _ item: Item) { self.entries.append((name, item)) }

    public mutating func push(_ name: ByteString, _ value: Value) { self.push(name, .value(value)) }

    /// Puts `item` below everything else.
    public mutating func pushLast(_ name: ByteString, _ item: Item) { self.entries.insert((name, item), at: 0) }

    /// Exchanges the value at `index`; false when there is none.
    @discardableResult
    public mutating func replace(_ name: ByteString, at index: Int = 0, with item: Item) -> Bool {
        guard let position = self.position(name, index) else { return false }
        self.entries[position].item = item
        return true
    }

    /// Makes `item` the only value of its name.
    public mutating func set(_ name: ByteString, _ item: Item) {
        guard let position = self.position(name, 0) else { return self.push(name, item) }
        self.entries[position].item = item
    }

    /// Removes the value at `index`; false when there is none.
    @discardableResult
    public mutating func remove(_ name: ByteString, at index: Int = 0) -> Bool {
        guard let position = self.position(name, index) else { return false }
        self.entries.remove(at: position)
        return true
    }

    /// - Returns: whether there was one.
    @discardableResult
    public mutating func removeAll(_ name: ByteString) -> Bool {
        let before = self.entries.count
        for index in self.entries.indices.reversed() where self.isNamed(index, name) { self.entries.remove(at: index) }
        return self.entries.count < before
    }

    public mutating func removeAll() {
        if !self.entries.isEmpty { self.entries.removeAll(keepingCapacity: true) }
    }

    /// Lets `body` change the fields at `index` in place.
    /// - Returns: nil when there are no fields there.
    public mutating func withFields<R>(_ name: ByteString, at index: Int = 0, _ body: (inout NamedStacks) -> R) -> R? {
        guard let position = self.position(name, index), case .fields(var fields) = self.entries[position].item else {
            return nil
        }
        // Nothing else holds the storage meanwhile, so it is not copied.
        self.entries[position].item = .value(.null)
        defer { self.entries[position].item = .fields(fields) }
        return body(&fields)
    }

    // MARK: Finding

    private func isNamed(_ position: Int, _ name: ByteString) -> Bool {
        guard self.ignoresCase else { return self.entries[position].name == name }
        let known = self.entries[position].name
        return known.span.equalsIgnoringCase(name.span)
    }

    private func position(_ name: ByteString, _ index: Int) -> Int? {
        var left = index
        if index >= 0 {
            for position in self.entries.indices.reversed() where self.isNamed(position, name) {
                if left == 0 { return position }
                left -= 1
            }
        } else {
            for position in self.entries.indices where self.isNamed(position, name) {
                left += 1
                if left == 0 { return position }
            }
        }
        return nil
    }
}
