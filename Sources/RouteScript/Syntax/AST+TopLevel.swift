import Bytes
import SIPMessage

/// A configuration file as written: its statements in file order, includes and defines already resolved.
public struct ConfigurationFile: Sendable {
    public var statements: [TopLevelStatement]

    public init(statements: [TopLevelStatement] = []) { self.statements = statements }
}

/// A statement outside of route blocks. Order matters to the consumer: `modparam` speaks to modules loaded above it.
public enum TopLevelStatement: Sendable {
    case parameter(GlobalParameter)
    case customParameter(CustomParameter)
    case flags(FlagDeclaration)
    case listen(ListenStatement)
    case socket(SocketBlock)
    case alias(AliasStatement)
    case loadModule(LoadModule)
    case loadPath(LoadPath)
    case moduleParameter(ModuleParameter)
    case engine(EngineSelection)
    case route(RouteBlock)

    public var range: SourceRange {
        switch self {
        case .parameter(let node): node.range
        case .customParameter(let node): node.range
        case .flags(let node): node.range
        case .listen(let node): node.range
        case .socket(let node): node.range
        case .alias(let node): node.range
        case .loadModule(let node): node.range
        case .loadPath(let node): node.range
        case .moduleParameter(let node): node.range
        case .engine(let node): node.range
        case .route(let node): node.range
        }
    }
}

/// A word with its place.
public struct Name: Sendable {
    public var text: String
    public var range: SourceRange

    public init(_ text: String, at range: SourceRange) {
        self.text = text
        self.range = range
    }
}

/// A value of a global or module parameter.
public enum SettingValue: Sendable {
    case integer(Int)
    case string(StringLiteral)
    /// An unquoted word: `LOG_LOCAL0`, `udp`, `192.0.2.1`, `epoll_lt`.
    case word(String)
    /// Only in `modparamx`.
    case variable(VariableToken)
}

/// `debug = 2`. The name is one of `CoreParameters`, and the value's kind has been checked against it.
public struct GlobalParameter: Sendable {
    /// The canonical name (`memlog` for `mem_log`).
    public var name: String
    /// The name as written.
    public var writtenName: Name
    /// `x` of `coreparam[x] = …`.
    public var index: Name?
    public var value: SettingValue
    public var valueRange: SourceRange
    public var range: SourceRange
}

/// `group.name = value desc "text"`, or `group[id].name = value`.
public struct CustomParameter: Sendable {
    public var group: Name
    /// The instance of the group, counted as written; nil for the default.
    public var instance: Int?
    public var name: Name
    /// An integer or a string.
    public var value: SettingValue
    public var valueRange: SourceRange
    public var summary: StringLiteral?
    public var range: SourceRange
}

/// `flags NAME:N, …` or `avpflags NAME, …`.
public struct FlagDeclaration: Sendable {
    public enum Kind: Sendable { case message, attribute }
    public struct Flag: Sendable {
        public var name: Name
        /// 0 to 31; nil asks for the lowest free bit.
        public var number: Int?
    }
    public var kind: Kind
    public var flags: [Flag]
    public var range: SourceRange
}

/// `loadmodule "name.so"`, `loadmodule("name", "opts")`, `loadmodulex …`.
public struct LoadModule: Sendable {
    /// The last path component without `.so`.
    public var name: String
    /// The literal as written; it may be a path.
    public var path: StringLiteral
    public var options: StringLiteral?
    /// `loadmodulex`: variables in the path are expanded (already done in `name`).
    public var expandsVariables: Bool
    public var range: SourceRange
}

/// `loadpath "a:b"` or `mpath = "a:b"`.
public struct LoadPath: Sendable {
    public var path: StringLiteral
    public var range: SourceRange
}

/// `modparam("modules", "name", value)` and `modparamx`.
public struct ModuleParameter: Sendable {
    /// An anchored, case-insensitive POSIX extended regular expression over module names.
    public var modules: StringLiteral
    public var name: StringLiteral
    public var value: SettingValue
    public var valueRange: SourceRange
    /// `modparamx`: variables in the value are expanded when read.
    public var expandsVariables: Bool
    public var range: SourceRange
}

/// `cfgengine "lua"`.
public struct EngineSelection: Sendable {
    public var name: Name
    /// `native`, `default`: the routes of this file.
    public var isNative: Bool
    public var range: SourceRange
}

/// What runs a route block, see `language.md` §5.
public enum RouteKind: String, Sendable, Hashable, CaseIterable {
    /// `request_route`, `route`, `route[0]`.
    case request = "request_route"
    /// `route[NAME]`.
    case route
    /// `reply_route`, `onreply_route`, `onreply_route[0]`.
    case reply = "reply_route"
    /// `onreply_route[NAME]`.
    case onReply = "onreply_route"
    case failure = "failure_route"
    case branch = "branch_route"
    case onSend = "onsend_route"
    case event = "event_route"
}

/// A route block with its body.
public struct RouteBlock: Sendable {
    public var kind: RouteKind
    /// The name in brackets; `0` where none is written.
    public var name: String
    public var nameRange: SourceRange
    public var body: [Statement]
    /// `route[NAME]`, without the body.
    public var headRange: SourceRange
    public var range: SourceRange
}
