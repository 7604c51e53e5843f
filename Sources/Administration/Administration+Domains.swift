import Bytes
import Database
import ModuleKit

/// Served domains (tables `domain` and `domain_attrs`, module domain). The server reads them with `domain.reload`.
extension Administration {
    private func requireDomains() throws { try self.require(.domain, "domain", "did", "last_modified") }
    private func requireAttributes() throws {
        try self.require(.domainAttrs, "did", "name", "type", "value", "last_modified")
    }

    private func row(of domain: ByteString) throws -> (name: ByteString, id: ByteString)? {
        let rows = try self.session.query(
            Select(["domain", "did"], from: "domain", where: [Condition("domain", .equal, .string(domain))], limit: 1))
        guard let name = rows.first?[0].text else { return nil }
        let id = rows.first?[1].text
        return (name, id.flatMap { $0.isEmpty ? nil : $0 } ?? name)
    }

    private func noDomain(_ domain: ByteString) -> AdministrationError {
        AdministrationError("there is no domain \(domain)")
    }

    /// - Parameters:
    ///   - id: what its attributes are kept under; nil: its name.
    ///   - now: seconds since 1970.
    public func addDomain(_ domain: ByteString, id: ByteString?, now: Int) throws {
        let name = try AccountName.checked(domain, "a domain")
        let id = try id.map { try AccountName.checked($0, "an id") }
        guard !name.bytes.contains(where: { " @/;?".utf8.contains($0) }) else {
            throw AdministrationError("'\(name)' is no domain")
        }
        try self.requireDomains()
        try self.session.transaction {
            guard try self.row(of: name) == nil else {
                throw AdministrationError("there is a domain \(name) already")
            }
            try self.session.insert(
                Insert(
                    into: "domain",
                    ["domain": .string(name), "did": .string(id ?? name), "last_modified": .time(now)]))
        }
    }

    /// Removes a domain, and its attributes unless another one has the same id.
    /// - Returns: how many attributes went with it.
    public func removeDomain(_ domain: ByteString) throws -> Int {
        try self.requireDomains()
        return try self.session.transaction {
            guard let row = try self.row(of: domain) else { throw self.noDomain(domain) }
            _ = try self.remove(.domain, [Condition("domain", .equal, .string(domain))])
            guard try self.exists(.domainAttrs),
                try !self.isThere(.domain, [Condition("did", .equal, .string(row.id))])
            else { return 0 }
            return try self.remove(.domainAttrs, [Condition("did", .equal, .string(row.id))])
        }
    }

    /// - Parameter domain: only that one; nil: all.
    public func domains(_ domain: ByteString? = nil) throws -> Listing {
        try self.requireDomains()
        var filter = Filter.everything
        if let domain { filter.conditions = [Condition("domain", .equal, .string(domain))] }
        let rows = try self.session.query(Select(["domain", "did"], from: "domain", where: filter, order: ["domain"]))
        if let domain, rows.isEmpty { throw self.noDomain(domain) }
        var attributes: [ByteString: [RPCValue.Member]] = [:]
        if try self.exists(.domainAttrs) {
            try self.requireAttributes()
            let stored = try self.session.query(
                Select(["did", "name", "type", "value"], from: "domain_attrs", order: ["did", "name"]))
            for row in stored {
                guard let id = row[0].text, let name = row[1].text else { continue }
                let value = row[2].int == 0 ? row[3].int.map { RPCValue.int($0) } : nil
                attributes[id, default: []].append(.init(name.string, value ?? row[3].answer))
            }
        }
        var listing = Listing(["domain", "did", "attributes"])
        listing.rows = rows.map { row in
            let id = row[1].text.flatMap { $0.isEmpty ? nil : $0 } ?? row[0].text ?? ""
            return [row[0].answer, .text(id), .structure(attributes[id] ?? [])]
        }
        return listing
    }

    /// Sets an attribute of a domain: a number (type 0 of the column) when it looks like one and `isText` does not say
    /// otherwise.
    public func setAttribute(
        _ name: ByteString, _ value: ByteString, isText: Bool, ofDomain domain: ByteString, now: Int
    ) throws {
        let name = try AccountName.checked(name, "the name of an attribute", limit: 32)
        let value = try AccountName.checked(value, "the value of an attribute", limit: 255, mayBeEmpty: true)
        try self.requireDomains()
        try self.requireAttributes()
        try self.session.transaction {
            guard let row = try self.row(of: domain) else { throw self.noDomain(domain) }
            _ = try self.remove(.domainAttrs, Self.attribute(name, row.id))
            let isNumber = !isText && Int(value.string) != nil
            try self.session.insert(
                Insert(
                    into: "domain_attrs",
                    [
                        "did": .string(row.id), "name": .string(name), "type": .int(isNumber ? 0 : 2),
                        "value": .string(value), "last_modified": .time(now),
                    ]))
        }
    }

    public func removeAttribute(_ name: ByteString, ofDomain domain: ByteString) throws {
        try self.requireDomains()
        try self.requireAttributes()
        try self.session.transaction {
            guard let row = try self.row(of: domain) else { throw self.noDomain(domain) }
            guard try self.remove(.domainAttrs, Self.attribute(name, row.id)) > 0 else {
                throw AdministrationError("domain \(domain) has no attribute \(name)")
            }
        }
    }

    private static func attribute(_ name: ByteString, _ id: ByteString) -> Filter {
        [Condition("did", .equal, .string(id)), Condition("name", .equal, .string(name))]
    }
}
