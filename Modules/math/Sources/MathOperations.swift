import Bytes
import Glibc
import ModuleKit
import SIPMessage

/// The `math` module: powers, roots and logarithms of whole numbers.
///
/// Scripts have no fractions: what comes out is cut off at the point.
public final class MathOperations: ServerModule {
    public static let name = "math"
    public static let summary = "Powers, roots and logarithms."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "math_pow", Argument("base", .int, "The number."), Argument("exponent", .int, "Its exponent."),
                Self.result, in: .any, summary: "Raises a number to a power.", outcomes: Self.outcomes,
                example: #"math_pow("2", "10", "$var(result)");"#
            ) { route, arguments in
                guard let base = arguments.int(0, in: route), let exponent = arguments.int(1, in: route) else {
                    return .failure
                }
                return Self.store(pow(Double(base), Double(exponent)), 2, arguments, route)
            },
            Self.function("math_logN", "The natural logarithm of a number.", "10") { log($0) },
            Self.function("math_log2", "The logarithm of a number to base 2.", "16") { log2($0) },
            Self.function("math_log10", "The logarithm of a number to base 10.", "100") { log10($0) },
            Self.function("math_sqrt", "The square root of a number.", "144") { $0.squareRoot() },
        ]
    }

    private static let result = Argument("result", .variable, "Takes the result, cut off at the point.")
    private static let outcomes = [
        1: "computed", -1: "an argument is no number, or the result is none that fits into 64 bits",
    ]

    private static func function(
        _ name: String, _ summary: String, _ example: String, _ body: @escaping @Sendable (Double) -> Double
    ) -> ScriptFunction {
        ScriptFunction(
            name, Argument("x", .int, "The number."), Self.result, in: .any, summary: summary,
            outcomes: Self.outcomes, example: "\(name)(\"\(example)\", \"$var(result)\");"
        ) { route, arguments in
            guard let number = arguments.int(0, in: route) else { return .failure }
            return Self.store(body(Double(number)), 1, arguments, route)
        }
    }

    /// Stores a result in the variable at `index`; infinities and what is no number are refused.
    private static func store(_ result: Double, _ index: Int, _ arguments: Arguments, _ route: RouteContext) -> Outcome
    {
        guard let number = Int(exactly: result.rounded(.towardZero)), let variable = arguments.variable(index) else {
            return .failure
        }
        return variable.write(.int(number), in: route) ? .success : .failure
    }
}
