import Bytes
import ModuleKit
import SIPMessage

/// The `corex` module: branches, sockets, raw sending, extended message flags.
public final class Corex: ServerModule {
    public static let name = "corex"
    public static let summary = "Branches, sockets, raw sending, extended message flags."

    let host: any ModuleHost

    public init(_ settings: Settings, host: any ModuleHost) throws { self.host = host }

    public var functions: [ScriptFunction] {
        self.branchFunctions + self.socketFunctions + self.sendFunctions + self.flagFunctions + self.questionFunctions
            + ScriptFunction.notYet(
                "is_incoming", "msg_iflag_set", "msg_iflag_reset", "msg_iflag_is_set", "file_read", "file_write",
                "via_add_srvid", "via_add_xavp_params", "via_use_xavp_fields", "via_reply_add_xavp_params",
                "forward_uac", "forward_uac_uri", "msg_vbflag_set", "msg_vbflag_is_set", "msg_vbflag_reset",
                "msg_vbflag_parse"
            )
    }

    public var variables: [ScriptVariable] { ScriptVariable.notYet("cfg", "lsock", "atkv") }
}

extension Corex {
    public struct Settings: Sendable {
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        ModuleParameter.notYet(.text, "alias_subdomains", "dns_cache", "dns_file", "nio_msg_avp", "evcb_reply_out")
            + ModuleParameter.notYet(.int, "nio_intercept", "nio_min_msg_len")
    }
}
