import Bytes
import SIPMessage

/// What the address table says of one address.
struct AddressEntry: Sendable, Equatable {
    /// From 1.
    var group: Int
    /// 0: any.
    var port: Int
    /// Empty: none.
    var tag: ByteString
}

/// A line of the address file, or a row of the address table.
struct AddressRow: Sendable, Equatable {
    var group: Int
    /// An address, `192.0.2.0/24`, or a host name.
    var address: ByteString
    /// Bits of the network; nil and 0: one address.
    var mask: Int?
    var port = 0
    var tag = ByteString()
}

/// Addresses, networks and host names by group; a value that a reload replaces as a whole.
struct AddressTable: Sendable {
    struct Network: Sendable, Equatable {
        var address: IPAddress
        var length: Int
        var entry: AddressEntry

        func contains(_ other: IPAddress) -> Bool { other.isInside(self.address, prefixLength: self.length) }
    }

    private(set) var hosts: [IPAddress: [AddressEntry]] = [:]
    /// By group; with `preferringLongest` the longest prefix first.
    private(set) var networks: [Network] = []
    /// By name in lower case.
    private(set) var names: [ByteString: [AddressEntry]] = [:]

    init() {}

    /// - Parameters:
    ///   - preferringLongest: the network with the longest prefix counts, not the first one.
    ///   - networkLimit: how many networks may be listed.
    /// - Throws: naming the row, from 1, that cannot be used.
    init(_ rows: [AddressRow], preferringLongest: Bool = false, networkLimit: Int = .max) throws(AddressFailure) {
        for (index, row) in rows.enumerated() {
            do throws(AddressFailure) {
                try self.add(row)
            } catch {
                throw AddressFailure(row: index + 1, error.message)
            }
            guard self.networks.count <= networkLimit else {
                throw AddressFailure(row: index + 1, "more than \(networkLimit) networks; raise max_subnets")
            }
        }
        // Sorting is stable: what is alike stays in the order of the rows.
        self.networks.sort { one, other in
            if preferringLongest, one.length != other.length { return one.length > other.length }
            return one.entry.group < other.entry.group
        }
    }

    private mutating func add(_ row: AddressRow) throws(AddressFailure) {
        guard row.group > 0 else { throw AddressFailure("group \(row.group) is not above 0") }
        guard (0...65_535).contains(row.port) else { throw AddressFailure("port \(row.port) is not from 0 to 65535") }
        let entry = AddressEntry(group: row.group, port: row.port, tag: row.tag)
        let text = row.address
        let slash = text.span.firstIndex(of: UInt8(ascii: "/"), from: 0, to: text.count)
        guard let address = IPAddress(text.span, ByteRange(0, slash)) else {
            guard slash == text.count, Self.isName(text) else {
                throw AddressFailure("'\(text)' is no address and no host name")
            }
            self.names[text.lowercased, default: []].append(entry)
            return
        }
        let width = address.isIPv6 ? 128 : 32
        var length = row.mask ?? 0
        if slash < text.count {
            guard let given = text.span.decimal(in: ByteRange(slash + 1, text.count), limit: width) else {
                throw AddressFailure("'\(text)' is no network")
            }
            length = given
            if length == 0 { return self.networks.append(Network(address: address, length: 0, entry: entry)) }
        }
        guard (0...width).contains(length) else {
            throw AddressFailure("mask \(length) of \(address) is not from 0 to \(width)")
        }
        if length == 0 || length == width {
            self.hosts[address, default: []].append(entry)
        } else {
            self.networks.append(Network(address: address, length: length, entry: entry))
        }
    }

    private static func isName(_ text: ByteString) -> Bool {
        !text.isEmpty && text.bytes.allSatisfy { $0.isLetter || $0.isDigit || $0 == 45 || $0 == 46 || $0 == 95 }
            && text.bytes.contains { !$0.isDigit && $0 != 46 }
    }

    /// The first entry that counts for an address: of its own, then of the networks it lies in.
    /// - Parameters:
    ///   - group: nil: any.
    ///   - port: entries for another port do not count.
    func entry(for address: IPAddress, port: Int, in group: Int?) -> AddressEntry? {
        if let entry = self.hosts[address]?.first(where: { Self.fits($0, port, group) }) { return entry }
        return self.networks.first { Self.fits($0.entry, port, group) && $0.contains(address) }?.entry
    }

    /// The same for a text: an address, or a host name.
    func entry(for text: ByteString, port: Int, in group: Int?) -> AddressEntry? {
        if let address = IPAddress(text.span, ByteRange(0, text.count)) {
            return self.entry(for: address, port: port, in: group)
        }
        return self.names[text.lowercased]?.first { Self.fits($0, port, group) }
    }

    private static func fits(_ entry: AddressEntry, _ port: Int, _ group: Int?) -> Bool {
        (group == nil || group == entry.group) && (entry.port == 0 || entry.port == port)
    }
}

/// Why an address table cannot be used.
struct AddressFailure: Error, Equatable {
    /// Line or row, from 1; 0: not known.
    var row = 0
    var message: String

    init(row: Int = 0, _ message: String) {
        self.row = row
        self.message = message
    }
}
