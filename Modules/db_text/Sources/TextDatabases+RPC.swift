import Bytes
import Database
import ModuleKit

extension TextDatabases {
    public var commands: [RPCCommand] {
        [
            RPCCommand("db_text.dump", "Writes the tables that have changed to their files.") {
                [unowned self] _ throws(RPCFault) in
                guard self.save(self.host.logger) else {
                    throw RPCFault(500, "some files cannot be written: see the log")
                }
                return []
            },
            RPCCommand(
                "db_text.query", returnsArray: true, "Does a query in the default connection: db_text.query SQL."
            ) {
                [unowned self] request throws(RPCFault) in
                guard !self.settings.defaultConnection.isEmpty else {
                    throw RPCFault(500, "default_connection is not set")
                }
                return try self.query(try request.text(0))
            },
        ]
    }

    /// One structure a row.
    private func query(_ text: ByteString) throws(RPCFault) -> [RPCValue] {
        var path = self.settings.defaultConnection
        if let url = try? DatabaseURL(path) { path = url.path }
        let connection = TextConnection(self.driver.directory(path), self.settings.options)
        do {
            var rows: [RPCValue] = []
            _ = try connection.run(.raw(text, []), chunk: 0) { part in
                rows += part.map { row in
                    .structure(zip(part.columns, row.values).map { RPCValue.Member($0.string, Self.value($1)) })
                }
            }
            return rows
        } catch {
            throw RPCFault(500, "\(error)")
        }
    }

    private static func value(_ value: DatabaseValue) -> RPCValue {
        switch value {
        case .null: .string("<null>")
        case .int(let number), .time(let number): .int(number)
        case .double(let number): .double(number)
        case .string(let text), .blob(let text): .text(text)
        }
    }
}
