import Bytes
import Database
import ModuleKit

extension SQLOperations {
    public var variables: [ScriptVariable] {
        [
            ScriptVariable(
                "dbr", inner: .required,
                summary:
                    "Of a result: `$dbr(ra=>rows)`, `$dbr(ra=>cols)`, `$dbr(ra=>colname[0])`, `$dbr(ra=>[row,column])`; numbers may be variables.",
                bind: { [unowned self] name, compiler in
                    guard case .literal(let text) = name else {
                        throw ArgumentError("the name in $dbr(…) is result=>what, with a fixed result")
                    }
                    let part = try ResultPart(text, compiler)
                    try self.declareResult(part.result)
                    return VariableAccess(read: { [unowned self] route, _ in
                        part.read(self.memory(of: route).results[part.result], route)
                    })
                }
            ),
            ScriptVariable(
                "sqlrows", inner: .required,
                summary:
                    "`$sqlrows(ca)`: rows that the last statement over a connection changed, when its driver knows.",
                bind: { [unowned self] name, _ in
                    if case .literal(let text) = name { _ = try self.connection(named: text) }
                    return VariableAccess(read: { [unowned self] route, _ in
                        let count = self.memory(of: route).affected[name.resolve(in: route)]
                        return count.map { .int($0) } ?? .null
                    })
                }
            ),
        ]
    }

    public var transformations: [TransformationClass] {
        let quoting = self.quoting
        return [
            TransformationClass(
                "sql", operations: ["val", "val.int", "val.str"],
                summary: "The value as SQL has it: numbers plain, texts in quotes and escaped, $null as NULL, 0 or ''."
            ) { operation, _, _ in
                switch operation {
                case "val": return { route, value in quoting.quoted(value, null: "NULL", route) }
                case "val.int": return { route, value in quoting.quoted(value, null: "0", route) }
                case "val.str": return { route, value in quoting.quoted(value, null: "''", route) }
                default: throw ArgumentError("there is no {sql.\(operation)}: val, val.int, val.str")
                }
            }
        ]
    }
}

/// How a text becomes part of SQL.
struct SQLQuoting: Sendable {
    /// An apostrophe is doubled, and a backslash is a character like others: SQLite, PostgreSQL. Else both, quotes and
    /// NUL get a backslash: MySQL.
    var isStandard: Bool

    func quoted(_ value: Value, null: ByteString, _ route: RouteContext) -> Value {
        switch value {
        case .null: return .bytes(null)
        case .int(let number): return .bytes(ByteString(decimal: number))
        case .bytes, .slice, .labelled:
            var bytes: [UInt8] = [UInt8(ascii: "'")]
            for byte in route.text(value).bytes {
                switch byte {
                case UInt8(ascii: "'") where self.isStandard: bytes += [byte, byte]
                case _ where self.isStandard: bytes.append(byte)
                case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
                case 0: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "0")]
                default: bytes.append(byte)
                }
            }
            bytes.append(UInt8(ascii: "'"))
            return .bytes(ByteString(bytes))
        }
    }
}

/// `result=>what`.
private struct ResultPart: Sendable {
    private enum Part: Sendable {
        case rows
        case columns
        case columnName(Index)
        case cell(row: Index, column: Index)
    }
    private enum Index: Sendable {
        case fixed(Int)
        case variable(VariableReference)

        init(_ bytes: ArraySlice<UInt8>, _ compiler: any ScriptCompiling) throws {
            let text = ByteString(Array(bytes.filter { $0 != 32 && $0 != 9 }))
            if text.bytes.first == UInt8(ascii: "$") {
                self = .variable(try compiler.variable(text))
            } else if let number = Int(text.string), number >= 0 {
                self = .fixed(number)
            } else {
                throw ArgumentError("'\(text)' in $dbr is neither a number nor a variable")
            }
        }

        func number(in route: RouteContext) -> Int {
            switch self {
            case .fixed(let number): number
            case .variable(let variable): route.int(variable.read(in: route)) ?? -1
            }
        }
    }

    let result: ByteString
    private let part: Part

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        guard let mark = SQLOperations.arrow(text) else {
            throw ArgumentError("$dbr is written $dbr(result=>rows), cols, colname[n] or [row,column]")
        }
        self.result = ByteString(Array(text.bytes[..<mark].filter { $0 != 32 && $0 != 9 }))
        let rest = text.bytes[(mark + 2)...].filter { $0 != 32 && $0 != 9 }[...]
        let isClosed = rest.last == UInt8(ascii: "]")
        if rest == Array("rows".utf8)[...] {
            self.part = .rows
        } else if rest == Array("cols".utf8)[...] {
            self.part = .columns
        } else if isClosed, rest.starts(with: Array("colname[".utf8)) {
            self.part = .columnName(try Index(rest.dropFirst(8).dropLast(), compiler))
        } else if isClosed, rest.first == UInt8(ascii: "["), let comma = Self.comma(rest) {
            self.part = .cell(
                row: try Index(rest[(rest.startIndex + 1)..<comma], compiler),
                column: try Index(rest[(comma + 1)...].dropLast(), compiler))
        } else {
            throw ArgumentError("$dbr shows rows, cols, colname[n] and [row,column], not '\(ByteString(Array(rest)))'")
        }
    }

    /// The comma that stands in no parentheses: variables may have some.
    private static func comma(_ bytes: ArraySlice<UInt8>) -> Int? {
        var depth = 0
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "("), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ",") where depth == 0: return index
            default: break
            }
        }
        return nil
    }

    func read(_ rows: Rows?, _ route: RouteContext) -> Value {
        switch self.part {
        case .rows: return .int(rows?.count ?? 0)
        case .columns: return .int(rows?.columns.count ?? 0)
        case .columnName(let index):
            let number = index.number(in: route)
            guard let rows, rows.columns.indices.contains(number) else { return .null }
            return .bytes(rows.columns[number])
        case .cell(let row, let column):
            return rows?[row.number(in: route), column.number(in: route)].scriptValue ?? .null
        }
    }
}
