import Bytes
import Database
import ModuleKit

/// The domains that this server serves, and what is known of them; a value that a reload replaces as a whole.
struct DomainTable: Sendable {
    struct Domain: Sendable, Equatable {
        /// As the table spells it.
        var name: ByteString
        /// What its attributes are kept under; the name when the table has none.
        var id: ByteString
    }

    struct Attribute: Sendable, Equatable {
        var name: ByteString
        var value: StoredValue
    }

    enum StoredValue: Sendable, Equatable {
        case int(Int)
        case text(ByteString)
    }

    /// By name in lower case.
    private(set) var domains: [ByteString: Domain] = [:]
    /// By id, in the order of the rows.
    private(set) var attributes: [ByteString: [Attribute]] = [:]

    init() {}

    /// - Throws: a sentence about the row that cannot be used.
    init(domains: Rows, attributes: Rows) throws(ModuleError) {
        for row in domains {
            guard let name = row[0].text, !name.isEmpty else { continue }
            let id = row[1].text.flatMap { $0.isEmpty ? nil : $0 } ?? name
            self.domains[ByteString(name.bytes.map(\.lowercased))] = Domain(name: name, id: id)
        }
        for (index, row) in attributes.enumerated() {
            guard let id = row[0].text, let name = row[1].text, !name.isEmpty else { continue }
            let value: StoredValue
            switch row[2].int {
            case 0:
                guard let number = row[3].int else {
                    throw ModuleError(
                        "row \(index + 1): attribute \(name) of \(id) is of type 0, and '\(row[3].text ?? "")' is no number"
                    )
                }
                value = .int(number)
            case 2: value = .text(row[3].text ?? "")
            default:
                throw ModuleError("row \(index + 1): attribute \(name) of \(id) has a type that is neither 0 nor 2")
            }
            self.attributes[id, default: []].append(Attribute(name: name, value: value))
        }
    }

    func domain(_ span: Span<UInt8>, _ range: ByteRange) -> Domain? {
        guard range.isPresent, range.count > 0 else { return nil }
        var name = ByteString(span, range)
        for index in name.bytes.indices { name.bytes[index] = name.bytes[index].lowercased }
        return self.domains[name]
    }
}
