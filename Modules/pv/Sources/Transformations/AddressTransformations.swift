import Bytes
import ModuleKit
import SIPMessage

/// `{nameaddr.…}` and `{tobody.…}`.
enum AddressTransformations {
    static let nameAddress = TransformationClass(
        "nameaddr", operations: ["name", "uri", "len"], summary: "Display name and URI of an address."
    ) { operation, _, _ in
        guard ["name", "uri", "len"].contains(operation) else { throw ArgumentError("there is no such operation") }
        return Transforming.text { _, span in
            guard span.count > 0 else { return .failed }
            let uri = Self.bracketed(span) ?? ByteRange(0, span.count)
            switch operation {
            // With the white space up to the angle bracket.
            case "name": return .part(uri.lower > 0 ? ByteRange(0, uri.lower - 1) : .absent)
            case "uri": return .part(uri)
            default: return .value(.int(min(uri.upper + 1, span.count)))
            }
        }
    }

    /// What stands in the first angle brackets that no quoted string holds.
    private static func bracketed(_ span: Span<UInt8>) -> ByteRange? {
        var index = 0
        while index < span.count, span[index] != UInt8(ascii: "<") {
            if span[index] == UInt8(ascii: "\"") {
                index += 1
                while index < span.count, span[index] != UInt8(ascii: "\"") { index += span[index] == 92 ? 2 : 1 }
            }
            index += 1
        }
        guard index < span.count else { return nil }
        let close = span.firstIndex(of: UInt8(ascii: ">"), from: index, to: span.count)
        return close < span.count ? ByteRange(index + 1, close) : nil
    }

    static let toBody = TransformationClass(
        "tobody", operations: ["uri", "display", "tag", "user", "host", "params"],
        summary: "Parts of a To or From value."
    ) { operation, _, _ in
        switch operation {
        case "uri": return Self.address { _, address, _ in .part(address.uri) }
        case "display": return Self.address { _, address, _ in .part(address.displayName) }
        case "tag": return Self.address { _, address, _ in .part(address.tag) }
        case "user": return Self.address { _, _, uri in .part(uri.user) }
        case "host": return Self.address { _, _, uri in .part(uri.host) }
        case "params":
            return Self.address { _, address, _ in
                guard address.parameters.count > 1 else { return .part(.absent) }
                return .part(ByteRange(address.parameters.lower + 1, address.parameters.upper))
            }
        default: throw ArgumentError("there is no such operation")
        }
    }

    private static func address(
        _ body: @escaping @Sendable (Span<UInt8>, NameAddress, SIPURI) -> TextResult
    ) -> VariableReference.Transform {
        Transforming.text { _, span in
            let address = NameAddress(span, ByteRange(0, span.count))
            guard address.isValid, let uri = SIPURI(span, address.uri) else { return .failed }
            return body(span, address, uri)
        }
    }
}
