import Bytes
import ModuleKit

extension Xlog {
    public var variables: [ScriptVariable] {
        let isOn = self.settings.forcesColor
        return [
            ScriptVariable(
                "C", inner: .required,
                summary:
                    "Colours for terminals, foreground and background: x default, s black, r red, g green, y "
                    + "yellow, b blue, p purple, c cyan, w white; capitals are bright."
            ) { name, _ in
                guard case .literal(let text) = name, let value = Color.sequence(text) else {
                    throw ArgumentError("$C takes two of the letters x s r g y b p c w")
                }
                return VariableAccess { _, _ in isOn ? .bytes(value) : .bytes(ByteString()) }
            }
        ]
    }
}

/// Escape sequences of terminals (ECMA-48 §8.3.117).
enum Color {
    private static let letters = Array("srgybpcw".utf8)

    static func sequence(_ text: ByteString) -> ByteString? {
        guard text.count == 2, let foreground = self.number(text.bytes[0]), let background = self.number(text.bytes[1])
        else { return nil }
        let isBright = text.bytes[0] & 0x20 == 0
        return ByteString("\u{1b}[\(isBright ? 1 : 0);\(30 + foreground);\(40 + background)m")
    }

    private static func number(_ letter: UInt8) -> Int? {
        letter | 0x20 == UInt8(ascii: "x") ? 9 : self.letters.firstIndex(of: letter | 0x20)
    }
}
