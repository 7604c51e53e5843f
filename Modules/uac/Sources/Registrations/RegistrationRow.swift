import Bytes
import Database

/// A registration as the table has it.
enum RegistrationRow {
    /// Columns that every version of the table has.
    static let columns: [ByteString] = [
        "l_uuid", "l_username", "l_domain", "r_username", "r_domain", "realm", "auth_username", "auth_password",
        "auth_ha1", "auth_proxy", "expires", "flags", "reg_delay", "socket",
    ]
    /// Columns that came later.
    static let laterColumns: [ByteString] = ["contact_addr", "contact_user"]

    /// Reads rows of a table.
    /// - Parameter uuid: nil: all.
    static func read(
        _ session: DatabaseSession, _ table: ByteString, uuid: ByteString? = nil
    ) throws(DatabaseError) -> Rows {
        let known = try session.columns(of: table) ?? []
        let later = self.laterColumns.filter { name in known.contains { $0.name == name } }
        var filter: Filter = []
        if let uuid { filter = [Condition("l_uuid", .equal, .string(uuid))] }
        return try session.query(Select(self.columns + later, from: table, where: filter))
    }

    /// - Parameter contactAddress: of those that have none of their own.
    /// - Returns: nil when something is missing without which there is nothing to send.
    static func registration(_ row: Row, contactAddress: ByteString) -> Registration? {
        func text(_ column: ByteString) -> ByteString { row[column].text ?? ByteString() }
        var registration = Registration(uuid: text("l_uuid"))
        registration.localUser = text("l_username")
        registration.localDomain = text("l_domain")
        registration.remoteUser = text("r_username")
        registration.remoteDomain = text("r_domain")
        registration.realm = text("realm")
        registration.user = text("auth_username")
        registration.password = text("auth_password")
        registration.hash = text("auth_ha1")
        registration.proxy = text("auth_proxy")
        registration.wishes = Registration.bounded(row["expires"].int ?? 0)
        if registration.wishes == 0 { registration.wishes = 3600 }
        registration.expires = registration.wishes
        registration.state = (row["flags"].int ?? 0) & 1 != 0 ? .disabled : []
        registration.delay = Registration.bounded(row["reg_delay"].int ?? 0)
        registration.contactAddress = text("contact_addr")
        if registration.contactAddress.isEmpty { registration.contactAddress = contactAddress }
        registration.contactUser = text("contact_user")
        registration.socket = text("socket")
        let isWhole =
            !registration.uuid.isEmpty && !registration.remoteUser.isEmpty && !registration.remoteDomain.isEmpty
            && !registration.contactAddress.isEmpty
        return isWhole ? registration : nil
    }
}
