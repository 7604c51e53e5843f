import Bytes
import ModuleKit

/// The second argument of `dp_translate`: `$rU/$var(x)`, where the input comes from and where the result goes.
final class DialplanPath: Sendable {
    let source: VariableReference
    /// nil: only the attributes are wanted.
    let target: VariableReference?

    /// - Throws: `ArgumentError` for what names no variables, or a target that nothing can be put into.
    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        if let source = try? compiler.variable(text) {
            self.source = source
            self.target = nil
            return
        }
        // A slash may belong to a name, so each one is tried.
        for slash in text.bytes.indices where text.bytes[slash] == UInt8(ascii: "/") {
            guard let source = try? compiler.variable(ByteString(Array(text.bytes[..<slash]))) else { continue }
            let target = try compiler.variable(ByteString(Array(text.bytes[(slash + 1)...])))
            guard ["avp", "xavp", "var", "ru", "ruri", "rU", "ruri.user"].contains(target.name), target.isWritable
            else {
                throw ArgumentError(
                    "the result of dp_translate goes to $ru, $rU, an $avp, $xavp or $var, not to \(target.text)")
            }
            self.source = source
            self.target = target
            return
        }
        // For its message.
        self.source = try compiler.variable(ByteString(Array(text.bytes.prefix { $0 != UInt8(ascii: "/") })))
        self.target = nil
    }
}
