extension BranchSet {
    /// Another branch takes the place of this one (RFC 3263 §4.3): whatever comes of it no longer competes.
    public mutating func discard(_ branch: Int) {
        if self.has(branch) { self.branches[branch].flags.insert(.discarded) }
    }
}
