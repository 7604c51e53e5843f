/// One step of the machine. Operands are indices into the side tables of the program, or places in the code.
struct Instruction: Sendable, BitwiseCopyable {
    var operation: Operation
    var flag: UInt8 = 0
    var a: Int32 = 0
    var b: Int32 = 0

    init(_ operation: Operation, _ a: Int = 0, _ b: Int = 0, flag: UInt8 = 0) {
        self.operation = operation
        self.flag = flag
        self.a = Int32(truncatingIfNeeded: a)
        self.b = Int32(truncatingIfNeeded: b)
    }
}

/// What an instruction does. "Push" and "pop" are on the operand stack of the execution.
enum Operation: UInt8, Sendable, BitwiseCopyable {
    /// Push constant `a`.
    case constant
    /// Push the integer `a`.
    case integer
    /// Push the value of variable `a`.
    case variable
    /// Push whether variable `a` has a value; `b` 1: whether it has none.
    case isDefined
    /// Pop, assign to variable `a`.
    case assign
    /// Assign constant `b` to variable `a`.
    case assignConstant
    /// Drop the top value.
    case pop
    /// Call function site `a`; `flag` is a `CallMode`.
    case call
    /// What function site `a` does to a message flag: the number of the flag is in the low five bits of `b`, a
    /// `FlagAction` above them; `flag` is a `CallMode`.
    case messageFlag
    /// Run route `a`; `flag` is a `CallMode`.
    case route
    /// Pop a name, run the route called so; `flag` is a `CallMode`.
    case routeNamed
    /// Go to `a`.
    case jump
    /// Pop; go to `a` unless the value is above 0. `b` 1: of an `if`, which by itself counts as a successful action.
    case jumpUnlessPositive
    /// Pop; go to `a` if it is 0 (`&&`). `b` 1: of a `while`.
    case jumpIfZero
    /// Pop; go to `a` unless it is 0 (`||`).
    case jumpUnlessZero
    /// Binary operators: pop right, pop left, push the result; `a` is a `BinaryOperation`.
    case binary
    /// A binary operator whose right operand is constant `b`: pop left, push the result.
    case binaryConstant
    /// `=~` with the compiled expression `a`: pop text, push 0 or 1.
    case matchConstant
    /// Pop; push 1 if it is 0, else 0.
    case not
    case negate
    case complement
    case toInteger
    case toString
    /// Pop; push its length.
    case length
    /// Pop; push whether it is empty.
    case isEmpty
    /// Push whether condition `a` holds.
    case condition
    /// Pop an operand, push whether condition `a` holds against it.
    case conditionWith
    /// Pop the subject; go where switch `a` says.
    case select
    /// Push a count of rounds.
    case loopStart
    /// Count one more round; past the limit go to `b`. `a`: instructions of the loop.
    case loopCheck
    /// Pop a code; return from the route.
    case returnValue
    /// `break` outside of loops: return 0 without ending the script.
    case returnBreak
    /// Pop a code; end the script.
    case exit
    /// Pop a code; end the script and drop the message.
    case drop
    /// The last action's code is `a`.
    case setCode
    /// The end of a block whose rest alone may be left to run: see `ScriptFunction.continuesBlockOnly`.
    case endBlock
    /// `$rc` is 0: an action inside of an expression begins (language §7).
    case clearReturnCode
    /// The route runs off its end.
    case end
    /// Store the top value as argument `a` of the call to come.
    case argument
}

/// What becomes of the code of a function or route.
struct CallMode: Equatable, Sendable, BitwiseCopyable {
    var rawValue: UInt8

    /// A statement: the code becomes that of the last action.
    static let statement = CallMode(rawValue: 0)
    /// Inside an expression: 1 above 0, else 0.
    static let truth = CallMode(rawValue: 1)
    /// The whole right side of an assignment: as it is.
    static let raw = CallMode(rawValue: 2)

    /// Core commands and blocks in expressions do not touch `$rc`, and their 0 does not end the script.
    var isQuiet: Bool { self.rawValue & 4 != 0 }
    var quiet: CallMode { CallMode(rawValue: self.rawValue | 4) }
    /// The mode without `quiet`.
    var use: CallMode { CallMode(rawValue: self.rawValue & 3) }
}

enum BinaryOperation: Int, Sendable {
    case add, subtract, multiply, divide, modulo
    case bitOr, bitAnd, bitXor, shiftLeft, shiftRight
    case equal, notEqual, stringEqual, stringNotEqual, integerEqual, integerNotEqual
    case less, lessOrEqual, greater, greaterOrEqual
    case matches
}
