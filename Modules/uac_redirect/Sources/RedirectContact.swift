import Bytes
import SIPMessage

/// A contact of a redirect.
struct RedirectContact {
    var uri: ByteString
    /// Thousandths.
    var q: Int
    /// The parameter `flags`, a decimal number.
    var flags: UInt32?

    /// The contacts of a reply that can be sent to, best q first; of equal ones the last first, as scripts
    /// know it.
    /// - Parameter standard: q of those that have none, in thousandths.
    static func all(in reply: Message, standard: Int) -> [RedirectContact] {
        var found: [RedirectContact] = []
        let span = reply.span
        reply.forEachNameAddress(in: .contact) { address in
            guard address.isValid, !address.isStar, let uri = SIPURI(span, address.uri), uri.isSIP else { return true }
            let flags = address.parameter(span, named: ("flags" as StaticString).span)
            found.append(
                RedirectContact(
                    uri: ByteString(span, address.uri), q: address.q >= 0 ? Int(address.q) : standard,
                    flags: flags.flatMap { span.decimal(in: $0, limit: Int(UInt32.max)) }.map { UInt32($0) }))
            return true
        }
        return found.enumerated().sorted { ($0.element.q, $0.offset) > ($1.element.q, $1.offset) }.map(\.element)
    }
}
