import Bytes
import SIPMessage

/// The arguments at one place of a script where a function is called, prepared when the script was loaded.
///
/// Immutable and shared by all workers; what has to be computed at each call is read through the context.
public final class Arguments: Sendable {
    public enum Bound: Sendable {
        /// A literal: its text, and its number when it is one.
        case constant(ByteString, Int?)
        case format(FormatString)
        case variable(VariableReference)
        /// An expression that the machine evaluates before the call into `RouteContext.computedArguments`.
        case computed(Int)
        case object(any AnyObject & Sendable)
        case route(RouteID)
    }

    public let bound: [Bound]
    public init(_ bound: [Bound]) { self.bound = bound }

    public static let none = Arguments([])

    @inlinable public var count: Int { self.bound.count }

    /// Whether the script gave this (optional) argument.
    @inlinable
    public func has(_ index: Int) -> Bool { index < self.bound.count }

    /// The number, or nil when the argument is missing or is no number now (a variable that holds text).
    public func int(_ index: Int, in route: RouteContext) -> Int? {
        guard index < self.bound.count else { return nil }
        switch self.bound[index] {
        case .constant(_, let number): return number
        case .format(let format):
            if let variable = format.soleVariable { return route.int(variable.read(in: route)) }
            let text = format.evaluate(in: route)
            return Value.integer(text.span, ByteRange(start: 0, count: text.count))
        case .variable(let variable): return route.int(variable.read(in: route))
        case .computed(let slot): return route.int(route.computedArguments[slot])
        case .object, .route: return nil
        }
    }

    /// The text as it is now; empty when the argument is missing.
    public func text(_ index: Int, in route: RouteContext) -> ByteString {
        guard index < self.bound.count else { return ByteString() }
        switch self.bound[index] {
        case .constant(let text, _): return text
        case .format(let format): return format.evaluate(in: route)
        case .variable(let variable): return route.text(variable.read(in: route))
        case .computed(let slot): return route.text(route.computedArguments[slot])
        case .object, .route: return ByteString()
        }
    }

    /// The value with its type: an integer stays one.
    public func value(_ index: Int, in route: RouteContext) -> Value {
        guard index < self.bound.count else { return .null }
        switch self.bound[index] {
        case .constant(let text, let number): return number.map { .labelled($0, text) } ?? .bytes(text)
        case .format(let format):
            if let variable = format.soleVariable { return variable.read(in: route) }
            return .bytes(format.evaluate(in: route))
        case .variable(let variable): return variable.read(in: route)
        case .computed(let slot): return route.computedArguments[slot]
        case .object, .route: return .null
        }
    }

    /// What `Argument.Kind.custom` or `.regex` made of the text, when it is a `T`.
    @inlinable
    public func object<T: AnyObject & Sendable>(_ index: Int, as type: T.Type = T.self) -> T? {
        guard index < self.bound.count, case .object(let object) = self.bound[index] else { return nil }
        return cast(object, to: type)
    }

    public func variable(_ index: Int) -> VariableReference? {
        guard index < self.bound.count, case .variable(let variable) = self.bound[index] else { return nil }
        return variable
    }

    public func route(_ index: Int) -> RouteID {
        guard index < self.bound.count, case .route(let id) = self.bound[index] else { return .none }
        return id
    }
}
