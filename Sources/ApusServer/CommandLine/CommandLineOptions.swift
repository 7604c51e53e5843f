import ModuleKit

/// What the command line asks for: Kamailio's options, parsed by hand because several of them look like nothing that a
/// modern parser accepts (`-DD`, `-A ID=value`, `-n4`).
public struct CommandLineOptions: Sendable, Equatable {
    /// nil: the configuration that the server carries in itself; `-` is the standard input.
    public var configurationPath: String?
    public var checksOnly = false
    public var printsConfiguration = false
    public var isStrict = false
    /// How the findings of the check are printed.
    public var diagnosticFormat = DiagnosticFormat.text
    /// How often `-D` was given: 1 and 2 stay in the foreground, 3 goes to the background, 0 leaves it to `fork`.
    public var foreground = 0
    /// Takes the place of the `debug` parameter: the number of `-d`s, or the value of `--debug`.
    public var debugLevel: Int?
    public var logsToStandardError = false
    public var usesColor = false
    public var logEngine: String?
    public var listen: [String] = []
    public var aliases: [String] = []
    public var autoAliases: Bool?
    public var udpWorkers: Int?
    public var tcpWorkers: Int?
    public var disablesTCP = false
    public var defines: [Define] = []
    public var substitutions: [Substitution] = []
    public var loadModules: [String] = []
    public var modparams: [ModuleParameter] = []
    public var pidFile: String?
    public var groupPidFile: String?
    public var runDirectory: String?
    public var workingDirectory: String?
    public var chrootDirectory: String?
    public var user: String?
    public var group: String?
    public var maxBuffer: Int?
    public var checksVia = false
    /// `-r`, `-R`.
    public var viaCheck: CoreSettings.ViaCheck?
    public var serverID: Int?
    /// `--simulate` and what belongs to it; nil: the server serves.
    public var simulation: Simulation?
    /// `--dump-bytecode`.
    public var dumpsBytecode = false
    public var showsVersion = false
    public var showsBuild = false
    public var showsHelp = false
    /// Options that are understood and need no action here, each with the reason.
    public var withoutEffect: [Ignored] = []

    public init() {}

    /// `--simulate=FILE` with `--full`, `--quiet`, `--answer`, `--for`, `--at`, `--from`.
    public struct Simulation: Sendable, Equatable {
        /// File of SIP messages, or of tests; `-` is the standard input.
        public var path: String
        /// Whole messages, not only first lines.
        public var showsMessages = false
        /// No lines of the script.
        public var hidesLines = false
        /// What peers answer: `180, 200 after 5s`.
        public var answers: String?
        /// Time that passes after the last message: `30s`.
        public var duration: String?
        /// UTC: `2026-05-01 08:00:00`.
        public var startTime: String?
        /// Where messages come from, in place of what their Via says: `tcp:192.0.2.7:5060`.
        public var source: String?

        public init(path: String) { self.path = path }
    }

    public enum DiagnosticFormat: String, Sendable, CaseIterable {
        /// For people, to standard error.
        case text
        /// For programs, to standard output.
        case json
    }

    /// `-A ID` or `-A ID=value`.
    public struct Define: Sendable, Equatable {
        public var name: String
        /// Empty when the define has none.
        public var value: String
    }

    /// `--subst`, `--substdef`, `--substdefs`.
    public struct Substitution: Sendable, Equatable {
        public enum Kind: Sendable, Equatable { case text, define, quotedDefine }
        public var kind: Kind
        public var expression: String
    }

    /// `--modparam=module:name:type:value`.
    public struct ModuleParameter: Sendable, Equatable {
        public enum Value: Sendable, Equatable {
            case int(Int)
            case text(String)
        }
        public var module: String
        public var name: String
        public var value: Value
    }

    /// An option that changes nothing.
    public struct Ignored: Sendable, Equatable {
        public var option: String
        public var reason: String
    }
}

/// What is wrong with the command line.
public struct CommandLineError: Error, Equatable {
    public var message: String
}
