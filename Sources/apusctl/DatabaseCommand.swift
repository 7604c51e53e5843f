import ArgumentParser
import Bytes
import Database

/// `apusctl db …`: tables for the modules that keep something in a database.
struct DatabaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db",
        abstract: "Makes, updates and checks the tables of a database.",
        discussion: """
            The tables are those that Kamailio has, so its databases can be used as they are; docs/reference/database.md \
            lists them.

            Exit status: 0 all is well, 1 something is wrong with the tables, 2 the database cannot be used.
            """,
        subcommands: [Create.self, Migrate.self, Check.self]
    )

    struct Place: ParsableArguments {
        @OptionGroup var database: DatabasePlace

        @Option(help: "Names of tables with commas in between; without it, all.")
        var tables: String?

        var declarations: [TableDeclaration] {
            get throws {
                guard let tables = self.tables else { return StandardTables.all }
                return try tables.split(separator: ",").map { name in
                    guard let table = StandardTables.table(ByteString(String(name))) else {
                        throw ValidationError("there is no table '\(name)'; the reference lists those that there are")
                    }
                    return table
                }
            }
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the tables that are missing; those that are there are left alone.")
        @OptionGroup var place: Place

        func run() throws {
            let tables = try self.place.declarations
            try self.place.database.use(makesFile: true) { session, _ in
                try DatabaseCommand.show(try session.makeTables(tables))
            }
        }
    }

    struct Migrate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Brings older tables up to date: adds columns, never changes or removes any.")
        @OptionGroup var place: Place

        func run() throws {
            let tables = try self.place.declarations
            try self.place.database.use { session, _ in try DatabaseCommand.show(try session.migrateTables(tables)) }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says what is wrong with the tables, and changes nothing.")
        @OptionGroup var place: Place

        func run() throws {
            let tables = try self.place.declarations
            try self.place.database.use(readOnly: true) { session, url in
                let problems = try session.tableProblems(tables, isAsked: self.place.tables != nil)
                for problem in problems { print("\(problem.text) (try: \(problem.remedy(url)))") }
                if problems.isEmpty { print("the tables are as they should be") }
                return problems.isEmpty
            }
        }
    }

    /// - Returns: whether nothing was left that is wrong.
    private static func show(_ changes: [DatabaseSession.TableChange]) throws -> Bool {
        for change in changes { print(change.text) }
        if changes.isEmpty { print("nothing to do") }
        return !changes.contains { change in
            if case .left = change { true } else { false }
        }
    }
}
