/// A set of branches of one transaction, by index 0 to 31.
public struct BranchMask: Sequence, ExpressibleByArrayLiteral, Sendable, BitwiseCopyable, Hashable {
    public var rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// No branch. `[]` makes an array first.
    @inlinable public init() { self.rawValue = 0 }

    public init(arrayLiteral indices: Int...) {
        self.rawValue = 0
        for index in indices { self.insert(index) }
    }

    @inlinable public var isEmpty: Bool { self.rawValue == 0 }
    @inlinable public var count: Int { self.rawValue.nonzeroBitCount }

    /// Adds a branch; an index that no branch can have changes nothing.
    @inlinable
    public mutating func insert(_ index: Int) {
        if 0..<32 ~= index { self.rawValue |= 1 << UInt32(index) }
    }

    @inlinable
    public mutating func remove(_ index: Int) {
        if 0..<32 ~= index { self.rawValue &= ~(1 << UInt32(index)) }
    }

    /// The lowest index; nil when there is none.
    @inlinable public var first: Int? { self.rawValue == 0 ? nil : self.rawValue.trailingZeroBitCount }

    @inlinable
    public func contains(_ index: Int) -> Bool { 0..<32 ~= index && self.rawValue >> UInt32(index) & 1 == 1 }

    /// The indices, lowest first.
    public struct Iterator: IteratorProtocol {
        @usableFromInline var rest: UInt32
        @inlinable init(rest: UInt32) { self.rest = rest }

        @inlinable
        public mutating func next() -> Int? {
            guard self.rest != 0 else { return nil }
            let index = self.rest.trailingZeroBitCount
            self.rest &= self.rest &- 1
            return index
        }
    }

    @inlinable public func makeIterator() -> Iterator { Iterator(rest: self.rawValue) }
}

/// What the owner of a `BranchSet` does after an event.
public struct BranchDecision: Equatable, Sendable, BitwiseCopyable {
    /// What goes upstream now.
    public enum Forward: UInt8, Sendable, BitwiseCopyable {
        case nothing
        /// The provisional response of this event.
        case provisional
        /// The 2xx of this event.
        case final
    }

    public var forward = Forward.nothing
    /// Branches to send a CANCEL to: once each.
    public var cancel = BranchMask()
    /// Branches to give up without waiting: `InviteClientTransaction.abandon`. They count as answered by a 487.
    public var abandon = BranchMask()
    /// Every branch has come to its end and nothing final went upstream: time for `choice`, and a failure route.
    public var isComplete = false

    public init(
        forward: Forward = .nothing,
        cancel: BranchMask = BranchMask(),
        abandon: BranchMask = BranchMask(),
        isComplete: Bool = false
    ) {
        self.forward = forward
        self.cancel = cancel
        self.abandon = abandon
        self.isComplete = isComplete
    }
}

/// The response that goes upstream when all branches have failed.
public struct BranchChoice: Equatable, Sendable, BitwiseCopyable {
    public var branch: Int
    public var status: Int
    /// Made up here: there is no message to forward.
    public var isFaked: Bool

    public init(branch: Int, status: Int, isFaked: Bool) {
        self.branch = branch
        self.status = status
        self.isFaked = isFaked
    }
}
