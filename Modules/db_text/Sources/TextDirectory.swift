import Bytes
import Database

/// The tables of one directory, in memory: read when they are first used, written back when asked to.
package final class TextDirectory: Sendable {
    private struct Entry {
        var table: TextTable
        /// What the file held when it was read or written last.
        var file: ByteString
        var isChanged = false
    }

    private struct State {
        var tables: [ByteString: Entry] = [:]
        /// What to go back to; nil outside transactions.
        var saved: [ByteString: Entry]?
    }

    let path: String
    private let state = Lock(State())
    /// Bytes of the largest table.
    private static let limit = 1 << 30

    init(path: String) { self.path = path }

    private func file(of table: ByteString) throws(DatabaseError) -> String {
        // A table is a file of this directory, whatever its name would like to be.
        guard !table.isEmpty, !table.bytes.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") }), table != ".",
            table != ".."
        else { throw DatabaseError(.noTable, "'\(table)' is no name of a table") }
        return "\(self.path)/\(table)"
    }

    /// Works with a table, reading it when it is not there yet, or has changed in mode 1.
    func use<R>(
        _ name: ByteString, _ options: TextOptions, writes: Bool,
        _ body: (inout TextTable) throws(DatabaseError) -> R
    ) throws(DatabaseError) -> R {
        let file = try self.file(of: name)
        return try self.state.withLock { state throws(DatabaseError) in
            if state.tables[name] == nil || options.rereads { try Self.load(name, file, options, &state) }
            guard var entry = state.tables[name] else { throw DatabaseError(.noTable, "there is no table \(name)") }
            let result = try body(&entry.table)
            if writes {
                entry.isChanged = true
                state.tables[name] = entry
            }
            return result
        }
    }

    private static func load(
        _ name: ByteString, _ file: String, _ options: TextOptions, _ state: inout State
    ) throws(DatabaseError) {
        let bytes: ByteString
        do throws(SystemError) {
            bytes = ByteString(try SystemInput.read(file, limit: Self.limit))
        } catch {
            if state.tables[name] != nil { return }
            throw DatabaseError(
                error.isNotFound ? .noTable : .unreachable, "table \(name): \(file): \(error.text)")
        }
        if let known = state.tables[name], known.file == bytes || known.isChanged { return }
        do throws(DatabaseError) {
            state.tables[name] = Entry(table: try TextTable(bytes, options.format), file: bytes)
        } catch {
            throw DatabaseError(error.kind, "table \(name), \(file), \(error.message)")
        }
    }

    func create(_ name: ByteString, _ table: TextTable, _ options: TextOptions) throws(DatabaseError) {
        let file = try self.file(of: name)
        guard SystemInput.readFile(file) == nil else {
            throw DatabaseError(.constraint, "there is a table \(name) already")
        }
        let text = table.text(options.format)
        guard SystemOutput.replaceFile(file, text) else {
            throw DatabaseError(.readOnly, "\(file) cannot be written")
        }
        self.state.withLock { $0.tables[name] = Entry(table: table, file: text) }
    }

    /// Writes the tables that have changed.
    /// - Returns: files that could not be written.
    package func save(_ options: TextOptions) -> [String] {
        self.state.withLock { state in
            var failures: [String] = []
            for (name, entry) in state.tables where entry.isChanged {
                let text = entry.table.text(options.format)
                guard let file = try? self.file(of: name), SystemOutput.replaceFile(file, text) else {
                    failures.append("\(self.path)/\(name)")
                    continue
                }
                state.tables[name]?.isChanged = false
                state.tables[name]?.file = text
            }
            return failures
        }
    }

    // The pool has one connection a directory, so there is one transaction at a time.
    func begin() { self.state.withLock { $0.saved = $0.tables } }
    func commit() { self.state.withLock { $0.saved = nil } }
    func rollback() {
        self.state.withLock { state in
            if let saved = state.saved { state.tables = saved }
            state.saved = nil
        }
    }
}

/// How text files are read and written.
package struct TextOptions: Sendable, Hashable {
    package init() {}

    var separator = UInt8(ascii: ":")
    var keepsEmptyText = false
    /// Files are looked at again whenever they are used.
    var rereads = false
    var rowLimit = 100_000

    var format: TextTable.Format {
        var format = TextTable.Format()
        format.separator = self.separator
        format.keepsEmptyText = self.keepsEmptyText
        return format
    }
}

/// The directories in use, over all configurations.
package final class TextDirectories: Sendable {
    package init() {}

    private let known = Lock<[String: TextDirectory]>([:])

    func directory(_ path: String) -> TextDirectory {
        self.known.withLock { known in
            if let directory = known[path] { return directory }
            let made = TextDirectory(path: path)
            known[path] = made
            return made
        }
    }

    package var all: [TextDirectory] { self.known.withLock { Array($0.values) } }
}
