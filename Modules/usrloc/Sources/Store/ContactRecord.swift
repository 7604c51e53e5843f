import Bytes

/// One binding of an address of record: about 100 bytes, texts beside it.
public struct ContactRecord: BitwiseCopyable, Sendable {
    /// The address of record it belongs to.
    public internal(set) var owner: Handle
    /// Next binding of the same address of record, best first.
    public internal(set) var next = Handle.none
    public internal(set) var uri = PackedHandle.empty
    public internal(set) var callID = PackedHandle.empty
    public internal(set) var received = PackedHandle.empty
    public internal(set) var instance = PackedHandle.empty
    public internal(set) var userAgent = InternedID.empty
    public internal(set) var path = InternedID.empty
    public internal(set) var socket = InternedID.empty
    /// Second of the monotonic clock from which on it is gone; `permanent` for never.
    public internal(set) var expires: UInt32
    /// Second of the monotonic clock of the last REGISTER.
    public internal(set) var modified: UInt32
    public internal(set) var cSeq: UInt32
    /// Methods that the contact accepts, as bits.
    public internal(set) var methods: UInt32
    public internal(set) var branchFlags: UInt32
    public internal(set) var flags: UInt32
    public internal(set) var regID: UInt32
    /// Quality in thousandths, or -1.
    public internal(set) var q: Int16
    /// The binding in front of it in the chain of its address of record.
    var previous = Handle.none
    /// The connection that it registered over; 0 for none.
    public internal(set) var connection: UInt64
    /// Number of the binding; with the server's prefix its `ruid`. The top bit marks what an RPC command added.
    public internal(set) var number: UInt64
    /// Of a binding that another run of the server made: what its `ruid` begins with.
    public internal(set) var prefix = InternedID.empty
    /// Second of the monotonic clock of the last answer to a keepalive; 0: none yet.
    public internal(set) var answered: UInt32 = 0
    /// Microseconds that answer took.
    public internal(set) var roundTrip: UInt32 = 0
    /// A row of the database has it, perhaps an older state of it.
    var isStored = false
    /// The database is to be told.
    var isDirty = false

    static var permanent: UInt32 { .max }

    /// - Parameter now: second of the monotonic clock.
    @inlinable
    public func isExpired(at now: UInt32) -> Bool { self.expires <= now }
}

/// An address of record: its name and the first of its bindings.
struct AddressRecord: ChainedRecord {
    var hash: UInt32
    var name: PackedHandle
    var first = Handle.none
    var next = Handle.none
    var chainHash: UInt64 { UInt64(self.hash) }
}

extension Instant {
    /// Whole seconds of the monotonic clock, never 0.
    var seconds: UInt32 { UInt32(truncatingIfNeeded: max(self.milliseconds / 1000, 0) &+ 1) }
}
