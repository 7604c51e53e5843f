import Bytes
import ModuleKit

/// `table=>key` as a script wrote it; the key may contain variables.
final class TableKey: Sendable {
    let tableName: ByteString
    /// nil: no such table is defined; reading gives `$null`, as Kamailio has it.
    let table: Table?
    private let key: FormatString
    /// Hash of a key without variables.
    private let constantHash: UInt64

    init(_ text: ByteString, _ module: HashTables, _ compiler: any ScriptCompiling) throws {
        let (table, key) = try Self.split(text)
        self.tableName = table
        let known = module.table(table)
        self.table = known
        self.key = try compiler.format(key)
        self.constantHash = self.key.constant.flatMap { known?.store.hash($0.span) } ?? 0
    }

    convenience init(_ name: VariableName, _ module: HashTables, _ compiler: any ScriptCompiling) throws {
        guard case .literal(let text) = name else {
            throw ArgumentError("the name of an item is table=>key, with a fixed table")
        }
        try self.init(text, module, compiler)
    }

    /// `table => key`; blanks around the table's name and before the key do not count.
    static func split(_ text: ByteString) throws -> (table: ByteString, key: ByteString) {
        let bytes = text.bytes
        var index = 0
        while index + 1 < bytes.count, !(bytes[index] == 0x3d && bytes[index + 1] == 0x3e) { index += 1 }
        guard index + 1 < bytes.count else {
            throw ArgumentError("'\(text)' names no item: write table=>key")
        }
        let table = ByteString(String(decoding: bytes[..<index], as: UTF8.self).trimmed)
        guard !table.isEmpty else { throw ArgumentError("'\(text)' names no table before =>") }
        return (table, ByteString(Array(bytes[(index + 2)...].drop { $0 == 0x20 || $0 == 0x09 })))
    }

    /// Calls `body` with the key as it is now and its hash.
    func with<R>(_ table: Table, in route: RouteContext, _ body: (UInt64, Span<UInt8>) -> R) -> R {
        if let constant = self.key.constant { return body(self.constantHash, constant.span) }
        if let variable = self.key.soleVariable {
            let value = variable.read(in: route)
            if !value.isNull { return route.withText(value) { body(table.store.hash($0), $0) } }
        }
        let text = self.key.evaluate(in: route)
        return body(table.store.hash(text.span), text.span)
    }

    /// `=>` and the key as text: for messages.
    func text(in route: RouteContext) -> ByteString { self.key.evaluate(in: route) }
}

extension RouteContext {
    /// The second that tables count in.
    var second: UInt32 { SharedTable.second(self.worker.now) }
}

extension TableValue {
    /// What a script or a control client gives, in the form that a table keeps; nil for `$null`.
    init?(_ value: Value, in route: RouteContext) {
        switch value {
        case .null: return nil
        case .int(let number): self = .int(number)
        case .bytes, .slice, .labelled: self = .text(route.text(value))
        }
    }

    var value: Value {
        switch self {
        case .int(let number): .int(number)
        case .text(let text): .bytes(text)
        }
    }

    var text: ByteString {
        switch self {
        case .int(let number): ByteString(decimal: number)
        case .text(let text): text
        }
    }
}
