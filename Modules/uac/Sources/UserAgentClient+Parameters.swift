import Bytes
import ModuleKit

/// How replaced parties come back (`restore_mode`).
enum RestoreMode: Sendable {
    /// Of themselves, in replies and in requests of the dialog.
    case automatic
    /// In replies; in requests by `uac_restore_from` and `uac_restore_to`.
    case manual
    case none
}

extension UserAgentClient {
    public struct Settings: Sendable {
        var fromParameter = ByteString("vsf")
        var toParameter = ByteString("vst")
        var restoreMode = RestoreMode.automatic
        var password = ByteString()
        var fromVariable = ByteString()
        var toVariable = ByteString()
        var credentials: [Credential] = []
        var userVariable = ByteString()
        var realmVariable = ByteString()
        var passwordVariable = ByteString()
        /// Empty: registrations come by command only.
        var databaseURL = ByteString()
        var table = ByteString("uacreg")
        var contactAddress = ByteString()
        var timerInterval = 90
        var retryInterval = 0
        var keepsCallID = false
        var randomDelay = 0
        var isActive = true
        var cleanupInterval = 150
        var hashSize = 4
        var usesDomain = false
        var defaultSocket = ByteString()
        var reloadDelta = 30
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        self.replacementParameters + self.credentialParameters + self.registrationParameters
            + ModuleParameter.notYet(.text, "event_callback")
            + ModuleParameter.notYet(.int, "restore_dlg")
    }

    private static var replacementParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "rr_from_store_param", \.fromParameter, "Record-Route parameter that keeps what From was."),
            ModuleParameter("rr_to_store_param", \.toParameter, "Record-Route parameter that keeps what To was."),
            ModuleParameter(
                "restore_mode", .text, default: "auto",
                "How replaced parties come back: auto, manual (in requests only by uac_restore_*), none."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                switch text {
                case "auto": settings.restoreMode = .automatic
                case "manual": settings.restoreMode = .manual
                case "none": settings.restoreMode = .none
                default: throw ArgumentError("restore_mode is auto, manual or none, not \(text)")
                }
            },
            ModuleParameter(
                "restore_passwd", \.password, "Key that hides what is kept in Record-Route; not more than hides it."),
            ModuleParameter(
                "restore_from_avp", \.fromVariable,
                "AVP that gets the URI that was in From; uac_restore_from() reads it."
            ),
            ModuleParameter(
                "restore_to_avp", \.toVariable, "AVP that gets the URI that was in To; uac_restore_to() reads it."),
        ]
    }

    private static var credentialParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "credential", .text, repeatable: true, "Who we are towards a realm: `user:realm:password`."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                settings.credentials.append(try Credential(text))
            },
            ModuleParameter(
                "auth_username_avp", \.userVariable, "Variable with the user name for uac_auth(); wins over credential."
            ),
            ModuleParameter("auth_realm_avp", \.realmVariable, "Variable with the realm that they are for."),
            ModuleParameter("auth_password_avp", \.passwordVariable, "Variable with the password."),
        ]
    }

    private static var registrationParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "reg_db_url", \.databaseURL,
                "Database with the table of registrations; without it they come by uac.reg_add only."),
            ModuleParameter("reg_db_table", \.table, "Table of registrations."),
            ModuleParameter(
                "reg_contact_addr", \.contactAddress,
                "host:port for the Contact of REGISTER; without it nothing is registered that has no contact of its own."
            ),
            ModuleParameter(
                "reg_timer_interval", \.timerInterval, in: 1...86_400,
                "Seconds before its expiry that a registration is renewed at the latest."),
            ModuleParameter(
                "reg_retry_interval", \.retryInterval, in: 0...86_400,
                "Seconds from a failure to the next try; 0: as reg_timer_interval."),
            ModuleParameter(
                "reg_keep_callid", \.keepsCallID, "Whether a renewal has the Call-ID of the registration before."),
            ModuleParameter(
                "reg_random_delay", \.randomDelay, in: 0...86_400,
                "Seconds within which first registrations are spread at random."),
            ModuleParameter("reg_active", \.isActive, "Whether registrations are made; see also uac.reg_active."),
            ModuleParameter(
                "reg_gc_interval", \.cleanupInterval, in: 0...86_400,
                "Seconds from one uac.reg_reload to the next at the least."),
            ModuleParameter(
                "reg_hash_size", \.hashSize, in: 1...16,
                "Size of Kamailio's table as a power of two; accepted, here it grows by itself."),
            ModuleParameter(
                "reg_use_domain", \.usesDomain, "Whether a user is looked up together with its domain: user@domain."),
            ModuleParameter(
                "default_socket", \.defaultSocket, "Socket of requests that name none: `udp:192.0.2.1:5060`."),
            ModuleParameter(
                "reload_delta", \.reloadDelta, in: 0...86_400,
                "Seconds from the start to the first uac.reg_reload, and from one to the next, at the least."),
        ]
    }
}

/// Variables that parameters name.
struct AttributeVariables: Sendable {
    let from: VariableReference?
    let to: VariableReference?
    let user: VariableReference?
    let realm: VariableReference?
    let password: VariableReference?

    init(_ settings: UserAgentClient.Settings, _ compiler: any ScriptCompiling) throws {
        func variable(_ name: StaticString, _ text: ByteString) throws -> VariableReference? {
            guard !text.isEmpty else { return nil }
            do {
                return try compiler.variable(text)
            } catch let error as ArgumentError {
                throw ModuleError("\(name): \(error.message)")
            }
        }
        self.from = try variable("restore_from_avp", settings.fromVariable)
        self.to = try variable("restore_to_avp", settings.toVariable)
        self.user = try variable("auth_username_avp", settings.userVariable)
        self.realm = try variable("auth_realm_avp", settings.realmVariable)
        self.password = try variable("auth_password_avp", settings.passwordVariable)
    }
}
