import Bytes
import ModuleKit
import SIPMessage

/// `{nameaddr.…}` and `{tobody.…}`.
enum AddressTransformations {
    static let nameAddress = TransformationClass(
        "nameaddr", operations: ["name", "uri", "len"], summary: "Display name and URI of an address."
    ) { operation, _, _ in
        switch operation {
        // With the white space up to the angle bracket.
        case "name": return Self.address { _, address in
                guard address.displayName.isPresent else { return .part(.absent) }
                return .part(ByteRange(address.displayName.lower, address.uriIncludingBrackets.lower))
            }
        case "uri": return Self.address { span, address in
                .part(address.hasBrackets ? address.uri : ByteRange(address.uri.lower, span.count))
            }
        case "len": return Self.address { span, address in
                .value(.int(address.hasBrackets ? address.uriIncludingBrackets.upper - address.start : span.count - address.start))
            }
        default: throw ArgumentError("{nameaddr.\(operation)} is unknown")
        }
    }

    static let toBody = TransformationClass(
        "tobody", operations: ["uri", "display", "tag", "user", "host", "params"], summary: "Parts of a To or From value."
    ) { operation, _, _ in
        switch operation {
        case "uri": return Self.address { .part($1.uri) }
        case "display": return Self.address { .part($1.displayName) }
        case "tag": return Self.address { .part($1.tag) }
        case "user": return Self.address { .part(SIPURI($0, $1.uri)?.user ?? .absent) }
        case "host": return Self.address { .part(SIPURI($0, $1.uri)?.host ?? .absent) }
        case "params": return Self.address { _, address in
                guard address.parameters.count > 1 else { return .part(.absent) }
                return .part(ByteRange(address.parameters.lower + 1, address.parameters.upper))
            }
        default: throw ArgumentError("{tobody.\(operation)} is unknown")
        }
    }

    private static func address(
        _ body: @escaping @Sendable (Span<UInt8>, NameAddress) -> TextResult
    ) -> VariableReference.Transform {
        Transforming.text { _, span in
            let address = NameAddress(span, ByteRange(0, span.count))
            return address.isValid ? body(span, address) : .part(.absent)
        }
    }
}
