import Bytes
import ModuleKit
import SIPMessage

/// The `textops` module: looks into messages and changes header fields and bodies.
///
/// Changes are recorded and made when the message is sent; until then, and until `msg_apply_changes()` of `textopsx`,
/// reading shows the message as it was received.
public final class TextOps: ServerModule {
    public static let name = "textops"
    public static let summary = "Searches and changes header fields, bodies and texts."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}

    public var functions: [ScriptFunction] {
        self.methodFunctions + self.insertFunctions + self.removeFunctions + self.presenceFunctions
            + self.searchFunctions + self.replaceFunctions + self.substitutionFunctions + self.bodyFunctions
            + self.replyFunctions + self.holdFunctions + self.textFunctions + self.viaFunctions
            + self.partFunctions
    }
}

extension RegularExpression {
    /// As the functions of this module take them: extended, case ignored, line by line.
    static func scripted(_ text: ByteString) throws -> RegularExpression {
        do {
            return try RegularExpression(text, ignoringCase: true, isLineWise: true)
        } catch {
            throw ArgumentError("\(text.string) is no regular expression: \(error.message)")
        }
    }
}

extension Argument {
    /// A regular expression that is compiled when the script is loaded.
    static func pattern(_ name: String, _ summary: String) -> Argument {
        Argument(name, .custom { text, _ in try RegularExpression.scripted(text) }, summary)
    }

    static func header(_ name: String, _ summary: String, optional: Bool = false) -> Argument {
        Argument(name, .custom { text, _ in HeaderSelector(text) }, summary, optional: optional)
    }
}

extension Arguments {
    /// A regular expression out of text with variables; nil when the text is none.
    func pattern(_ index: Int, in route: RouteContext) -> RegularExpression? {
        do {
            return try RegularExpression.scripted(self.text(index, in: route))
        } catch {
            route.log(.error, "textops: \((error as? ArgumentError)?.message ?? "bad regular expression")")
            return nil
        }
    }
}
