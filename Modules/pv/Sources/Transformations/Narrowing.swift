import Bytes
import ModuleKit

/// What a transformation does to text that is there; `$null` stays `$null` without being asked.
enum TextResult {
    /// A part of the text: nothing is copied when it lies in the message.
    case part(ByteRange)
    case value(Value)
    /// The text is none of that kind: the result is `$null`, and prints as nothing.
    case failed
}

enum Transforming {
    static let empty = Value.bytes(ByteString())

    static func text(
        _ body: @escaping @Sendable (RouteContext, Span<UInt8>) -> TextResult
    ) -> VariableReference.Transform {
        { route, value in
            guard !value.isNull else { return .null }
            return route.withText(value) { span in
                switch body(route, span) {
                case .value(let result): return result
                case .failed: return .null
                case .part(let range):
                    guard range.isPresent, range.upper <= span.count else { return Self.empty }
                    if case .slice(let whole) = value {
                        return .slice(ByteRange(start: whole.lower + range.lower, count: range.length))
                    }
                    return .bytes(ByteString(span, range))
                }
            }
        }
    }

    /// A transformation that builds a new text.
    static func building(
        _ body: @escaping @Sendable (RouteContext, Span<UInt8>, ByteBuffer) -> Void
    ) -> VariableReference.Transform {
        Self.text { route, span in
            let out = ByteBuffer(capacity: span.count + 16)
            body(route, span, out)
            return .value(.bytes(ByteString(out.span)))
        }
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }

    static func trimmed(_ span: Span<UInt8>, left: Bool = true, right: Bool = true) -> ByteRange {
        var lower = 0
        var upper = span.count
        if left { while lower < upper, Self.isSpace(span[lower]) { lower += 1 } }
        if right { while upper > lower, Self.isSpace(span[upper - 1]) { upper -= 1 } }
        return ByteRange(lower, upper)
    }
}

extension [TransformationClass.Parameter] {
    func text(_ index: Int, in route: RouteContext) -> ByteString {
        index < self.count ? self[index].text(in: route) : ByteString()
    }

    func int(_ index: Int, in route: RouteContext) -> Int { index < self.count ? self[index].int(in: route) ?? 0 : 0 }

    /// - Throws: `ArgumentError` unless there are as many parameters as that.
    func need(_ range: ClosedRange<Int>, _ name: String) throws {
        guard range.contains(self.count) else {
            let wanted =
                range.lowerBound == range.upperBound
                ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            throw ArgumentError("\(wanted) parameters are needed (\(name)), not \(self.count)")
        }
    }

    /// The character given as parameter. Written as it is, a comma comes as two empty parameters or none.
    func character(_ index: Int, default standard: UInt8, in route: RouteContext) -> UInt8 {
        index < self.count ? self[index].text(in: route).bytes.first ?? UInt8(ascii: ",") : standard
    }
}
