import Bytes

/// A table: what it is called, which version of it, its columns and keys. The one declaration that creation, checks,
/// migration and the reference page come from.
public struct TableDeclaration: Sendable, Equatable {
    public struct Key: Sendable, Equatable {
        public var columns: [ByteString]
        public var isUnique: Bool
        public static func unique(_ columns: ByteString...) -> Key { Key(columns: columns, isUnique: true) }
        public static func index(_ columns: ByteString...) -> Key { Key(columns: columns, isUnique: false) }
    }

    public var name: ByteString
    public var version: Int
    /// Versions that lack nothing a module needs; migration brings them up to date all the same.
    public var olderVersions: [Int]
    /// Who uses it, for what.
    public var summary: String
    public var columns: [Column]
    public var keys: [Key]

    public init(
        _ name: ByteString, version: Int, olderVersions: [Int] = [], _ summary: String, _ columns: [Column],
        _ keys: [Key]
    ) {
        self.name = name
        self.version = version
        self.olderVersions = olderVersions
        self.summary = summary
        self.columns = columns
        self.keys = keys
    }

    public func column(_ name: ByteString) -> Column? { self.columns.first { $0.name == name } }
}

/// A column of a table.
public struct Column: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case int, unsigned, small, tiny
        case float
        /// Text of at most so many characters.
        case varchar(Int)
        case text, largeText
        case blob, largeBlob
        case datetime

        /// What drivers say of such a column.
        public var info: ColumnInfo.Kind {
            switch self {
            case .int, .unsigned, .small, .tiny: .int
            case .float: .double
            case .varchar, .text, .largeText: .string
            case .blob, .largeBlob: .blob
            case .datetime: .time
            }
        }
    }

    public var name: ByteString
    public var kind: Kind
    /// nil: a row has to give a value, unless null will do.
    public var defaultValue: DatabaseValue?
    public var isNullable: Bool
    /// The primary key, a number that the database gives.
    public var isAutomatic: Bool

    public init(
        _ name: ByteString, _ kind: Kind, default defaultValue: DatabaseValue? = nil, nullable: Bool = false,
        automatic: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.isNullable = nullable
        self.isAutomatic = automatic
    }

    /// The number of a row.
    public static var id: Column { .id("id") }
    public static func id(_ name: ByteString) -> Column { Column(name, .unsigned, automatic: true) }
}
