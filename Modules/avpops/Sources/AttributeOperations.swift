import Bytes
import ModuleKit
import SIPMessage

/// The `avpops` module: copies, checks, computes with and substitutes in `$avp` values, in small languages of its own.
public final class AttributeOperations: ServerModule {
    public static let name = "avpops"
    public static let summary = "Copies, checks, computes with and substitutes in $avp values."

    public init(_ settings: Settings, host: any ModuleHost) throws {}

    public var functions: [ScriptFunction] {
        self.presenceFunctions + self.copyFunctions + self.checkFunctions + self.computeFunctions
            + self.substitutionFunctions + self.pushFunctions
            + ScriptFunction.notYet("avp_db_load", "avp_db_store", "avp_db_delete", "avp_db_query")
    }
}

extension AttributeOperations {
    /// Values are taken for the database functions, which are not built yet.
    public struct Settings: Sendable {
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static let parameters: [ModuleParameter<Settings>] =
        ModuleParameter.notYet(
            .text, "db_url", "avp_table", "uuid_column", "attribute_column", "value_column", "type_column",
            "username_column", "domain_column", "db_scheme")
        + ModuleParameter.notYet(.int, "use_domain")
}
