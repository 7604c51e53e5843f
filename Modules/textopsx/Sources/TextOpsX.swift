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
            + ScriptFunction.notYet(
                "msg_changed_route", "append_hf_value", "insert_hf_value", "remove_hf_value", "remove_hf_value2",
                "assign_hf_value", "assign_hf_value2", "include_hf_value", "exclude_hf_value", "hf_value_exists"
            )
    }
}
