import Bytes
import Database
import ModuleKit

/// What a `htable` line says of one table: `name=>size=N;autoexpire=S;initval=V;updateexpire=0|1`.
struct TableDefinition: Sendable, Equatable {
    var name: ByteString
    /// 2^size slots, 2 to 31.
    var size = 4
    /// Seconds after which an item goes; 0: never.
    var autoexpire = 0
    /// What a missing item counts as.
    var initialValue: Int?
    /// Whether a new value begins the time anew.
    var updatesExpiry = true

    /// Where it is read from at the start; nil: nowhere.
    var databaseTable: ByteString?
    /// `dbmode=1`: its items are written there when the server stops.
    var storesAtEnd = false
    /// `cols`: the key's column and those of the value; nil: the columns of the parameters.
    var columns: [ByteString]?
    /// What stands for null among several columns.
    var columnNull: ByteString = ""
    /// What stands between several columns.
    var columnDelimiter: ByteString = ","

    /// Tables with columns of their own are only read.
    var writesBack: Bool { self.storesAtEnd && self.databaseTable != nil && self.columns == nil }

    /// The value that several columns make: one column stays a number when it is one.
    func value(of columns: ArraySlice<DatabaseValue>) -> TableValue {
        if columns.count == 1, let first = columns.first {
            if case .int(let number) = first { return .int(number) }
            return .text(first.text ?? self.columnNull)
        }
        let texts = columns.map { ($0.text ?? self.columnNull).bytes }
        return .text(ByteString(Array(texts.joined(separator: self.columnDelimiter.bytes))))
    }

    var slots: Int { 1 << self.size }

    init(name: ByteString) { self.name = name }

    /// - Throws: `ArgumentError` naming what is wrong or what is not built yet.
    init(_ line: ByteString) throws {
        let text = line.string
        guard let arrow = text.firstRange(of: "=>") else {
            throw ArgumentError("htable '\(text)': a definition is name=>size=8;…")
        }
        let name = String(text[..<arrow.lowerBound]).trimmed
        guard !name.isEmpty else { throw ArgumentError("htable '\(text)': the table has no name") }
        self.init(name: ByteString(name))
        for part in text[arrow.upperBound...].split(separator: ";") {
            let attribute = String(part).trimmed
            guard !attribute.isEmpty else { continue }
            guard let equals = attribute.firstIndex(of: "=") else {
                throw ArgumentError("htable '\(name)': '\(attribute)' has no value")
            }
            try self.set(
                String(attribute[..<equals]).trimmed, String(attribute[attribute.index(after: equals)...]).trimmed)
        }
    }

    private mutating func set(_ attribute: String, _ value: String) throws {
        switch attribute {
        case "size":
            let asked = try self.number(attribute, value, in: 0...1_000_000)
            // Out of range Kamailio takes the nearest size it has.
            self.size = asked < 2 ? 3 : min(asked, 31)
        case "autoexpire": self.autoexpire = try self.number(attribute, value, in: 0...Int(Int32.max))
        case "initval": self.initialValue = try self.number(attribute, value, in: Int(Int32.min)...Int(Int32.max))
        case "updateexpire": self.updatesExpiry = try self.number(attribute, value, in: 0...Int(Int32.max)) != 0
        case "dmqreplicate":
            if try self.number(attribute, value, in: 0...Int(Int32.max)) != 0 {
                throw ArgumentError("htable '\(self.name)': dmqreplicate is not built yet")
            }
        case "dbmode": self.storesAtEnd = try self.number(attribute, value, in: 0...1) != 0
        case "dbtable": self.databaseTable = ByteString(value)
        case "cols":
            let names = Self.unquoted(value).split(separator: ",").map { ByteString(String($0).trimmed) }
            guard names.count >= 2 else {
                throw ArgumentError("htable '\(self.name)': cols names the key's column and at least one for the value")
            }
            self.columns = names
        case "colnull": self.columnNull = ByteString(Self.unquoted(value))
        case "coldelim": self.columnDelimiter = ByteString(Self.unquoted(value))
        case "reloadat": throw ArgumentError("htable '\(self.name)': reloadat is not built yet")
        default:
            let known = ["size", "autoexpire", "initval", "updateexpire", "dbtable", "dbmode", "dmqreplicate"]
            throw ArgumentError(
                "htable '\(self.name)': unknown attribute '\(attribute)'",
                suggestion: known.first { $0.hasPrefix(attribute.prefix(4)) })
        }
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, first == "'" || first == "\"", text.last == first else {
            return text
        }
        return String(text.dropFirst().dropLast())
    }

    private func number(_ attribute: String, _ text: String, in range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw ArgumentError(
                "htable '\(self.name)': \(attribute) is a number from \(range.lowerBound) to \(range.upperBound), "
                    + "not '\(text)'")
        }
        return number
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        let kept = self.drop { $0 == " " || $0 == "\t" }
        guard let last = kept.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(kept[...last])
    }
}
