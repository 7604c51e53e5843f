import ModuleKit
import RouteScript

/// What the text before the cursor asks for.
enum CursorContext: Equatable {
    /// `$va|`
    case variable(prefix: String)
    /// `$var(na|`
    case variableName(className: String, prefix: String)
    /// `$(ru{s.le|`: class and operation so far.
    case transformation(prefix: String)
    /// `loadmodule "x|`
    case moduleName(prefix: String)
    /// `modparam("tm", "fr|`; nil while the module is being typed.
    case moduleParameter(module: String?, prefix: String)
    /// `#!ifd|`
    case directive(prefix: String)
    /// `#!ifdef WI|`
    case defineName(prefix: String)
    /// An argument of a call.
    case argument(function: String, index: Int, prefix: String)
    /// A word inside of a route.
    case statement(prefix: String)
    /// A word outside of routes.
    case topLevel(prefix: String)
    /// In a comment or a string that means nothing here.
    case nothing

    /// - Parameter offset: bytes of `text` before the cursor.
    init(_ text: [UInt8], at offset: Int) {
        let before = text[..<min(max(offset, 0), text.count)]
        let pieces = TextScanner.pieces(of: Array(before))
        self = Self.context(pieces)
        if case .nothing = self { return }
        let line = before[((before.lastIndex(of: 10) ?? -1) + 1)...]
        if let variable = Self.openVariable(String(decoding: line, as: UTF8.self)) { self = variable }
    }

    /// A variable at the end of the line whose parentheses are not closed yet.
    private static func openVariable(_ line: String) -> CursorContext? {
        guard let dollar = line.lastIndex(of: "$") else { return nil }
        let text = line[dollar...]
        let isOpen = text.count { $0 == "(" } > text.count { $0 == ")" }
        guard isOpen, !text.contains(where: { $0 == " " || $0 == ";" || $0 == "," }) else { return nil }
        let found = Self.variable(String(text))
        return found == .nothing ? nil : found
    }

    private static func context(_ pieces: [TextPiece]) -> CursorContext {
        guard let last = pieces.last else { return .topLevel(prefix: "") }
        switch last.kind {
        case .lineComment, .blockComment: return .nothing
        case .directive: return Self.directive(last)
        case .opaque: return Self.openString(last)
        default: break
        }
        var state = BlockState()
        for piece in pieces.dropLast() { state.take(piece) }
        if last.kind == .variable { return Self.variable(last.text) }
        let prefix = last.kind == .word ? last.text : ""
        if last.kind != .word { state.take(last) }
        if let call = Self.call(last.kind == .word ? pieces.dropLast() : pieces[...]) {
            return .argument(function: call.name, index: call.index, prefix: prefix)
        }
        return state.isInRoute ? .statement(prefix: prefix) : .topLevel(prefix: prefix)
    }

    private static func directive(_ piece: TextPiece) -> CursorContext {
        let name = piece.directiveName
        guard piece.bytes.count > name.utf8.count + 2 else { return .directive(prefix: name) }
        guard ["ifdef", "ifndef", "ifexp", "undef", "redef", "redefine"].contains(name) else { return .nothing }
        let word = piece.text.split(separator: " ", omittingEmptySubsequences: false).last ?? ""
        return .defineName(prefix: String(word))
    }

    /// The line ends in a string that is not closed yet.
    private static func openString(_ piece: TextPiece) -> CursorContext {
        let text = piece.text
        guard let quote = text.lastIndex(where: { $0 == "\"" || $0 == "'" }) else { return .nothing }
        let inside = String(text[text.index(after: quote)...])
        let before = TextScanner.pieces(of: Array(text[..<quote].utf8))
        if let word = before.last, word.isWord("loadmodule") { return .moduleName(prefix: inside) }
        if let dollar = inside.lastIndex(of: "$"), !inside[dollar...].contains(" ") {
            let found = Self.variable(String(inside[dollar...]))
            if found != .nothing { return found }
        }
        guard let call = Self.call(before[...]) else { return .nothing }
        switch (call.name, call.index) {
        case ("modparam", 0), ("modparamx", 0): return .moduleParameter(module: nil, prefix: inside)
        case ("modparam", 1), ("modparamx", 1):
            let module = call.arguments.first?.filter { $0 != "\"" && $0 != "'" }
            return .moduleParameter(module: module ?? "", prefix: inside)
        case ("loadmodule", 0): return .moduleName(prefix: inside)
        default: return .argument(function: call.name, index: call.index, prefix: inside)
        }
    }

    private static func variable(_ text: String) -> CursorContext {
        if let brace = text.lastIndex(of: "{"), !text[brace...].contains("}") {
            return .transformation(prefix: String(text[text.index(after: brace)...]))
        }
        var body = text.dropFirst()
        if body.first == "(" { body = body.dropFirst() }
        let name = body.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        if name.endIndex == body.endIndex { return .variable(prefix: String(name)) }
        let rest = body[name.endIndex...]
        guard rest.first == "(", !rest.contains(")") else { return .nothing }
        return .variableName(className: String(name), prefix: String(rest.dropFirst()))
    }

    /// The innermost call whose parenthesis is open at the end of `pieces`.
    static func call(_ pieces: ArraySlice<TextPiece>) -> (name: String, index: Int, arguments: [String])? {
        var depth = 0
        var commas = 0
        var index = pieces.endIndex
        while index > pieces.startIndex {
            index -= 1
            let piece = pieces[index]
            if piece.isSymbol(")") { depth += 1 }
            if piece.isSymbol(",") && depth == 0 { commas += 1 }
            if piece.isSymbol(";") || piece.isSymbol("{") || piece.isSymbol("}") { return nil }
            guard piece.isSymbol("(") else { continue }
            if depth > 0 {
                depth -= 1
                continue
            }
            guard index > pieces.startIndex, pieces[index - 1].kind == .word else { return nil }
            let name = pieces[index - 1].text
            guard !["if", "while", "switch", "and", "or", "not"].contains(name) else { return nil }
            let arguments = pieces[(index + 1)...].filter { $0.kind == .string }.map(\.text)
            return (name, commas, arguments)
        }
        return nil
    }
}
