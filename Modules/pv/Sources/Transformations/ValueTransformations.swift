import Bytes
import ModuleKit

/// `{val.…}` and `{num.…}`.
enum ValueTransformations {
    static let values = TransformationClass(
        "val", operations: ["n0", "ne", "json", "jsonqe"], summary: "What stands in for $null, and JSON strings."
    ) { operation, _, _ in
        switch operation {
        case "n0": return { _, value in value.isNull ? .int(0) : value }
        case "ne": return { _, value in value.isNull ? Transforming.empty : value }
        case "json": return Transforming.building { _, span, out in Self.escape(span, to: out) }
        case "jsonqe":
            return { route, value in
                if case .int = value { return value }
                let out = ByteBuffer(capacity: 32)
                out.append(UInt8(ascii: "\""))
                route.withText(value) { Self.escape($0, to: out) }
                out.append(UInt8(ascii: "\""))
                return .bytes(ByteString(out.span))
            }
        default: throw ArgumentError("there is no such operation")
        }
    }

    static let numbers = TransformationClass(
        "num", operations: ["fdigit", "ldigit"], summary: "Digits of numbers."
    ) { operation, _, _ in
        switch operation {
        case "fdigit", "ldigit":
            return { route, value in
                guard let number = route.int(value) else { return Transforming.empty }
                var digits = number.magnitude
                if operation == "fdigit" { while digits >= 10 { digits /= 10 } }
                return .int(Int(digits % 10))
            }
        default: throw ArgumentError("there is no such operation")
        }
    }

    /// The text of a JSON string without its quotes (RFC 8259 §7).
    private static func escape(_ span: Span<UInt8>, to out: ByteBuffer) {
        for index in 0..<span.count {
            switch span[index] {
            case 34, 92:
                out.append(92)
                out.append(span[index])
            case 8: out.append("\\b")
            case 9: out.append("\\t")
            case 10: out.append("\\n")
            case 12: out.append("\\f")
            case 13: out.append("\\r")
            case 0..<32:
                out.append("\\u")
                out.append(hex: UInt64(span[index]), digits: 4)
            default: out.append(span[index])
            }
        }
    }
}
