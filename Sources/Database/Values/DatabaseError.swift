import Bytes

/// Why a database did not do what it was asked for.
public struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// Nobody answers there; certainly nothing was done. Also while the circuit breaker is open.
        case unreachable
        /// The connection broke in the middle: what was being done may have been done.
        case lost
        /// No answer in time; what was asked for may still be done.
        case timedOut
        /// Too many wait for this database already; nothing was done.
        case overloaded
        /// Somebody else holds the lock for longer than the driver waits.
        case locked
        /// No room left: disk full, quota, too large.
        case full
        case readOnly
        /// A unique key or another rule of the table forbids it.
        case constraint
        /// No such table.
        case noTable
        /// No such column.
        case noColumn
        /// The statement is wrong in another way.
        case badQuery
        /// What is there is damaged, or no database.
        case damaged
        /// The driver cannot do that.
        case unsupported
        /// No driver for that kind of URL is loaded, or the URL is wrong.
        case noDriver
        /// Whoever asked gave up himself: a fault of the program.
        case failed
    }

    public var kind: Kind
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { self.message }

    /// Whether the server, not the question, is at fault: such errors open the circuit breaker.
    public var isServerFault: Bool {
        switch self.kind {
        case .unreachable, .lost, .timedOut: true
        case .overloaded, .locked, .full, .readOnly, .constraint, .noTable, .noColumn, .badQuery, .damaged,
            .unsupported, .noDriver, .failed:
            false
        }
    }

    /// Whether the connection is of no use any more.
    public var breaksConnection: Bool { self.isServerFault || self.kind == .damaged }
}
