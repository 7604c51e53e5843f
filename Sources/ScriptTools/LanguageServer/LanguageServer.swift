import Foundation
import ModuleCatalogue
import ModuleKit
import RouteScript

/// The language server protocol for kamailio.cfg: messages in, messages out; whoever owns it moves the bytes.
///
/// Diagnostics are those of `apus -c`; completion and hover come from the declarations of the modules.
public struct LanguageServer {
    var workspace: Workspace
    /// The editor said `shutdown`.
    public private(set) var isShutDown = false
    /// The editor said `exit`; the process ends, with status 1 unless it was shut down before.
    public private(set) var hasExited = false
    private var isInitialized = false

    /// - Throws: `ModuleError` when a module cannot say what it declares.
    public init(moduleTypes: [ModuleType]) throws {
        self.workspace = Workspace(
            moduleTypes: moduleTypes, catalogue: try ModuleCatalogue.describe(moduleTypes))
    }

    static func notification(_ method: String, _ parameters: JSON) -> JSON {
        ["jsonrpc": "2.0", "method": .string(method), "params": parameters]
    }

    private enum Fault: Int {
        case parse = -32700
        case invalidRequest = -32600
        case methodNotFound = -32601
        case notInitialized = -32002
        case failed = -32803
    }

    private static func fault(_ id: JSON, _ fault: Fault, _ text: String) -> JSON {
        ["jsonrpc": "2.0", "id": id, "error": ["code": .int(fault.rawValue), "message": .string(text)]]
    }

    /// Takes one message.
    /// - Returns: what to send to the editor, in order.
    public mutating func receive(_ bytes: [UInt8]) -> [JSON] {
        guard let message = JSON(bytes: bytes) else { return [Self.fault(.null, .parse, "this is no JSON")] }
        guard let method = message["method"].string else {
            // An answer to a request of ours; there are none.
            if !message["result"].isNull || !message["error"].isNull || !message["id"].isNull { return [] }
            return [Self.fault(.null, .invalidRequest, "a message needs a method")]
        }
        let (id, parameters) = (message["id"], message["params"])
        if id.isNull { return self.notify(method, parameters) }
        if !self.isInitialized, method != "initialize" {
            return [Self.fault(id, .notInitialized, "initialize comes first")]
        }
        if self.isShutDown { return [Self.fault(id, .invalidRequest, "the server is shut down")] }
        do throws(RequestError) {
            guard let result = try self.answer(method, parameters) else {
                return [Self.fault(id, .methodNotFound, "no method \(method)")]
            }
            return [["jsonrpc": "2.0", "id": id, "result": result]]
        } catch {
            return [Self.fault(id, .failed, error.message)]
        }
    }

    /// Why a request cannot be answered; the editor shows it.
    struct RequestError: Error { var message: String }

    private mutating func answer(_ method: String, _ parameters: JSON) throws(RequestError) -> JSON? {
        switch method {
        case "initialize":
            self.isInitialized = true
            self.workspace.mainFile = parameters["initializationOptions"]["mainFile"].string
            self.workspace.defines = parameters["initializationOptions"]["defines"].array.compactMap(\.string)
            return Self.capabilities
        case "shutdown":
            self.isShutDown = true
            return .null
        case "textDocument/completion": return self.completion(parameters)
        case "textDocument/hover": return self.hover(parameters)
        case "textDocument/definition": return self.definition(parameters)
        case "textDocument/references": return self.references(parameters)
        case "textDocument/prepareRename": return self.prepareRename(parameters)
        case "textDocument/rename": return try self.rename(parameters)
        case "textDocument/documentSymbol": return self.symbols(parameters)
        case "textDocument/formatting": return self.format(parameters)
        default: return nil
        }
    }

    private static let capabilities: JSON = [
        "capabilities": [
            "positionEncoding": "utf-16",
            "textDocumentSync": ["openClose": true, "change": 1, "save": true],
            "completionProvider": ["triggerCharacters": ["$", "(", "{", ".", "\""]],
            "hoverProvider": true, "definitionProvider": true, "referencesProvider": true,
            "renameProvider": ["prepareProvider": true], "documentSymbolProvider": true,
            "documentFormattingProvider": true,
        ],
        "serverInfo": ["name": "apusctl lsp"],
    ]

    private mutating func notify(_ method: String, _ parameters: JSON) -> [JSON] {
        let uri = parameters["textDocument"]["uri"].string ?? ""
        let path = TextDocument.path(of: uri)
        switch method {
        case "exit":
            self.hasExited = true
            return []
        case "textDocument/didOpen":
            let text = parameters["textDocument"]["text"].string ?? ""
            self.workspace.open(TextDocument(path: path, uri: uri, bytes: Array(text.utf8)))
            return self.workspace.check(path)
        case "textDocument/didChange":
            // The whole text comes with each change.
            guard let text = parameters["contentChanges"].array.last?["text"].string else { return [] }
            self.workspace.change(path, to: Array(text.utf8))
            return self.workspace.check(path)
        case "textDocument/didSave": return self.workspace.check(path)
        case "textDocument/didClose":
            self.workspace.close(path)
            return []
        default: return []
        }
    }

    private func format(_ parameters: JSON) -> JSON {
        let path = TextDocument.path(of: parameters["textDocument"]["uri"].string ?? "")
        guard let document = self.workspace.documents[path] else { return .null }
        let usesSpaces = parameters["options"]["insertSpaces"].bool ?? false
        let width = parameters["options"]["tabSize"].int ?? 4
        let options = FormatOptions(indentation: usesSpaces ? .spaces(width) : .tabs)
        let formatted = ScriptFormatter.format(document.bytes, options: options)
        guard formatted != document.bytes else { return [] }
        let lines = document.bytes.count { $0 == 10 }
        return [
            [
                "range": ["start": ["line": 0, "character": 0], "end": ["line": .int(lines + 1), "character": 0]],
                "newText": .string(String(decoding: formatted, as: UTF8.self)),
            ]
        ]
    }
}
