import Bytes
import ModuleKit

/// The name of a table as an argument of a script function: text, or with variables in it.
public final class TableName: Sendable {
    private let format: FormatString

    init(_ format: FormatString) { self.format = format }

    /// The name that the argument at `index` gives.
    public static func text(_ arguments: Arguments, _ index: Int, in route: RouteContext) -> ByteString {
        arguments.object(index, as: Self.self)?.format.evaluate(in: route) ?? ByteString()
    }
}

extension Argument.Kind {
    /// A table's name; those that are known when the script is loaded are noted in `tables`, for `Database.require`.
    public static func tableName(_ tables: Lock<[ByteString]>) -> Argument.Kind {
        .custom { text, compiler in
            guard !text.isEmpty else { throw ArgumentError("a table needs a name") }
            let format = try compiler.format(text)
            if let name = format.constant { tables.withLock { if !$0.contains(name) { $0.append(name) } } }
            return TableName(format)
        }
    }
}
