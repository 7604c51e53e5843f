import Bytes
import Database
import ModuleKit
import SIPMessage

/// Addresses and trusted peers (tables `address` and `trusted`, module permissions). The server reads them with
/// `permissions.addressReload` and `permissions.trustedReload`.
extension Administration {
    /// One row of `address`.
    public struct Address: Sendable, Equatable {
        public var group: Int
        public var host: ByteString
        /// Bits of the network.
        public var mask: Int
        /// 0: any.
        public var port: Int
        public var tag: ByteString?

        /// - Parameters:
        ///   - text: an address, `address/bits`, or a host name.
        ///   - mask: nil: that of the text, else that of one host.
        /// - Throws: `AdministrationError` for what the module could not read.
        public init(
            group: Int, _ text: String, mask: Int?, port: Int, tag: String?
        ) throws(AdministrationError) {
            guard (1...0xffff_ffff).contains(group) else {
                throw AdministrationError("groups are numbered from 1, so there is no \(group)")
            }
            guard (0...65535).contains(port) else { throw AdministrationError("there is no port \(port)") }
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let host = ByteString(String(parts.first ?? ""))
            var bits = mask
            if parts.count == 2 {
                guard mask == nil, let number = Int(parts[1]) else {
                    throw AdministrationError("'\(text)' is no network: write 192.0.2.0/24, or the bits behind it")
                }
                bits = number
            }
            let ip = IPAddress(host.string)
            let most = ip.map { $0.isIPv6 ? 128 : 32 }
            if let most, let bits, !(0...most).contains(bits) {
                throw AdministrationError("a mask of \(text) has 0 to \(most) bits, not \(bits)")
            }
            if most == nil, bits != nil { throw AdministrationError("'\(host)' is no address, so it has no mask") }
            guard most != nil || Self.isName(host) else {
                throw AdministrationError("'\(host)' is neither an address nor a host name")
            }
            self.group = group
            self.host = try AccountName.checked(host, "an address", limit: 50)
            self.mask = bits ?? most ?? 32
            self.port = port
            self.tag = try tag.map { tag throws(AdministrationError) in
                try AccountName.checked(ByteString(tag), "a tag", mayBeEmpty: true)
            }
        }

        private static func isName(_ text: ByteString) -> Bool {
            !text.isEmpty
                && text.bytes.allSatisfy {
                    $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
                }
                && text.bytes.contains { $0.isLetter }
        }

        var filter: Filter {
            [
                Condition("grp", .equal, .int(self.group)), Condition("ip_addr", .equal, .string(self.host)),
                Condition("mask", .equal, .int(self.mask)), Condition("port", .equal, .int(self.port)),
            ]
        }
    }

    private func requireAddresses() throws { try self.require(.address, "grp", "ip_addr", "mask", "port", "tag") }

    public func addAddress(_ address: Address) throws {
        try self.requireAddresses()
        try self.session.transaction {
            guard try !self.isThere(.address, address.filter) else {
                throw AdministrationError(
                    "\(address.host)/\(address.mask) with port \(address.port) is in group \(address.group) already")
            }
            try self.session.insert(
                Insert(
                    into: "address",
                    [
                        "grp": .int(address.group), "ip_addr": .string(address.host), "mask": .int(address.mask),
                        "port": .int(address.port), "tag": DatabaseValue(address.tag),
                    ]))
        }
    }

    /// - Returns: how many rows that were.
    public func removeAddress(_ host: ByteString, group: Int, mask: Int? = nil, port: Int? = nil) throws -> Int {
        try self.requireAddresses()
        return try self.session.transaction {
            var filter: Filter = [
                Condition("grp", .equal, .int(group)), Condition("ip_addr", .equal, .string(host)),
            ]
            if let mask { filter.conditions.append(Condition("mask", .equal, .int(mask))) }
            if let port { filter.conditions.append(Condition("port", .equal, .int(port))) }
            let count = try self.remove(.address, filter)
            guard count > 0 else { throw AdministrationError("group \(group) has no address \(host)") }
            return count
        }
    }

