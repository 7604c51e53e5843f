import Bytes
import Database
import ModuleKit

/// The fields of `xavp_contact` as rows of `location_attrs`. `atype` is 0 for text, 1 for a number.
enum AttributeRows {
    static let table: ByteString = "location_attrs"
    static let columns: [ByteString] = ["ruid", "username", "domain", "aname", "atype", "avalue", "last_modified"]

    static func values(_ row: LocationRow, usesDomain: Bool) -> [[DatabaseValue]] {
        guard let attributes = row.attributes else { return [] }
        let (user, domain) = LocationRow.split(row.address, usesDomain: usesDomain)
        return (0..<attributes.count).reversed().compactMap { position in
            let (name, item) = attributes.entry(at: position)
            let type: Int
            let text: ByteString
            switch item {
            case .value(.int(let number)): (type, text) = (1, ByteString(decimal: number))
            case .value(.bytes(let bytes)), .value(.labelled(_, let bytes)): (type, text) = (0, bytes)
            case .value(.null), .value(.slice), .fields: return nil
            }
            return [
                .string(row.ruid), .string(user), domain.map { .string($0) } ?? .null, .string(name), .int(type),
                .string(text), .time(row.lastModified),
            ]
        }
    }

    /// The fields of all bindings by `ruid`.
    static func read(_ session: DatabaseSession) throws -> [ByteString: NamedStacks] {
        var found: [ByteString: NamedStacks] = [:]
        try session.fetch(Select(["ruid", "aname", "atype", "avalue"], from: Self.table, order: ["id"]), chunk: 2000) {
            for row in $0 {
                guard let ruid = row[0].text, let name = row[1].text else { continue }
                let value: Value = row[2].int == 1 ? .int(row[3].int ?? 0) : .bytes(row[3].text ?? ByteString())
                found[ruid, default: NamedStacks()].push(name, value)
            }
        }
        return found
    }
}
