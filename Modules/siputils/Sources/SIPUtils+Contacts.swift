import Bytes
import ModuleKit
import SIPMessage

extension SIPUtils {
    /// Functions that hide the URIs in Contact, and find them again.
    var contactFunctions: [ScriptFunction] { self.encodingFunctions + self.parameterFunctions }

    private var encodingFunctions: [ScriptFunction] {
        let encoding = ContactEncoding(separator: self.settings.contactSeparator.bytes.first ?? UInt8(ascii: "*"))
        let outcomes = [
            1: "done", -1: "there is no Contact, or no URI in it", ContactEncoding.hasNoUser: "a URI has no user",
            ContactEncoding.hasOtherFields: "a user is not encoded",
        ]
        return [
            ScriptFunction(
                "encode_contact", Argument("prefix", .literal, "Begin of the user of the new URIs."),
                Argument("host", .literal, "Host of the new URIs."), in: [.request, .anyReply],
                summary: "Hides the URIs in Contact in the user of URIs with another host.",
                reference: "RFC 3261 §8.1.1.8", outcomes: [1: "done", -1: "there is no Contact, or no URI in it"],
                example: #"encode_contact("enc", "192.0.2.1");"#
            ) { route, arguments in
                let message = route.message
                let (prefix, host) = (arguments.text(0, in: route), arguments.text(1, in: route))
                guard message.has(.contact) else { return Self.noContact(route) }
                return Self.changeContacts(route) { span, uri in
                    .text(encoding.encoded(uri, span, prefix: prefix, host: host))
                }
            },
            ScriptFunction(
                "decode_contact", in: .request,
                summary: "Makes the URI that encode_contact() has hidden the Request-URI.",
                reference: "RFC 3261 §16.5", outcomes: outcomes, example: "decode_contact();"
            ) { route, _ in
                let decoded = route.withRequestURI { span, uri in
                    uri.map { encoding.decoded($0, span) } ?? .failure(ContactEncoding.hasNoUser)
                }
                switch decoded {
                case .uri(let uri):
                    route.setRequestURI(uri)
                    return .success
                case .failure(let code):
                    route.log(.error, "decode_contact: the Request-URI is not encoded")
                    return .code(code)
                }
            },
            ScriptFunction(
                "decode_contact_header", in: [.request, .failure, .anyReply],
                summary: "Puts the URIs that encode_contact() has hidden into Contact.", reference: "RFC 3261 §8.1.1.8",
                outcomes: outcomes, example: "decode_contact_header();"
            ) { route, _ in
                guard route.message.has(.contact) else { return Self.noContact(route) }
                return Self.changeContacts(route) { span, uri in
                    switch encoding.decoded(uri, span) {
                    case .uri(let text): .text(text)
                    case .failure(let code): .stop(code)
                    }
                }
            },
        ]
    }

