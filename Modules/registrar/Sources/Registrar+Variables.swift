import Bytes
import ModuleKit
import usrloc

extension Registrar {
    public var variables: [ScriptVariable] {
        [
            ScriptVariable(
                "ulc", inner: .required,
                summary:
                    "What reg_fetch_contacts() found: $(ulc(profile=>attribute)[n]); aor, domain, aorhash, count, addr, path, received, expires, callid, q, cseq, flags, cflags, user_agent, socket, modified, methods, ruid, regid, instance, conid.",
                reference: "RFC 3261 §10.3"
            ) { name, _ in
                guard case .literal(let text) = name else {
                    throw ArgumentError("$ulc takes profile=>attribute")
                }
                let (profile, attribute) = try Self.parts(text)
                return VariableAccess { route, index in
                    guard let set = route.state(FetchedContacts.self)?.sets[profile] else { return .null }
                    if case .at(let position) = index { return set.value(attribute, position) }
                    return set.value(attribute, 0)
                }
            }
        ]
    }

    private static func parts(_ text: ByteString) throws -> (ByteString, ContactSet.Attribute) {
        let bytes = text.bytes
        guard let arrow = bytes.indices.dropLast().first(where: { bytes[$0] == 61 && bytes[$0 + 1] == 62 }),
            arrow > 0
        else { throw ArgumentError("$ulc takes profile=>attribute, not \(text)") }
        let name = ByteString(Array(bytes[(arrow + 2)...]))
        guard let attribute = ContactSet.Attribute(name) else {
            throw ArgumentError("contacts have no attribute \(name)")
        }
        return (ByteString(Array(bytes[..<arrow])), attribute)
    }
}
