import Bytes
import Digests
import ModuleKit

extension Authentication {
    public struct Settings: Sendable {
        var secret = ByteString()
        var nonceLifetime = 300
        var nonceDrift = 3
        var protectsContacts = 0
        var challengeVariable = ByteString()
        var proxyHeader = ByteString("Proxy-Authenticate")
        var wwwHeader = ByteString("WWW-Authenticate")
        var protection = ByteString()
        var checksOfRegister = 0
        var checksOutsideDialog = 0
        var checksInDialog = 0
        var countsNonces = false
        var usesNoncesOnce = false
        var ledgerSize = 1 << 20
        var ledgerOrder = 20
        var partitions = 1
        var forcesStateless = false
        var realmPrefix = ByteString()
        var usesDomain = false
        /// nil: MD5, and challenges do not name it.
        var algorithm: DigestAlgorithm?
        var addsInfo = false
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "secret", \.secret,
                "What nonces are sealed with: the same on all servers of a cluster; empty for one drawn at random."),
            ModuleParameter("nonce_expire", \.nonceLifetime, in: 1...604_800, "Seconds for which a nonce holds."),
            ModuleParameter(
                "nonce_auth_max_drift", \.nonceDrift, in: 0...86_400,
                "Seconds by which a nonce may come from the future, for clusters whose clocks differ."),
            ModuleParameter("protect_contacts", \.protectsContacts, in: 0...1, "Accepted; obsolete."),
            ModuleParameter(
                "challenge_attr", \.challengeVariable, "Variable that gets the header field of a challenge."),
            ModuleParameter("proxy_challenge_header", \.proxyHeader, "Name of the field in a 407."),
            ModuleParameter("www_challenge_header", \.wwwHeader, "Name of the field in a 401."),
            ModuleParameter(
                "qop", .text, default: "", "Accepted: auth, auth-int or nothing; the flags of a challenge say it."
            ) { settings, value in
                guard case .text(let text) = value, ["", "auth", "auth-int"].contains(text.string) else {
                    throw ArgumentError("qop of module auth is auth, auth-int or empty")
                }
                settings.protection = text
            },
            ModuleParameter(
                "auth_checks_register", \.checksOfRegister, in: 0...15,
                "What the nonce for a REGISTER holds for: sum of 1 (Request-URI), 2 (Call-ID), 4 (From tag), 8 (source address)."
            ),
            ModuleParameter(
                "auth_checks_no_dlg", \.checksOutsideDialog, in: 0...15, "The same for other requests outside dialogs."),
            ModuleParameter(
                "auth_checks_in_dlg", \.checksInDialog, in: 0...15, "The same for requests in dialogs."),
            ModuleParameter(
                "nonce_count", \.countsNonces, "With qop, each count of a nonce is good once (RFC 7616 §3.4, nc)."),
            ModuleParameter(
                "nc_array_size", \.ledgerSize, in: 1024...(1 << 26), "Nonces in use that are remembered at most."),
            ModuleParameter("nc_array_order", .int, default: "20", "The same, as a power of two.") { settings, value in
                try settings.setLedger(value)
            },
            ModuleParameter("one_time_nonce", \.usesNoncesOnce, "A nonce is good for one request."),
            ModuleParameter(
                "otn_in_flight_no", \.ledgerSize, in: 1024...(1 << 26), "As nc_array_size: both count used nonces."),
            ModuleParameter("otn_in_flight_order", .int, default: "20", "The same, as a power of two.") {
                settings, value in try settings.setLedger(value)
            },
            ModuleParameter("nid_pool_no", \.partitions, in: 1...64, "Accepted; what is remembered is in stripes."),
            ModuleParameter(
                "force_stateless_reply", \.forcesStateless, "Challenges are sent without the transaction."),
            ModuleParameter("realm_prefix", \.realmPrefix, "Taken off the front of realms."),
            ModuleParameter("use_domain", \.usesDomain, "pv_auth_check compares the domain too."),
            ModuleParameter(
                "algorithm", .text, default: "", "Hash function: MD5, SHA-256, SHA-512 or SHA-512-256; empty for MD5."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                settings.algorithm = try AlgorithmList(text).first
            },
            ModuleParameter(
                "add_authinfo_hdr", \.addsInfo, "The reply to a right answer has Authentication-Info (RFC 7616 §3.5)."),
        ]
    }
}

extension Authentication.Settings {
    fileprivate mutating func setLedger(_ value: ParameterValue) throws {
        guard case .int(let order) = value, (10...26).contains(order) else {
            throw ArgumentError("it is a power of two from 10 to 26")
        }
        self.ledgerSize = 1 << order
    }
}

/// Names of hash functions, with commas between them.
final class AlgorithmList: Sendable {
    let algorithms: [DigestAlgorithm]
    var first: DigestAlgorithm? { self.algorithms.first }

    /// - Throws: `ArgumentError` naming the one that is unknown.
    init(_ text: ByteString) throws {
        self.algorithms = try text.bytes.split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 <= 32 }).map { part in
            let name = ByteString(Array(part))
            guard let algorithm = DigestAlgorithm(name.span, ByteRange(start: 0, count: name.count)) else {
                throw ArgumentError("\(name) is none of MD5, SHA-256, SHA-512, SHA-512-256")
            }
            return algorithm
        }
    }
}
