/// A name that the preprocessor replaces by text.
public struct Define: Sendable {
    public var name: String
    /// The text, verbatim; empty when none was given.
    public var value: [UInt8]
    /// Where the value stands (the name, when there is none); `.none` for built-in ones.
    public var range: SourceRange

    public var text: String { String(decoding: self.value, as: UTF8.self) }
    /// The value without surrounding quotes, as `$defv(ID)` and `ifexp` see it.
    public var unquoted: [UInt8] {
        guard self.value.count >= 2, let first = self.value.first, first == self.value.last,
            first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
        else { return self.value }
        return Array(self.value.dropFirst().dropLast())
    }
}

/// Something that happens to a define, in the order of the text: what editors go by.
public struct DefineEvent: Sendable {
    public enum Kind: Sendable {
        /// Set to a value.
        case definition(value: String)
        case removal
        /// Replaced by its value, or asked for by `#!ifdef`.
        case use
    }
    public var name: String
    public var kind: Kind
    /// The name; `.none` for one that the command line or a module sets.
    public var range: SourceRange

    /// Events beyond this many are not recorded.
    static let limit = 200_000
}

/// The defines in force at one point of the configuration.
public struct DefineTable: Sendable {
    /// More than Kamailio's 512; a bound against runaway generators.
    public static let limit = 65536

    private var byName: [String: Define] = [:]
    /// Number of the definition, by name: what is redefined keeps its place.
    private var places: [String: Int] = [:]
    private var nextPlace = 0

    public init() {}

    public subscript(name: String) -> Define? { self.byName[name] }
    public var names: some Sequence<String> { self.byName.keys }
    /// In the order in which they were defined.
    public var all: [Define] {
        self.byName.values.sorted { self.places[$0.name, default: 0] < self.places[$1.name, default: 0] }
    }
    public var count: Int { self.byName.count }

    mutating func set(_ define: Define) {
        if self.byName.updateValue(define, forKey: define.name) == nil {
            self.places[define.name] = self.nextPlace
            self.nextPlace += 1
        }
    }

    mutating func remove(_ name: String) {
        self.byName[name] = nil
        self.places[name] = nil
    }
}

/// The version of Kamailio whose configurations this server runs: what `#!ifdef KAMAILIO_5` and the like see.
public struct ClaimedVersion: Sendable {
    public var major: Int
    public var minor: Int
    public var patch: Int

    public static let current = ClaimedVersion(major: 5, minor: 6, patch: 3)

    /// `KAMAILIO_VERSION`: 5006003 for 5.6.3.
    public var number: Int { self.major * 1_000_000 + self.minor * 1000 + self.patch }

    /// The built-in defines with their values.
    public var defines: [(name: String, value: String)] {
        [
            ("KAMAILIO_\(self.major)", ""),
            ("KAMAILIO_\(self.major)_\(self.minor)", ""),
            ("KAMAILIO_\(self.major)_\(self.minor)_\(self.patch)", ""),
            ("KAMAILIO_VERSION", "\(self.number)"),
            ("OS_NAME", "\"linux\""),
        ]
    }
}
