import Bytes
import Database
import ModuleKit

/// A binding as a row of a location table has it.
package struct LocationRow: Sendable {
    package var ruid: ByteString
    /// Address of record; with the domain where domains count.
    package var address: ByteString
    var contact: ByteString
    var received: ByteString
    var path: ByteString
    /// Second of the wall clock; 0 for never.
    var expires: Int
    var q: Int
    var callID: ByteString
    var cSeq: UInt32
    var lastModified: Int
    var flags: UInt32
    var branchFlags: UInt32
    var userAgent: ByteString
    var socket: ByteString
    var methods: UInt32
    var instance: ByteString
    var regID: UInt32
    var serverID: Int
    var connection: Int
    var keepalive: Int
    var attributes: NamedStacks?
    /// A row of that `ruid` is there already.
    var isStored: Bool

    /// Values in the order of `DatabaseSettings.Column`.
    package func values(_ settings: DatabaseSettings, usesDomain: Bool) -> [DatabaseValue] {
        let (user, domain) = Self.split(self.address, usesDomain: usesDomain)
        func text(_ value: ByteString) -> DatabaseValue { value.isEmpty ? .null : .string(value) }
        func time(_ seconds: Int) -> DatabaseValue { settings.expiresType == 1 ? .int(seconds) : .time(seconds) }
        return [
            .string(self.ruid), .string(user), domain.map { .string($0) } ?? .null, .string(self.contact),
            text(self.received), text(self.path), time(self.expires),
            .double(self.q < 0 ? -1 : Double(self.q) / 1000), .string(self.callID), .int(Int(self.cSeq)),
            time(self.lastModified), .int(Int(self.flags)), .int(Int(self.branchFlags)), .string(self.userAgent),
            text(self.socket), self.methods == .max ? .null : .int(Int(self.methods)), text(self.instance),
            .int(Int(self.regID)), .int(self.serverID), .int(self.connection), .int(self.keepalive), .int(0),
        ]
    }

    static func split(_ address: ByteString, usesDomain: Bool) -> (user: ByteString, domain: ByteString?) {
        guard usesDomain, let at = address.bytes.lastIndex(of: UInt8(ascii: "@")) else { return (address, nil) }
        return (ByteString(Array(address.bytes[..<at])), ByteString(Array(address.bytes[(at + 1)...])))
    }

    /// nil when the row names no user or no contact.
    package init?(_ row: Row, usesDomain: Bool) {
        typealias Column = DatabaseSettings.Column
        func text(_ column: Column) -> ByteString { row[column.rawValue].text ?? ByteString() }
        func number(_ column: Column) -> Int { row[column.rawValue].int ?? 0 }
        // A table may hold any number; sums of these, the clock and a delay do not overflow.
        func second(_ column: Column) -> Int { min(max(number(column), -1), 1 << 48) }
        let user = text(.username)
        let domain = text(.domain)
        self.address = usesDomain && !domain.isEmpty ? (user.isEmpty ? domain : user + "@" + domain) : user
        self.contact = text(.contact)
        guard !self.address.isEmpty, !self.contact.isEmpty else { return nil }
        self.ruid = text(.ruid)
        self.received = text(.received)
        self.path = text(.path)
        self.expires = second(.expires)
        let q = row[Column.q.rawValue].double ?? -1
        self.q = q < 0 ? -1 : Int((min(q, 1) * 1000).rounded())
        self.callID = text(.callID)
        self.cSeq = UInt32(clamping: number(.cSeq))
        self.lastModified = second(.lastModified)
        self.flags = UInt32(truncatingIfNeeded: number(.flags))
        self.branchFlags = UInt32(truncatingIfNeeded: number(.branchFlags))
        self.userAgent = text(.userAgent)
        self.socket = text(.socket)
        self.methods = row[Column.methods.rawValue].int.map { UInt32(truncatingIfNeeded: $0) } ?? .max
        self.instance = text(.instance)
        self.regID = UInt32(clamping: number(.regID))
        self.serverID = number(.serverID)
        self.connection = number(.connection)
        self.keepalive = number(.keepalive)
        self.attributes = nil
        self.isStored = true
    }

    init(_ contact: FoundContact, address: ByteString, now: UInt32, wall: Int, serverID: Int, isKept: Bool) {
        let record = contact.record
        self.ruid = contact.ruid
        self.address = address
        self.contact = contact.uri
        self.received = contact.received
        self.path = contact.path
        self.expires = record.expires == ContactRecord.permanent ? 0 : wall + Int(record.expires) - Int(now)
        self.q = Int(record.q)
        self.callID = contact.callID
        self.cSeq = record.cSeq
        self.lastModified = wall + Int(record.modified) - Int(now)
        self.flags = record.flags
        self.branchFlags = record.branchFlags
        self.userAgent = contact.userAgent
        self.socket = contact.socket
        self.methods = record.methods
        self.instance = contact.instance
        self.regID = record.regID
        self.serverID = serverID
        self.connection = Int(truncatingIfNeeded: record.connection)
        self.keepalive = isKept ? 1 : 0
        self.attributes = contact.attributes
        self.isStored = record.isStored
    }
}
