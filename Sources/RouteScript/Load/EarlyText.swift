import Bytes
import ModuleKit

/// Text in which the variables are expanded that have a value before the server runs: environment and defines.
///
/// What `modparamx` sets.
struct EarlyText {
    private(set) var text: ByteString
    /// The number, when the text is nothing but one variable that is a number: `$envn(X)`, `$defn(X)`.
    private(set) var number: Int?

    private static let names = ["env", "envn", "def", "defn", "defs", "defv"]

    init(_ source: ByteString, defines: DefineTable, files: FileAccess) throws(ArgumentError) {
        let bytes = source.bytes
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "$") else {
                result.append(bytes[position])
                position += 1
                continue
            }
            if position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "$") {
                result.append(UInt8(ascii: "$"))
                position += 2
                continue
            }
            let start = position
            let (name, inner) = try Self.variable(bytes, &position)
            let value = Self.value(name, inner, defines, files)
            if name.hasSuffix("n") {
                let number = Value.integer(value.span, ByteRange(start: 0, count: value.count)) ?? 0
                if start == 0, position == bytes.count { self.number = number }
                result += ByteString(decimal: number).bytes
            } else {
                result += value.bytes
            }
        }
        self.text = ByteString(result)
    }

    /// Reads `$name(inner)` or `$(name(inner))` at `position`.
    private static func variable(
        _ bytes: [UInt8], _ position: inout Int
    ) throws(ArgumentError) -> (name: String, inner: String) {
        let start = position
        func take(_ byte: Character) -> Bool {
            guard position < bytes.count, bytes[position] == byte.asciiValue else { return false }
            position += 1
            return true
        }
        func word() -> String {
            let first = position
            while position < bytes.count, bytes[position].isLetter || bytes[position].isDigit || bytes[position] == 95 {
                position += 1
            }
            return String(decoding: bytes[first..<position], as: UTF8.self)
        }
        position += 1
        let isLong = take("(")
        let name = word()
        guard self.names.contains(name) else {
            let written = String(decoding: bytes[start..<position], as: UTF8.self)
            throw ArgumentError("\(written) has no value before the server runs")
        }
        guard take("(") else { throw ArgumentError("$\(name) needs something in parentheses") }
        let inner = word()
        guard take(")"), !isLong || take(")") else { throw ArgumentError("')' is missing after $\(name)(\(inner)") }
        return (name, inner)
    }

    private static func value(
        _ name: String, _ inner: String, _ defines: DefineTable, _ files: FileAccess
    ) -> ByteString {
        if name.hasPrefix("env") { return ByteString(files.environment(inner) ?? "") }
        guard let define = defines[inner] else { return ByteString() }
        switch name {
        case "defv": return ByteString(define.unquoted)
        case "defs": return "\"" + ByteString(define.unquoted) + "\""
        default: return ByteString(define.value)
        }
    }
}
