import Bytes
import ModuleKit

extension Registrar {
    public struct Settings: Sendable {
        var defaultExpires: LiveNumber = 3600
        var defaultExpiresRange: LiveNumber = 0
        var expiresRange: LiveNumber = 0
        var minExpires: LiveNumber = 60
        var maxExpires: LiveNumber = 0
        var minExpiresMode = 0
        var defaultQ: LiveNumber = -1
        var appendsBranches = true
        var isCaseSensitive = false
        var realmPrefix = ByteString()
        var receivedParameter = ByteString("received")
        var receivedVariable = ByteString()
        var maxContacts: LiveNumber = 0
        var retryAfter: LiveNumber = 0
        var filtersMethods = false
        var usesPath = false
        var pathMode = 2
        var contactMaxSize = 512
        var gruuEnabled = 1
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        let week = 0...Int(Int32.max)
        return [
            .live("default_expires", \.defaultExpires, in: week, "Seconds when the REGISTER names none."),
            .live(
                "default_expires_range", \.defaultExpiresRange, in: 0...100,
                "Up to so many percent are taken off the default at random."),
            .live(
                "expires_range", \.expiresRange, in: 0...100,
                "Up to so many percent are taken off what was asked for at random."),
            .live("min_expires", \.minExpires, in: week, "Least seconds that a binding lives."),
            .live(
                "max_expires", \.maxExpires, in: week, "Most seconds that a binding lives; 0 for any number."),
            ModuleParameter(
                "min_expires_mode", \.minExpiresMode, in: 0...1,
                "What becomes of less than min_expires: 0 raised, 1 refused with 423."),
            .live(
                "default_q", \.defaultQ, in: -1...1000,
                "Quality in thousandths when the contact names none; -1 for none."),
            ModuleParameter("append_branches", \.appendsBranches, "lookup adds the further contacts as branches."),
            ModuleParameter("case_sensitive", \.isCaseSensitive, "User names differ by case."),
            ModuleParameter("realm_prefix", \.realmPrefix, "Taken off the front of the domain."),
            ModuleParameter(
                "received_param", \.receivedParameter, "Contact parameter with the address a REGISTER came from."),
            ModuleParameter("received_avp", \.receivedVariable, "Variable with the URI that a REGISTER came from."),
            .live(
                "max_contacts", \.maxContacts, in: 0...10_000, "Most bindings of one user; 0 for any number."),
            .live(
                "retry_after", \.retryAfter, in: 0...86_400, "Seconds in Retry-After of a 503; 0 for none."),
            ModuleParameter(
                "method_filtering", \.filtersMethods, "lookup leaves out contacts that do not take the method."),
            ModuleParameter("use_path", \.usesPath, "Path header fields are stored and followed (RFC 3327)."),
            ModuleParameter(
                "path_mode", \.pathMode, in: 0...2,
                "0 stores silently, 1 answers with Path when supported, 2 refuses Path without Supported: path."),
            ModuleParameter("contact_max_size", \.contactMaxSize, in: 16...65_535, "Most bytes of a contact's URI."),
            ModuleParameter(
                "gruu_enabled", \.gruuEnabled, in: 0...1,
                "Accepted; no GRUUs (RFC 5627) are made yet. lookup resolves those with an instance."),
            ModuleParameter("outbound_mode", .int, default: "0", "Only 0, off, is built.") { _, value in
                guard case .int(0) = value else {
                    throw ArgumentError("outbound_mode other than 0 of module registrar is not built yet")
                }
            },
        ]
            + ModuleParameter.notYet(
                .int, "sock_mode", "sock_flag", "path_use_received", "path_check_local", "xavp_rcd_mask", "regid_mode",
                "flow_timer", "lookup_filter_mode", "use_expired_contacts")
            + ModuleParameter.notYet(.text, "sock_hdr_name", "xavp_cfg", "xavp_rcd", "event_callback")
    }
}
