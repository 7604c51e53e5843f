import Bytes
import ModuleKit

extension DatabaseAuthentication {
    public struct Settings: Sendable {
        var url = ByteString("mysql://kamailioro:kamailioro@localhost/kamailio")
        var userColumn = ByteString("username")
        var domainColumn = ByteString("domain")
        var passwordColumn = ByteString("ha1")
        var secondPasswordColumn = ByteString("ha1b")
        var calculatesHash = false
        var usesDomain = false
        var loadedCredentials = ByteString()
        var checksVersion = true
        var forcesAttributes = false
        var cacheLifetime = 0
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("db_url", \.url, "Database with the subscribers: sqlite:///var/lib/apus.db."),
            ModuleParameter("user_column", \.userColumn, "Column with the user name."),
            ModuleParameter("domain_column", \.domainColumn, "Column with the domain."),
            ModuleParameter(
                "password_column", \.passwordColumn,
                "Column with H(user:realm:password), or with the password where calculate_ha1 is 1."),
            ModuleParameter(
                "password_column_2", \.secondPasswordColumn,
                "Column with H(user@domain:realm:password), for user names with a domain."),
            ModuleParameter("calculate_ha1", \.calculatesHash, "password_column holds passwords as they are."),
            ModuleParameter("use_domain", \.usesDomain, "The domain has to match too."),
            ModuleParameter(
                "load_credentials", \.loadedCredentials,
                "Columns to copy to variables for a right answer: \"rpid;$avp(email)=email_address\"."),
            ModuleParameter("version_table", \.checksVersion, "The version of the table is checked."),
            ModuleParameter(
                "force_generate_avps", \.forcesAttributes, "Columns are copied for a wrong answer as well."),
            ModuleParameter(
                "cache_expire", \.cacheLifetime, in: 0...86_400,
                "Seconds for which what the database said is used again; 0: it is asked every time."),
        ]
    }
}
