import Bytes
import ModuleKit
import SIPMessage

extension HTTPRequests {
    public var variables: [ScriptVariable] {
        [
            ScriptVariable("hu", summary: "URL of an HTTP request: path and query.", reference: "RFC 9112 §3.2") {
                $0.message.kind == .http ? .slice($0.message.requestURI) : .null
            }
        ]
    }

    public var transformations: [TransformationClass] {
        [
            TransformationClass(
                "url", operations: ["path", "querystring"], summary: "Parts of the URL of an HTTP request."
            ) { operation, parameters, _ in
                guard parameters.isEmpty else { throw ArgumentError("{url.\(operation)} takes no parameters") }
                switch operation {
                case "path": return Self.part { mark, _ in ByteRange(0, mark) }
                case "querystring": return Self.part { mark, end in ByteRange(min(mark + 1, end), end) }
                default: throw ArgumentError("there is no such operation; there are path and querystring")
                }
            }
        ]
    }

    /// - Parameter range: from the place of the question mark, or the end, and from the end.
    private static func part(_ range: @escaping @Sendable (Int, Int) -> ByteRange) -> VariableReference.Transform {
        { route, value in
            guard !value.isNull else { return .null }
            return route.withText(value) { span in
                let mark = span.firstIndex(of: UInt8(ascii: "?"), from: 0, to: span.count)
                return .bytes(ByteString(span, range(mark, span.count)))
            }
        }
    }
}
