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
        var appendsBranches: LiveNumber = 1
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
        var outboundMode = 0
        var regIDMode = 0
        var flowTimer = 0
        var pathUsesReceived = false
        var pathChecksLocal = false
        var socketMode = 0
        var socketFlag = -1
        var socketHeader = ByteString()
        var wishesName = ByteString()
        var recordName = ByteString()
        var recordMask = 0
        var filterMode = 0
        var usesExpired: LiveNumber = 0
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
            .live(
                "append_branches", \.appendsBranches, in: 0...1, "lookup adds the further contacts as branches."),
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
                "Contacts with an instance get GRUUs when the client knows of them (RFC 5627)."),
            ModuleParameter(
                "outbound_mode", \.outboundMode, in: 0...2,
                "Flows (RFC 5626): 0 not supported, 1 supported, 2 required of clients."),
            ModuleParameter(
                "regid_mode", \.regIDMode, in: 0...1,
                "1: a REGISTER with an instance and without reg-id means none of the flows of that instance."),
            ModuleParameter(
                "flow_timer", \.flowTimer, in: 0...86_400, "Seconds in Flow-Timer (RFC 5626 §5.4); 0 for none."),
            ModuleParameter(
                "path_use_received", \.pathUsesReceived, "The address of the client is that in the first Path."),
            ModuleParameter(
                "path_check_local", \.pathChecksLocal, "lookup leaves out a first Path value that names this server."),
            ModuleParameter(
                "sock_mode", \.socketMode, in: 0...1, "1: the advertised address of the socket is kept."),
            ModuleParameter(
                "sock_flag", \.socketFlag, in: -1...31, "With this flag the socket is that in sock_hdr_name."),
            ModuleParameter("sock_hdr_name", \.socketHeader, "Header field with the name of a socket."),
            ModuleParameter(
                "xavp_cfg", \.wishesName,
                "$xavp with what the script decides for one call: q, expires, max_contacts, socket, match_callid, match_contact, match_received, rlf_bflags."
            ),
            ModuleParameter(
                "xavp_rcd", \.recordName, "$xavp that save and lookup fill: ruid, contact, expires, received, path."),
            ModuleParameter(
                "xavp_rcd_mask", \.recordMask, in: 0...31,
                "What is left out there: sum of 1 (ruid), 2 (contact), 4 (expires), 8 (received), 16 (path)."),
            ModuleParameter(
                "lookup_filter_mode", \.filterMode, in: 0...3,
                "Sum of 1 (contacts with a branch flag of rlf_bflags only) and 2 (with a living connection only)."),
            .live(
                "use_expired_contacts", \.usesExpired, in: 0...1,
                "lookup finds contacts that have expired and are not removed yet."),
        ]
            + ModuleParameter.notYet(.text, "event_callback")
    }
}
