import Bytes
import ModuleKit

extension SIPUtils {
    public struct Settings: Sendable {
        var accept = ByteString("*/*")
        var acceptEncoding = ByteString()
        var acceptLanguage = ByteString("en")
        var supported = ByteString()
        var maxDigits = 16
        var contactSeparator = ByteString("*")
        var rpidPrefix = ByteString()
        var rpidSuffix = ByteString(";party=calling;id-type=subscriber;screen=yes")
        var rpidAttribute = ByteString("$avp(s:rpid)")
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("options_accept", \.accept, "Accept in the answer to OPTIONS."),
            ModuleParameter("options_accept_encoding", \.acceptEncoding, "Accept-Encoding in the answer to OPTIONS."),
            ModuleParameter("options_accept_language", \.acceptLanguage, "Accept-Language in the answer to OPTIONS."),
            ModuleParameter("options_support", \.supported, "Supported in the answer to OPTIONS."),
            ModuleParameter("e164_max_len", \.maxDigits, in: 3...32, "Length of the longest E.164 number, + included."),
            ModuleParameter(
                "contact_flds_separator", \.contactSeparator,
                "Character between the fields that encode_contact() writes."),
            ModuleParameter("rpid_prefix", \.rpidPrefix, "What append_rpid_hf() writes before the value."),
            ModuleParameter("rpid_suffix", \.rpidSuffix, "What append_rpid_hf() writes behind the value."),
            ModuleParameter("rpid_avp", \.rpidAttribute, "The $avp that holds the value of Remote-Party-ID."),
        ]
    }

    /// The attribute that `$avp(name)` names.
    static func attribute(_ text: ByteString) throws -> AttributeName {
        let word = text.string
        guard word.hasPrefix("$avp("), word.hasSuffix(")"), word.utf8.count > 6 else {
            throw ModuleError("rpid_avp is an $avp, not \(word)")
        }
        let name = word.dropFirst(5).dropLast()
        if name.hasPrefix("i:"), let number = Int(name.dropFirst(2)) { return .number(number) }
        return .text(ByteString(String(name.hasPrefix("s:") ? name.dropFirst(2) : name)))
    }
}
