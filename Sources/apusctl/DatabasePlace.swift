import Administration
import ArgumentParser
import Bytes
import Database
import ModuleKit
import db_sqlite
import db_text

/// The database a subcommand works on.
struct DatabasePlace: ParsableArguments {
    @Option(help: "The database: sqlite:///path or text:///directory. Without it, the one of 'make run'.")
    var url: String?

    /// Opens the database and works with it. What is wrong is printed and ends the program: 1 for what was not done,
    /// 2 for a database that cannot be used.
    func use(
        readOnly: Bool = false, makesFile: Bool = false, _ body: (DatabaseSession, DatabaseURL) throws -> Bool
    ) throws {
        let isWell: Bool
        do {
            let url = try DatabaseURL(ByteString(self.url ?? Self.standard))
            let texts = TextDirectories()
            let session = DatabaseSession(
                try Self.driver(url, texts, readOnly: readOnly, makesFile: makesFile).connect(to: url))
            isWell = try body(session, url)
            let failures = readOnly ? [] : texts.all.flatMap { $0.save(TextOptions()) }
            guard failures.isEmpty else {
                throw DatabaseError(.readOnly, "cannot write \(failures.joined(separator: ", "))")
            }
        } catch let error as AdministrationError {
            Output.complain("apusctl: \(error.message)")
            throw ExitCode(1)
        } catch let error as DatabaseError {
            throw Self.failure(error.message)
        } catch let error as ModuleKit.ArgumentError {
            throw Self.failure(error.message)
        }
        if !isWell { throw ExitCode(1) }
    }

    private static func failure(_ text: String) -> ExitCode {
        Output.complain("apusctl: \(text)")
        return ExitCode(2)
    }

    /// What `make run` keeps registrations and users in.
    private static var standard: String {
        "sqlite://\(SystemInput.environment("HOME") ?? "")/.local/state/apus/apus.db"
    }

    private static func driver(
        _ url: DatabaseURL, _ texts: TextDirectories, readOnly: Bool, makesFile: Bool
    ) throws -> any DatabaseDriver {
        switch url.scheme {
        case "sqlite", "sqlite3":
            var options = SQLiteOptions()
            options.isReadOnly = readOnly
            options.makesFile = makesFile
            // The file stays as it is.
            options.journalMode = nil
            return SQLiteDriver(options)
        case "text", "dbtext": return TextDriver(texts, TextOptions(), base: SystemInput.workingDirectory)
        default: throw DatabaseError(.noDriver, "nothing here reaches a database at \(url)")
        }
    }
}
