import Bytes
import Database
import SIPMessage

/// What the table of aliases is asked about one URI.
struct AliasQuestion: Sendable {
    /// `d`: the domain does not count, `u`: it does, `r`: from the user to the alias.
    struct Flags: OptionSet, Sendable {
        let rawValue: Int
        static let ignoresDomain = Flags(rawValue: 1)
        static let usesDomain = Flags(rawValue: 2)
        static let isReverse = Flags(rawValue: 4)

        init(rawValue: Int) { self.rawValue = rawValue }

        /// nil for text with another letter.
        init?(_ text: ByteString) {
            self = []
            for byte in text.bytes {
                switch byte {
                case UInt8(ascii: "d"): self.insert(.ignoresDomain)
                case UInt8(ascii: "u"): self.insert(.usesDomain)
                case UInt8(ascii: "r"): self.insert(.isReverse)
                default: return nil
                }
            }
        }
    }

    let select: Select

    /// nil when the URI has no user.
    init?(_ uriText: ByteString, table: ByteString, _ flags: Flags, _ settings: Aliases.Settings) {
        guard let uri = SIPURI(uriText.span, ByteRange(0, uriText.count)), uri.user.isPresent, uri.user.count > 0 else {
            return nil
        }
        let isReverse = flags.contains(.isReverse)
        let given = isReverse ? (settings.user, settings.domain) : (settings.aliasUser, settings.aliasDomain)
        let wanted = isReverse ? (settings.aliasUser, settings.aliasDomain) : (settings.user, settings.domain)
        var conditions = [Condition(given.0, .equal, .string(ByteString(uriText.span, uri.user)))]
        if (settings.usesDomain || flags.contains(.usesDomain)) && !flags.contains(.ignoresDomain) {
            var domain = ByteString(uriText.span, uri.host)
            let prefix = settings.domainPrefix.bytes
            if !prefix.isEmpty, domain.bytes.starts(with: prefix), domain.count > prefix.count {
                domain = ByteString(Array(domain.bytes.dropFirst(prefix.count)))
            }
            conditions.append(Condition(given.1, .equal, .string(domain)))
        }
        self.select = Select([wanted.0, wanted.1], from: table, where: Filter(conditions))
    }

    /// `sip:user@domain` of each row that has both.
    static func uris(_ rows: Rows) -> [ByteString] {
        rows.compactMap { row in
            guard let user = row[0].text, let domain = row[1].text, !user.isEmpty, !domain.isEmpty else { return nil }
            return ByteString("sip:") + user + "@" + domain
        }
    }
}
