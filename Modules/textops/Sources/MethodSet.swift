import Bytes
import ModuleKit
import SIPMessage

/// Methods as `is_method("INVITE|ACK")` names them: a set of bits, or one method that has no bit.
struct MethodSet {
    let methods: Method
    let name: ByteString?

    init(_ text: ByteString) throws {
        var set = Method(rawValue: 0)
        var other: ByteString?
        let parts = text.bytes.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
        for part in parts {
            let trimmed = part.drop { $0.isBlank }.reversed().drop { $0.isBlank }.reversed()
            let name = ByteString(Array(trimmed))
            guard !name.isEmpty, name.bytes.allSatisfy(\.isToken) else {
                throw ArgumentError("\(text.string) names no method")
            }
            let method = Method(named: ByteString(name.bytes.map { $0.isLetter ? $0 & 0xdf : $0 }))
            if method == .other {
                guard parts.count == 1 else {
                    throw ArgumentError("\(name.string) is no method known here, and only those can stand in a list")
                }
                other = name
            } else {
                set.formUnion(method)
            }
        }
        self.methods = set
        self.name = other
    }
}
