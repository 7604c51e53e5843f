extension Array {
    /// The same elements in an allocation that nobody else has: what counts references to it takes it away from no other
    /// processor.
    public var inOwnMemory: [Element] {
        guard !self.isEmpty else { return self }
        var copy = self
        copy.reserveCapacity(copy.count + 1)
        return copy
    }
}
