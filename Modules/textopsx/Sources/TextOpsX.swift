import Bytes
import ModuleKit
import SIPMessage

/// The `textopsx` module: makes recorded changes visible, walks header fields and body lines.
public final class TextOpsX: ServerModule {
    public static let name = "textopsx"
    public static let summary = "Applies changes at once, walks header fields and body lines."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}

    public var functions: [ScriptFunction] {
        self.messageFunctions + self.headerIteratorFunctions + self.lineIteratorFunctions + self.textFunctions
            + self.valueFunctions + [self.changedRouteFunction]
    }
}
