import Bytes
import Database
import ModuleKit
import SIPMessage

/// The `permissions` module: who may do what, by address groups, trusted peers, and files of URI patterns.
public final class Permissions: ServerModule {
    public static let name = "permissions"
    public static let summary = "Access by address groups, trusted peers and files of rules."

    let settings: Settings
    private let directory: ByteString
    /// nil: nothing is read from a database.
    let database: Database?
    let tagVariable: VariableReference?
    let addresses = ReadMostly(AddressTable())
    let trusted = ReadMostly(TrustedTable())
    /// Files by path; read when the server starts.
    let ruleFiles = Lock<[ByteString: RuleFileState]>([:])
    let lastReload = Lock(0)

    enum RuleFileState: Sendable {
        /// Whether nobody is told when it is not there.
        case wanted(isQuiet: Bool)
        case missing
        case read(RuleFile)
    }

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.directory = ByteString(host.settings.configurationDirectory)
        self.database =
            settings.databaseURL.isEmpty ? nil : try Database(settings.databaseURL, host: host)
        self.tagVariable =
            settings.tagVariable.isEmpty ? nil : try host.compiler.variable(settings.tagVariable)
        if let variable = self.tagVariable, variable.name != "avp" {
            throw ModuleError("peer_tag_avp: '\(settings.tagVariable)' is no $avp(…)")
        }
        if settings.backends & 4 != 0 { self.want(settings.defaultAllowFile) }
        if settings.backends & 8 != 0 { self.want(settings.defaultDenyFile) }
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] host in
            if let database = self.database { try database.require(self.uses) }
            try self.loadAddresses(host.logger)
            if self.cachesTrusted { try self.loadTrusted(host.logger) }
            try self.readRuleFiles(host.logger)
        }
        return hooks
    }

    var usesAddresses: Bool { self.settings.backends & 1 != 0 }
    var usesTrusted: Bool { self.settings.backends & 2 != 0 && self.database != nil }
    var cachesTrusted: Bool { self.usesTrusted && self.settings.mode == 1 }

    /// A file as it is opened: without a slash it is looked for beside the configuration.
    func path(_ file: ByteString) -> ByteString {
        file.bytes.contains(UInt8(ascii: "/")) ? file : self.directory + file
    }

    private var uses: [TableUse] {
        var uses: [TableUse] = []
        if self.usesAddresses, self.settings.addressFile.isEmpty {
            uses.append(
                TableUse(.address, named: self.settings.addressTable, columns: self.settings.address.all))
        }
        if self.usesTrusted {
            uses.append(
                TableUse(.trusted, named: self.settings.trustedTable, columns: self.settings.trusted.all))
        }
        return uses
    }
}
