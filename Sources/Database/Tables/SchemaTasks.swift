import Bytes

/// Making tables, and bringing them up to date: what `apusctl db` does.
extension DatabaseSession {
    /// What happened to a table.
    public enum TableChange: Sendable, Equatable {
        case made(TableDeclaration)
        /// The table was there as it should be, only its version was not stored.
        case versionStored(TableDeclaration)
        case columnAdded(table: ByteString, column: ByteString)
        case versionChanged(table: ByteString, from: Int, to: Int)
        /// Left as it is: only people can say what to do.
        case left(TableProblem)

        public var text: String {
            switch self {
            case .made(let table): "made table '\(table.name)', version \(table.version)"
            case .versionStored(let table): "stored version \(table.version) of table '\(table.name)'"
            case .columnAdded(let table, let column): "added column '\(column)' to table '\(table)'"
            case .versionChanged(let table, let from, let to): "table '\(table)': version \(from) is now \(to)"
            case .left(let problem): problem.text
            }
        }
    }

    /// Makes the tables that are missing, and leaves alone those that are there. All of it or nothing.
    public func makeTables(_ tables: [TableDeclaration]) throws -> [TableChange] {
        try self.transaction {
            var changes: [TableChange] = []
            let versions = TableDeclaration.version
            if try self.columns(of: versions.name) == nil { changes += try self.make(versions) }
            for table in tables where table.name != versions.name {
                if try self.columns(of: table.name) == nil {
                    changes += try self.make(table)
                } else if try self.version(of: table.name) == nil {
                    changes += try self.storeVersion(of: table)
                }
            }
            return changes
        }
    }

    private func make(_ table: TableDeclaration) throws -> [TableChange] {
        try self.create(table)
        try self.setVersion(of: table)
        return [.made(table)]
    }

    /// For a table without a version that looks like the one that is wanted.
    private func storeVersion(of table: TableDeclaration) throws -> [TableChange] {
        let problems = try self.problems(with: TableUse(table, checksVersion: false))
        guard problems.isEmpty else { return problems.map { .left($0) } }
        try self.setVersion(of: table)
        return [.versionStored(table)]
    }

    private func setVersion(of table: TableDeclaration) throws(DatabaseError) {
        let name = DatabaseValue.string(table.name)
        if try self.version(of: table.name) != nil {
            try self.update(
                Update(
                    "version", set: ["table_version": .int(table.version)],
                    where: [Condition("table_name", .equal, name)]))
        } else {
            try self.insert(
                Insert(into: "version", ["table_name": name, "table_version": .int(table.version)]))
        }
    }

    /// Brings tables up to date that are there in an older version: columns that are missing are added, none is changed
    /// or removed. All of it or nothing.
    public func migrateTables(_ tables: [TableDeclaration]) throws -> [TableChange] {
        try self.transaction {
            var changes: [TableChange] = []
            for table in tables {
                guard let found = try self.columns(of: table.name), let version = try self.version(of: table.name)
                else {
                    continue
                }
                if version > table.version {
                    changes.append(
                        .left(.wrongVersion(table: table.name, found: version, expected: table.version)))
                    continue
                }
                let wrong = try self.problems(with: TableUse(table, checksVersion: false)).filter { problem in
                    if case .noColumn = problem { false } else { true }
                }
                guard wrong.isEmpty else {
                    changes += wrong.map { .left($0) }
                    continue
                }
                for column in table.columns where !found.contains(where: { $0.name == column.name }) {
                    try self.add(column.withDefault, to: table.name)
                    changes.append(.columnAdded(table: table.name, column: column.name))
                }
                if version < table.version {
                    try self.setVersion(of: table)
                    changes.append(.versionChanged(table: table.name, from: version, to: table.version))
                }
            }
            return changes
        }
    }

    /// What is wrong with the tables that are there, or that were asked for by name.
    public func tableProblems(_ tables: [TableDeclaration], isAsked: Bool) throws -> [TableProblem] {
        guard try self.columns(of: "version") != nil else { return [.noVersionTable(name: "version")] }
        var problems: [TableProblem] = []
        for table in tables {
            if !isAsked, try self.columns(of: table.name) == nil { continue }
            problems += try self.problems(with: TableUse(table))
        }
        return problems
    }
}

extension Column {
    /// Rows that are there need a value.
    fileprivate var withDefault: Column {
        guard !self.isNullable, self.defaultValue == nil else { return self }
        var column = self
        switch self.kind.info {
        case .int, .double: column.defaultValue = 0
        case .string, .blob, .any: column.defaultValue = ""
        case .time: column.defaultValue = "2000-01-01 00:00:01"
        }
        return column
    }
}
