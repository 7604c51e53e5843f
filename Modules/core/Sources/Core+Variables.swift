import Bytes
import ModuleKit

extension Core {
    public var variables: [ScriptVariable] {
        [
            ScriptVariable("rc", "retcode", "?", summary: "Code of the last function or route.") {
                .int($0.returnCode)
            },
            ScriptVariable("null", summary: "The undefined value.") { _ in .null },
            ScriptVariable("env", inner: .required, summary: "A variable of the environment.") { name, compiler in
                guard case .literal(let text) = name else { throw ArgumentError("$env takes a fixed name") }
                let value: Value = compiler.environment(text).map { .bytes($0) } ?? .null
                return VariableAccess { _, _ in value }
            },
            ScriptVariable("envn", inner: .required, summary: "A variable of the environment as a number.") {
                name, compiler in
                guard case .literal(let text) = name else { throw ArgumentError("$envn takes a fixed name") }
                let value: Value = compiler.environment(text).map { .labelled(Self.number($0), $0) } ?? .null
                return VariableAccess { _, _ in value }
            },
            Self.define("def", "The value of a define as it was written.") { .bytes($0) },
            Self.define("defn", "The value of a define as a number, 0 when there is none.", missing: .int(0)) {
                .int(Self.number($0))
            },
            Self.define("defs", "The value of a define in double quotes.") { .bytes("\"" + Self.unquoted($0) + "\"") },
            Self.define("defv", "The value of a define without quotes.") { .bytes(Self.unquoted($0)) },
            ScriptVariable("iuid", summary: "Names this run of the server: different after each start.") {
                [identity] _ in .bytes(identity)
            },
        ]
    }

    private static func define(
        _ name: String, _ summary: String, missing: Value = .null, value: @escaping @Sendable (ByteString) -> Value
    ) -> ScriptVariable {
        ScriptVariable(name, inner: .required, summary: summary) { inner, compiler in
            guard case .literal(let text) = inner else { throw ArgumentError("$\(name) takes a fixed name") }
            let result = compiler.define(text).map(value) ?? missing
            return VariableAccess { _, _ in result }
        }
    }

    private static func number(_ text: ByteString) -> Int {
        Value.integer(text.span, ByteRange(start: 0, count: text.count)) ?? 0
    }

    private static func unquoted(_ text: ByteString) -> ByteString {
        let bytes = text.bytes
        guard bytes.count >= 2, let first = bytes.first, first == bytes.last, first == 34 || first == 39 else {
            return text
        }
        return ByteString(Array(bytes[1..<(bytes.count - 1)]))
    }
}
