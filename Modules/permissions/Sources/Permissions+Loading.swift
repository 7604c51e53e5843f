import Bytes
import Database
import ModuleKit
import SIPMessage

/// Where the tables come from. All of this blocks: it runs at the start and on threads that may block.
extension Permissions {
    /// - Throws: `ModuleError` naming file and line, or row; what was there before stays.
    func loadAddresses(_ logger: Logger) throws {
        guard self.usesAddresses else { return }
        let table: AddressTable
        if !self.settings.addressFile.isEmpty {
            table = try self.addressesFromFile()
        } else if let database = self.database {
            table = try self.addresses(from: database)
        } else {
            return
        }
        self.addresses.replace(table)
    }

    private func addressesFromFile() throws -> AddressTable {
        let path = self.path(self.settings.addressFile)
        guard let text = SystemInput.readFile(path.string, limit: 64 << 20) else {
            throw ModuleError("permissions: the address file \(path) cannot be read")
        }
        var lines: [Int] = []
        do throws(AddressFailure) {
            let rows = try AddressFile.rows(text)
            lines = rows.map(\.line)
            return try self.table(rows.map(\.row))
        } catch {
            // The reader names lines, the table names rows.
            let line = lines.isEmpty ? error.row : lines[min(max(error.row, 1), lines.count) - 1]
            throw ModuleError("permissions: \(path):\(line): \(error.message)")
        }
    }

    private func addresses(from database: Database) throws -> AddressTable {
        let columns = self.settings.address
        let select = Select(columns.all, from: self.settings.addressTable)
        let rows: Rows
        do throws(DatabaseError) {
            rows = try database.wait(.read) { try $0.query(select) }
        } catch {
            throw ModuleError("permissions: table \(self.settings.addressTable): \(error)")
        }
        do throws(AddressFailure) {
            return try self.table(
                rows.map { row in
                    AddressRow(
                        group: row[columns.group].int ?? 0, address: row[columns.address].text ?? "",
                        mask: row[columns.mask].int, port: row[columns.port].int ?? 0,
                        tag: row[columns.tag].text ?? "")
                })
        } catch {
            throw ModuleError("permissions: table \(self.settings.addressTable), row \(error.row): \(error.message)")
        }
    }

    private func table(_ rows: [AddressRow]) throws(AddressFailure) -> AddressTable {
        try AddressTable(
            rows, preferringLongest: self.settings.subnetMode == 1, networkLimit: self.settings.maxSubnets)
    }

    func loadTrusted(_ logger: Logger) throws {
        guard let database = self.database else { return }
        let select = Select(self.settings.trusted.all, from: self.settings.trustedTable)
        do throws(DatabaseError) {
            let rows = try database.wait(.read) { try $0.query(select) }
            let table = TrustedTable(rows, self.settings.trusted)
            for complaint in table.complaints {
                logger.error("permissions: table \(self.settings.trustedTable): \(complaint); the row is left out")
            }
            self.trusted.replace(table)
        } catch {
            throw ModuleError("permissions: table \(self.settings.trustedTable): \(error)")
        }
    }

    // MARK: Files of rules

    /// Notes that a script uses a file; read when the server starts.
    func want(_ file: ByteString, quietly: Bool = false) {
        let path = self.path(file)
        self.ruleFiles.withLock { files in
            switch files[path] {
            case nil, .wanted(true): files[path] = .wanted(isQuiet: quietly)
            case .wanted(false), .missing, .read: break
            }
        }
    }

    func readRuleFiles(_ logger: Logger) throws {
        for (path, state) in self.ruleFiles.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            guard let text = SystemInput.readFile(path.string, limit: 16 << 20) else {
                self.ruleFiles.withLock { $0[path] = .missing }
                if case .wanted(false) = state {
                    logger.notice("permissions: \(path) cannot be read; it counts as a file without rules")
                }
                continue
            }
            do throws(RuleFailure) {
                let file = try RuleFile(text)
                self.ruleFiles.withLock { $0[path] = .read(file) }
            } catch {
                throw ModuleError("permissions: \(path):\(error.line): \(error.message)")
            }
        }
    }

    /// The rules of a pair of files; nil for those of a file that is not there.
    func rules(_ pair: RulePair) -> (allow: RuleFile?, deny: RuleFile?) {
        self.ruleFiles.withLock { files in
            func file(_ path: ByteString) -> RuleFile? {
                if case .read(let file)? = files[self.path(path)] { return file }
                return nil
            }
            return (file(pair.allow), file(pair.deny))
        }
    }
}

/// The two files that a call names.
final class RulePair: Sendable {
    let allow: ByteString
    let deny: ByteString

    init(allow: ByteString, deny: ByteString) {
        self.allow = allow
        self.deny = deny
    }
}
