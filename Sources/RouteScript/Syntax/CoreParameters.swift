/// A global parameter of the core: `name = value` at top level.
public struct CoreParameter: Sendable {
    /// What may stand on the right side. Booleans are integers to the language (`yes` is 1).
    public enum Kind: Sendable {
        case boolean, integer, string
        /// An unquoted word; a quoted one is accepted too.
        case word
        /// A quoted string, or a word.
        case stringOrWord
        /// An address or a domain name, quoted or not.
        case host
        case integerOrWord, integerOrString
        case any
    }

    /// How widely a parameter is used: 1 everywhere, 4 obsolete.
    public enum Tier: Int, Sendable { case t1 = 1, t2, t3, t4 }

    public let name: String
    public let aliases: [String]
    public let kind: Kind
    public let tier: Tier
    /// The default as Kamailio's documentation gives it; empty when there is none.
    public let defaultText: String
    /// Can be changed while the server runs (`cfg.set_now_int core …`).
    public let isLive: Bool
    /// One clause for documentation and completion.
    public let meaning: String

    init(
        _ name: String, aliases: [String] = [], _ kind: Kind, _ tier: Tier, default defaultText: String,
        isLive: Bool = false, _ meaning: String
    ) {
        self.name = name
        self.aliases = aliases
        self.kind = kind
        self.tier = tier
        self.defaultText = defaultText
        self.isLive = isLive
        self.meaning = meaning
    }
}

/// All global parameters of the core.
public enum CoreParameters {
    public static let all: [CoreParameter] = Self.sections.flatMap { $0 }

    private static let byName: [String: CoreParameter] = {
        var result: [String: CoreParameter] = [:]
        for parameter in Self.all {
            for name in [parameter.name] + parameter.aliases { result[name] = parameter }
        }
        return result
    }()

    /// The parameter with this name or alias.
    public static func parameter(named name: String) -> CoreParameter? { Self.byName[name] }

    /// Every name and alias.
    public static var names: some Sequence<String> { Self.byName.keys }
}
