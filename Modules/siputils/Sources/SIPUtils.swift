import Bytes
import ModuleKit
import SIPMessage

/// The `siputils` module: questions about messages, URIs and numbers, and small changes to URIs.
public final class SIPUtils: ServerModule {
    public static let name = "siputils"
    public static let summary = "Questions about messages, URIs and numbers."

    let settings: Settings
    let host: any ModuleHost
    let replies: LocalReply
    let identifiers: UniqueIdentifiers

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.replies = LocalReply(host: host)
        self.identifiers = host.shared("siputils.identifiers") { UniqueIdentifiers() }
    }

    public var functions: [ScriptFunction] {
        self.messageFunctions + self.textFunctions + self.requestURIFunctions + self.uriFunctions
            + ScriptFunction.notYet(
                "is_user", "is_rpid_user_e164", "append_rpid_hf", "encode_contact", "decode_contact",
                "decode_contact_header", "sip_p_charging_vector", "contact_param_encode",
                "contact_param_encode_alias", "contact_param_decode", "contact_param_decode_ruri",
                "contact_param_decode_uri", "contact_param_rm", "contact_param_check", "hdr_date_check",
                "ring_insert_callid", "is_uri_valid", "tel2sip2"
            )
    }

    public var variables: [ScriptVariable] {
        [
            ScriptVariable("sruid", summary: "A fresh identifier that no other server or restart makes.") {
                [identifiers] _ in .bytes(identifiers.next())
            }
        ] + ScriptVariable.notYet("pcv")
    }
}