    /// - Parameter group: only that one; nil: all.
    public func addresses(group: Int? = nil) throws -> Listing {
        try self.requireAddresses()
        var filter = Filter.everything
        if let group { filter.conditions = [Condition("grp", .equal, .int(group))] }
        let columns: [ByteString] = ["grp", "ip_addr", "mask", "port", "tag"]
        var listing = Listing(["group", "address", "mask", "port", "tag"])
        listing.rows = try self.session.query(
            Select(columns, from: "address", where: filter, order: ["grp", "ip_addr", "port"])
        ).map { $0.values.map(\.answer) }
        return listing
    }

    // MARK: Trusted peers

    /// One row of `trusted`.
    public struct Peer: Sendable, Equatable {
        public static let protocols = ["any", "udp", "tcp", "tls", "sctp", "ws", "wss", "none"]
        public var source: ByteString
        public var proto: ByteString
        public var from: ByteString?
        public var requestURI: ByteString?
        public var tag: ByteString?
        public var priority: Int

        /// - Throws: `AdministrationError` for what the module could not read, a broken regular expression for one.
        public init(
            _ source: String, _ proto: String, from: String? = nil, requestURI: String? = nil, tag: String? = nil,
            priority: Int = 0
        ) throws(AdministrationError) {
            self.source = try AccountName.checked(ByteString(source), "an address", limit: 50)
            guard Self.protocols.contains(proto.lowercased()) else {
                throw AdministrationError(
                    "'\(proto)' is no protocol: \(Self.protocols.joined(separator: ", "))")
            }
            self.proto = ByteString(proto.lowercased())
            self.from = try Self.pattern(from)
            self.requestURI = try Self.pattern(requestURI)
            self.tag = try tag.map { tag throws(AdministrationError) in
                try AccountName.checked(ByteString(tag), "a tag", mayBeEmpty: true)
            }
            self.priority = priority
        }

        private static func pattern(_ text: String?) throws(AdministrationError) -> ByteString? {
            guard let text, !text.isEmpty else { return nil }
            let pattern = try AccountName.checked(ByteString(text), "a pattern")
            do throws(RegularExpression.Failure) {
                _ = try RegularExpression(pattern)
            } catch {
                throw AdministrationError("'\(text)' is no regular expression: \(error.message)")
            }
            return pattern
        }
    }

    private func requirePeers() throws {
        try self.require(.trusted, "src_ip", "proto", "from_pattern", "ruri_pattern", "tag", "priority")
    }

    public func addPeer(_ peer: Peer) throws {
        try self.requirePeers()
        try self.session.transaction {
            let filter: Filter = [
                Condition("src_ip", .equal, .string(peer.source)), Condition("proto", .equal, .string(peer.proto)),
                Condition("from_pattern", .equal, DatabaseValue(peer.from)),
                Condition("ruri_pattern", .equal, DatabaseValue(peer.requestURI)),
            ]
            guard try !self.isThere(.trusted, filter) else {
                throw AdministrationError("\(peer.source) is trusted that way already")
            }
            try self.session.insert(
                Insert(
                    into: "trusted",
                    [
                        "src_ip": .string(peer.source), "proto": .string(peer.proto),
                        "from_pattern": DatabaseValue(peer.from), "ruri_pattern": DatabaseValue(peer.requestURI),
                        "tag": DatabaseValue(peer.tag), "priority": .int(peer.priority),
                    ]))
        }
    }

    /// - Returns: how many rows that were.
    public func removePeer(_ source: ByteString) throws -> Int {
        try self.requirePeers()
        return try self.session.transaction {
            let count = try self.remove(.trusted, [Condition("src_ip", .equal, .string(source))])
            guard count > 0 else { throw AdministrationError("there is no trusted peer \(source)") }
            return count
        }
    }

    public func peers() throws -> Listing {
        try self.requirePeers()
        let columns: [ByteString] = ["src_ip", "proto", "from_pattern", "ruri_pattern", "tag", "priority"]
        var listing = Listing(columns.map(\.string))
        listing.rows = try self.session.query(Select(columns, from: "trusted", order: ["src_ip", "proto"])).map {
            $0.values.map(\.answer)
        }
        return listing
    }
}
