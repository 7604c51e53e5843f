import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// From and To. Assignments are made when the message is sent.
    var addressVariables: [ScriptVariable] {
        Self.address("From", "f", "from", uri: { $0.fromURI }, { $0.from })
            + Self.address("To", "t", "to", uri: { $0.toURI }, { $0.to })
            + [
                ScriptVariable("tts", summary: "1 when To has a tag, else 0.", reference: "RFC 3261 §19.3") {
                    .int($0.message.to.hasTag ? 1 : 0)
                },
                ScriptVariable("ful", summary: "Length of the URI in From.") { .int($0.message.from.uri.length) },
            ]
    }

    private static func address(
        _ header: String, _ letter: String, _ long: String, uri: @escaping @Sendable (Message) -> SIPURI?,
        _ address: @escaping @Sendable (Message) -> NameAddress
    ) -> [ScriptVariable] {
        let reference = header == "From" ? "RFC 3261 §20.20" : "RFC 3261 §20.39"
        return [
            ScriptVariable("\(letter)u", long, summary: "URI in \(header).", reference: reference) { route in
                .slice(ifPresent: address(route.message).uri)
            } write: { route, value in
                AddressEdit(route, address(route.message)).setURI(route.text(value))
            },
            ScriptVariable("\(letter)U", "\(long).user", summary: "User of the URI in \(header).", reference: reference)
            { route in
                Self.nonEmpty(.slice(ifPresent: uri(route.message)?.user ?? .absent), route)
            } write: { route, value in
                AddressEdit(route, address(route.message)).setUser(route.text(value), uri(route.message))
            },
            ScriptVariable(
                "\(letter)d", "\(long).domain", summary: "Host of the URI in \(header).", reference: reference
            ) { route in
                .slice(ifPresent: uri(route.message)?.host ?? .absent)
            } write: { route, value in
                AddressEdit(route, address(route.message)).setHost(route.text(value), uri(route.message))
            },
            ScriptVariable("\(letter)n", summary: "Display name in \(header), with its quotes.", reference: reference) {
                route in
                .slice(ifPresent: address(route.message).displayName)
            } write: { route, value in
                AddressEdit(route, address(route.message)).setName(route.text(value))
            },
            ScriptVariable("\(letter)t", summary: "Tag in \(header).", reference: "RFC 3261 §19.3") { route in
                Self.nonEmpty(.slice(ifPresent: address(route.message).tag), route)
            },
            ScriptVariable("\(letter)Ul", summary: "Length of the user of the URI in \(header).") { route in
                .int(uri(route.message)?.user.length ?? 0)
            },
        ]
    }
}

/// Changes to an address header field.
struct AddressEdit {
    private let route: RouteContext
    private let address: NameAddress

    init(_ route: RouteContext, _ address: NameAddress) {
        self.route = route
        self.address = address
    }

    /// Each gives false when the field is missing or cannot take the text.
    func setURI(_ text: ByteString) -> Bool {
        guard self.address.isValid, !text.isEmpty else { return false }
        let edits = self.route.edits
        let writer = edits.beginInsert()
        if !self.address.hasBrackets { writer.buffer.append(UInt8(ascii: "<")) }
        writer.buffer.append(text)
        if !self.address.hasBrackets { writer.buffer.append(UInt8(ascii: ">")) }
        edits.endReplace(writer, self.address.uri)
        return true
    }

    func setUser(_ text: ByteString, _ uri: SIPURI?) -> Bool {
        guard self.address.isValid, let uri, uri.isSIP else { return false }
        let edits = self.route.edits
        if text.isEmpty {
            edits.delete(ByteRange(uri.schemeRange.upper + 1, uri.host.lower))
        } else if uri.user.isPresent {
            edits.replace(uri.user, with: text.span)
        } else {
            edits.insert(at: uri.host.lower, text + "@")
        }
        return true
    }

    func setHost(_ text: ByteString, _ uri: SIPURI?) -> Bool {
        guard self.address.isValid, !text.isEmpty, let uri, uri.host.isPresent else { return false }
        self.route.edits.replace(uri.host, with: text.span)
        return true
    }

    func setName(_ text: ByteString) -> Bool {
        guard self.address.isValid else { return false }
        let edits = self.route.edits
        let place = self.address.uriIncludingBrackets
        if self.address.displayName.isPresent {
            if text.isEmpty {
                edits.delete(ByteRange(self.address.displayName.lower, place.lower))
            } else {
                edits.replace(self.address.displayName, with: text.span)
            }
        } else if !text.isEmpty {
            edits.insert(at: place.lower, text + (self.address.hasBrackets ? " " : " <"))
            if !self.address.hasBrackets { edits.insert(at: place.upper, ">", before: true) }
        }
        return true
    }
}
