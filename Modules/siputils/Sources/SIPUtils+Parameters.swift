import Bytes
import ModuleKit

extension SIPUtils {
    public struct Settings: Sendable {
        var accept = ByteString("*/*")
        var acceptEncoding = ByteString()
        var acceptLanguage = ByteString("en")
        var supported = ByteString()
        var maxDigits = 16
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
        ] + ModuleParameter.notYet(.text, "contact_flds_separator", "rpid_prefix", "rpid_suffix", "rpid_avp")
    }
}
