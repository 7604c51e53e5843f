import Bytes
import Database
import ModuleKit

/// Registrations from the database.
extension UserAgentClient {
    /// Seconds by which a first attempt is put off at random (`reg_random_delay`).
    var spread: Int { self.settings.randomDelay > 0 ? Int.random(in: 0...self.settings.randomDelay) : 0 }

    /// Reads the table when the server starts or a configuration is put in force. Blocks.
    func loadAtStart() throws {
        guard let database = self.database else { return }
        // Its version says no more than which of the later columns there are.
        try database.require([
            TableUse(.uacreg, named: self.settings.table, columns: RegistrationRow.columns, checksVersion: false)
        ])
        let table = self.settings.table
        do throws(DatabaseError) {
            self.take(try database.wait(.read) { try RegistrationRow.read($0, table) })
        } catch {
            throw ModuleError("uac: \(error)")
        }
        self.lastReload.withLock { $0 = self.registrations.clock.seconds() - self.settings.cleanupInterval }
    }

    private func take(_ rows: Rows) { self.registrations.replaceAll(rows.compactMap { self.planned($0) }) }

    /// The registration in a row, to begin now; nil when it lacks something.
    private func planned(_ row: Row) -> Registration? {
        guard var found = RegistrationRow.registration(row, contactAddress: self.settings.contactAddress) else {
            self.host.logger.error(
                "uac: registration '\(row["l_uuid"].text ?? "")' has no uuid, user, domain or contact address")
            return nil
        }
        found.plan(self.registrations.clock.seconds(), self.spread)
        return found
    }

    /// Reads the table again, not too soon after the last time.
    /// - Parameter answer: why it was not done; nil: it was.
    func reload(_ answer: @escaping @Sendable (String?) -> Void) {
        guard let database = self.database else { return answer("Failed to reload records - no database") }
        let now = self.registrations.clock.seconds()
        let pause = max(self.settings.cleanupInterval, self.settings.reloadDelta)
        let isEarly = self.lastReload.withLock { last in
            guard now >= last + pause else { return true }
            last = now
            return false
        }
        if isEarly { return answer("Ongoing reload") }
        let table = self.settings.table
        database.perform(.read) {
            try RegistrationRow.read($0, table)
        } answer: { [weak self] result in
            switch result {
            case .success(let rows):
                self?.take(rows)
                answer(nil)
            case .failure(let error): answer("Failed to reload records: \(error)")
            }
        }
    }

    /// Reads one registration again, when there is a database, and makes it anew within a second.
    /// - Parameter answer: whether there is such a registration.
    func refresh(_ uuid: ByteString, _ answer: @escaping @Sendable (Bool) -> Void) {
        guard let database = self.database else { return answer(self.enable(uuid)) }
        let table = self.settings.table
        database.perform(.read) {
            try RegistrationRow.read($0, table, uuid: uuid)
        } answer: { [weak self] result in
            switch result {
            case .success(let rows): answer(self?.refresh(rows) == true)
            case .failure(let error):
                self?.host.logger.error("uac: cannot read registration \(uuid): \(error)")
                answer(false)
            }
        }
    }

    private func refresh(_ rows: Rows) -> Bool {
        guard let row = rows.first, let found = self.planned(row) else { return false }
        self.registrations.put(found)
        return true
    }

    func enable(_ uuid: ByteString) -> Bool {
        self.registrations.change(uuid) { $0.enable(self.registrations.clock.seconds()) } != nil
    }
}
