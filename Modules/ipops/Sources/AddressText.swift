import Bytes
import SIPMessage

/// An address as a script wrote it, read strictly: no blanks, no leading zeros, no scope.
struct AddressText {
    /// The numbers are what `ip_type` answers.
    enum Form: Int {
        case ipv4 = 1
        case ipv6 = 2
        /// IPv6 in brackets, as in URIs.
        case reference = 3
    }

    let form: Form
    let address: IPAddress

    init?(_ text: ByteString) {
        let bytes = text.bytes
        guard let first = bytes.first, let address = IPAddress(text.span, ByteRange(start: 0, count: text.count)) else {
            return nil
        }
        self.address = address
        if first == UInt8(ascii: "[") {
            self.form = .reference
        } else if address.isIPv6 {
            self.form = .ipv6
        } else {
            // 010 would be 8 to some and 10 to others.
            let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard parts.allSatisfy({ $0.count == 1 || $0.first != UInt8(ascii: "0") }) else { return nil }
            self.form = .ipv4
        }
    }

    /// The same, but nil for an address in brackets.
    init?(pure text: ByteString) {
        guard let read = AddressText(text), read.form != .reference else { return nil }
        self = read
    }
}

/// `192.0.2.0/24`, `2001:db8::/32`, or one address.
struct Subnet {
    let network: IPAddress
    let prefixLength: Int

    init?(_ text: ByteString) {
        let parts = text.bytes.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = AddressText(pure: ByteString(Array(first))) else { return nil }
        self.network = address.address
        let width = address.address.isIPv6 ? 128 : 32
        guard parts.count > 1 else {
            self.prefixLength = width
            return
        }
        let digits = ByteString(Array(parts[1]))
        guard let length = digits.span.decimal(in: ByteRange(start: 0, count: digits.count), limit: width) else {
            return nil
        }
        self.prefixLength = length
    }

    func contains(_ address: IPAddress) -> Bool { address.isInside(self.network, prefixLength: self.prefixLength) }

    /// The members of a comma list that are subnets; others are passed over.
    static func list(_ text: ByteString) -> [Subnet] {
        text.bytes.split(separator: UInt8(ascii: ",")).compactMap { member in
            var member = member
            while member.first?.isBlank == true { member = member.dropFirst() }
            while member.last?.isBlank == true { member = member.dropLast() }
            return Subnet(ByteString(Array(member)))
        }
    }
}
