/// The 32-bit name of a record in a slab: an index and a generation, packed.
///
/// A handle outlives its record harmlessly: once the record is removed, the slab refuses the old handle, until the
/// generation of that slot has gone round. How the bits are split is the slab's business.
public struct Handle: Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Names no record of any slab.
    @inlinable public static var none: Handle { Handle(rawValue: 0) }
    @inlinable public var isNone: Bool { self.rawValue == 0 }
}
