/// Blanks between two pieces on one line of a route.
enum Spacing {
    private static let operators: Set<String> = [
        "=", "==", "!=", "=~", "<", ">", "<=", ">=", "&&", "||", "+", "<<", ">>", "&", "|", "^", "+=",
    ]
    /// Words that are followed by an expression or a statement, not by the arguments of a call.
    private static let keywords: Set<String> = [
        "if", "while", "switch", "case", "else", "and", "or", "not", "mod", "eq", "ne", "ieq", "ine",
    ]

    /// - Parameters:
    ///   - before: what stands before `left`, for casts.
    ///   - hasSpace: blanks stand between the two now.
    static func isWanted(
        between left: TextPiece, and right: TextPiece, before: [TextPiece], hasSpace: Bool
    ) -> Bool {
        if right.isComment || left.isComment { return true }
        if right.isSymbol(",") || right.isSymbol(";") { return false }
        if left.isSymbol(",") || left.isSymbol(";") { return true }
        if left.isSymbol("{") || right.isSymbol("}") || right.isSymbol("{") || left.isSymbol("}") { return true }
        if left.isSymbol("(") || right.isSymbol(")") { return false }
        if left.kind == .symbol, Self.operators.contains(left.text) { return true }
        if right.kind == .symbol, Self.operators.contains(right.text) { return true }
        if left.isSymbol("!") { return false }
        if right.isSymbol("(") {
            if left.kind == .word { return Self.keywords.contains(left.text) || hasSpace && Self.isJump(left) }
            return hasSpace
        }
        if left.isSymbol(")"), right.kind == .word || right.kind == .variable { return !Self.endsCast(before, left) }
        return hasSpace
    }

    private static func isJump(_ piece: TextPiece) -> Bool {
        piece.isWord("return") || piece.isWord("exit") || piece.isWord("drop")
    }

    private static func endsCast(_ before: [TextPiece], _ left: TextPiece) -> Bool {
        guard let word = before.last, before.dropLast().last?.isSymbol("(") == true else { return false }
        return word.isWord("int") || word.isWord("str")
    }
}
