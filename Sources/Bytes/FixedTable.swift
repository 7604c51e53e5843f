/// Elements that are made once and only lent from then on: each is where it is, and nobody takes a copy of it.
///
/// With an `Element` that cannot be copied, whoever uses what is in it counts no references, as it would for an element of
/// an array.
@safe
public struct FixedTable<Element: ~Copyable & Sendable>: ~Copyable, @unchecked Sendable {  // never changed after init
    @usableFromInline let base: UnsafeMutablePointer<Element>
    public let count: Int

    /// - Parameter make: makes the element with this index.
    public init(count: Int, _ make: (Int) -> Element) {
        self.count = count
        unsafe self.base = .allocate(capacity: max(count, 1))
        for index in 0..<count { unsafe (self.base + index).initialize(to: make(index)) }
    }

    /// - Parameter make: makes an element of one of `sources`.
    public init<Source>(_ sources: [Source], _ make: (Source) -> Element) {
        self.init(count: sources.count) { make(sources[$0]) }
    }

    deinit {
        unsafe self.base.deinitialize(count: self.count)
        unsafe self.base.deallocate()
    }

    @inlinable
    public subscript(index: Int) -> Element {
        unsafeAddress {
            precondition(index >= 0 && index < self.count, "index out of range")
            return unsafe UnsafePointer(self.base + index)
        }
    }
}