    private var parameterFunctions: [ScriptFunction] {
        let name = Argument("parameter", .format, "Name of the parameter.")
        let address = Argument("address", .format, "The new URI.")
        func decoding(_ function: String) -> ScriptFunction {
            ScriptFunction(
                function, name, in: .request,
                summary: "Makes the URI that contact_param_encode() has hidden in the Request-URI the Request-URI.",
                reference: "RFC 3261 §16.5", outcomes: [1: "done", -1: "there is none"],
                example: "\(function)(\"np\");"
            ) { route, arguments in
                let name = arguments.text(0, in: route)
                let uri = route.withRequestURI { span, uri in
                    uri.flatMap { ContactParameter.decoded($0, span, name: name) }
                }
                guard let uri else { return .failure }
                route.setRequestURI(uri)
                return .success
            }
        }
        func encoding(_ function: String, _ summary: String, addsAlias: Bool) -> ScriptFunction {
            ScriptFunction(
                function, name, address, in: [.request, .anyReply], summary: summary, reference: "RFC 3261 §8.1.1.8",
                outcomes: [1: "done, or there is no Contact", -1: "the new one is no URI"],
                example: "\(function)(\"np\", \"sip:192.0.2.1:5060\");"
            ) { route, arguments in
                let (name, address) = (arguments.text(0, in: route), arguments.text(1, in: route))
                guard !name.isEmpty, SIPURI(address.span, ByteRange(start: 0, count: address.count)) != nil else {
                    route.log(.error, "\(function): \(address.string) is no URI")
                    return .failure
                }
                let alias = addsAlias ? Self.alias(route) : ByteString()
                return Self.changeContacts(route) { span, uri in
                    var hidden = ByteString(span, uri.range)
                    if addsAlias { hidden = URIParameters.add(alias, to: uri, span) }
                    return .text(ContactParameter.encoded(hidden, name: name, address: address))
                }
            }
        }
        return [
            encoding(
                "contact_param_encode", "Puts another URI into Contact, with the one that was there in a parameter.",
                addsAlias: false),
            encoding(
                "contact_param_encode_alias",
                "Like contact_param_encode(), with the source of the message as alias parameter of the hidden URI.",
                addsAlias: true),
            ScriptFunction(
                "contact_param_decode", name, in: [.request, .anyReply],
                summary: "Puts the URIs that contact_param_encode() has hidden back into Contact.",
                reference: "RFC 3261 §8.1.1.8", outcomes: [1: "always"], example: #"contact_param_decode("np");"#
            ) { route, arguments in
                let name = arguments.text(0, in: route)
                return Self.changeContacts(route) { span, uri in
                    ContactParameter.decoded(uri, span, name: name).map { .text($0) } ?? .keep
                }
            },
            decoding("contact_param_decode_ruri"), decoding("contact_param_decode_uri"),
            ScriptFunction(
                "contact_param_rm", name, in: [.request, .anyReply],
                summary: "Removes a parameter of the URIs in Contact.", reference: "RFC 3261 §19.1.1",
                outcomes: [1: "always"], example: #"contact_param_rm("np");"#
            ) { route, arguments in
                let name = arguments.text(0, in: route)
                return Self.changeContacts(route) { span, uri in
                    URIParameters.remove(name, from: uri, span).map { .text($0) } ?? .keep
                }
            },
            ScriptFunction(
                "contact_param_check", name, in: .any,
                summary: "Tells whether a URI in Contact has a parameter.", reference: "RFC 3261 §19.1.1",
                outcomes: [1: "it has", -1: "none has"], example: #"if (contact_param_check("np")) { setflag(1); }"#
            ) { route, arguments in
                let name = arguments.text(0, in: route)
                let message = route.message
                let span = message.span
                var contacts = NameAddressIterator(.contact)
                while let contact = contacts.next(message) {
                    guard contact.isValid, let uri = SIPURI(span, contact.uri) else { continue }
                    if uri.parameter(span, named: name.span).isPresent { return .success }
                }
                return .failure
            },
        ]
    }

    // MARK: Walking Contact

    private enum Change {
        case text(ByteString)
        case keep
        case stop(Int)
    }

    private static func noContact(_ route: RouteContext) -> Outcome {
        route.log(.error, "siputils: there is no Contact")
        return .failure
    }

    /// Replaces the URIs of all Contact values; a star stays. When one cannot be changed, none is.
    private static func changeContacts(_ route: RouteContext, _ change: (Span<UInt8>, SIPURI) -> Change) -> Outcome {
        let message = route.message
        let span = message.span
        let mark = route.edits.mark()
        var contacts = NameAddressIterator(.contact)
        while let contact = contacts.next(message) {
            guard contact.isValid, !contact.isStar else {
                if contact.isStar { continue }
                route.edits.rollback(to: mark)
                return .failure
            }
            guard let uri = SIPURI(span, contact.uri), uri.isSIP else {
                route.edits.rollback(to: mark)
                return .failure
            }
            switch change(span, uri) {
            case .text(let text):
                // Without brackets the parameters of the new URI would be those of the header field.
                let shown = contact.hasBrackets ? text : "<" + text + ">"
                route.edits.replace(contact.uri, with: shown.span)
            case .keep: continue
            case .stop(let code):
                route.edits.rollback(to: mark)
                route.log(.error, "siputils: a Contact cannot be decoded")
                return .code(code)
            }
        }
        return .success
    }

    private static func alias(_ route: RouteContext) -> ByteString {
        let out = ByteBuffer(capacity: 64)
        out.append("alias=")
        route.arrival.source.ip.writeBracketed(to: out)
        out.append(UInt8(ascii: "~"))
        out.append(decimal: Int(route.arrival.source.port))
        out.append(UInt8(ascii: "~"))
        out.append(decimal: Int(route.arrival.transport.rawValue))
        return ByteString(out.span)
    }
}
