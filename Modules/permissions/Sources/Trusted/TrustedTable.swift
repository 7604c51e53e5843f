import Bytes
import Database
import SIPMessage

/// A peer of the trusted table.
struct TrustedPeer: Sendable {
    enum Source: Sendable, Equatable {
        case any
        case address(IPAddress)
    }

    var source: Source
    /// nil: any.
    var transport: TransportProtocol?
    /// nil: any.
    var from: RegularExpression?
    var requestURI: RegularExpression?
    var tag: ByteString
    var priority: Int

    /// - Throws: a sentence naming what is wrong with the row.
    init(
        source: ByteString, proto: ByteString, from: ByteString, requestURI: ByteString, tag: ByteString, priority: Int
    )
        throws(AddressFailure)
    {
        if source.lowercased == "any" {
            self.source = .any
        } else if let address = IPAddress(source.span, ByteRange(0, source.count)) {
            self.source = .address(address)
        } else {
            throw AddressFailure("source '\(source)' is neither an address nor 'any'")
        }
        if proto.lowercased != "any" {
            guard let transport = TransportProtocol(parsing: proto.span, ByteRange(0, proto.count)) else {
                throw AddressFailure("protocol '\(proto)' is not any, udp, tcp, tls, sctp, ws or wss")
            }
            self.transport = transport
        }
        self.from = try Self.pattern(from)
        self.requestURI = try Self.pattern(requestURI)
        self.tag = tag
        self.priority = priority
    }

    private static func pattern(_ text: ByteString) throws(AddressFailure) -> RegularExpression? {
        if text.isEmpty { return nil }
        do {
            return try RegularExpression(text, ignoringCase: false)
        } catch {
            throw AddressFailure("'\(text)' is no regular expression: \(error.message)")
        }
    }

    /// - Parameter transport: nil: whatever the peer is trusted over.
    func trusts(
        _ address: IPAddress, _ transport: TransportProtocol?, from: Span<UInt8>, requestURI: Span<UInt8>
    ) -> Bool {
        if case .address(let own) = self.source, own != address { return false }
        if let own = self.transport, let transport, own != transport { return false }
        if let pattern = self.from, !pattern.matches(from) { return false }
        if let pattern = self.requestURI, !pattern.matches(requestURI) { return false }
        return true
    }
}

/// Rows of a trusted table, the highest priority first.
struct TrustedTable: Sendable {
    private(set) var peers: [TrustedPeer] = []
    /// What was wrong with rows that do not count.
    private(set) var complaints: [String] = []

    init() {}

    init(_ rows: Rows, _ columns: Permissions.TrustedColumns) {
        for row in rows {
            do throws(AddressFailure) {
                self.peers.append(
                    try TrustedPeer(
                        source: row[columns.source].text ?? "", proto: row[columns.proto].text ?? "",
                        from: row[columns.from].text ?? "", requestURI: row[columns.requestURI].text ?? "",
                        tag: row[columns.tag].text ?? "", priority: row[columns.priority].int ?? 0))
            } catch {
                self.complaints.append(error.message)
            }
        }
        self.peers.sort { $0.priority > $1.priority }
    }
}
