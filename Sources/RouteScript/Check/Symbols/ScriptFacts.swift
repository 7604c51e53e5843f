import Bytes
import ModuleKit

/// What one walk over the tree finds: the symbols, and what the checks ask about.
struct ScriptFacts {
    var symbols = SymbolTable()
    var calls: [CallFact] = []
    var routeCalls: [RouteCallFact] = []
    /// Strings that are operands of expressions: nothing expands variables in them.
    var operandStrings: [StringLiteral] = []
    /// Route blocks, by their index, that ask what kind of message or route they run for.
    var guardedBlocks: Set<Int> = []
    /// Words of strings whose meaning is not known here, each with where it stands first.
    var mentionedWords: [String: SourceRange] = [:]
    var flagUses: [FlagUse] = []

    struct CallFact {
        var call: Call
        /// Index of the block in `symbols.routes`.
        var block: Int
        var function: ScriptFunction?
        var module: String?
    }

    struct RouteCallFact {
        enum Target {
            case name(String)
            /// The routes whose names begin with this text; empty: any.
            case prefix(String)
        }
        var target: Target
        /// Kinds of blocks that may be meant.
        var kinds: RouteKinds
        /// It is run later, by a module that was given its name.
        var isArmed: Bool
        var block: Int
        var range: SourceRange
    }

    /// A message flag that a core command is given.
    struct FlagUse {
        enum Space { case message, branch }
        var space: Space
        var number: Int
        /// The define or declared name it was written as; nil for a bare number.
        var name: String?
        var range: SourceRange
    }
}
