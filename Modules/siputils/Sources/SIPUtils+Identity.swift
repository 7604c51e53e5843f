import Bytes
import ModuleKit
import SIPMessage

extension SIPUtils {
    /// Who calls: checked credentials and Remote-Party-ID.
    var identityFunctions: [ScriptFunction] {
        let attribute = self.rpidAttribute
        let (prefix, suffix) = (self.settings.rpidPrefix, self.settings.rpidSuffix)
        let maxDigits = self.settings.maxDigits
        return [
            ScriptFunction(
                "is_user", Argument("user", .format, "The user."), in: .request,
                summary: "Tells whether the request was authenticated as a user.", reference: "RFC 3261 §22.1",
                outcomes: [1: "it was", -1: "as another one, or not at all"],
                example: #"if (is_user("alice")) { setflag(1); }"#
            ) { route, arguments in
                guard let user = route.state(AuthorizedUser.self) else {
                    route.log(.error, "is_user: no credentials have been checked")
                    return .failure
                }
                return user.name == arguments.text(0, in: route) ? .success : .failure
            },
            ScriptFunction(
                "is_rpid_user_e164", in: .request,
                summary: "Tells whether the user of the URI in rpid_avp is an E.164 number.", reference: "ITU-T E.164",
                outcomes: [1: "it is", -1: "it is not, or there is none"],
                example: "if (is_rpid_user_e164()) { setflag(1); }"
            ) { route, _ in
                let text = route.text(route.attributes.value(attribute))
                let address = NameAddress(text.span, ByteRange(start: 0, count: text.count))
                guard address.isValid, let uri = SIPURI(text.span, address.uri), uri.user.count > 0 else {
                    return .failure
                }
                let user = ByteString(text.span, uri.user)
                return TextQuestions.isE164(user.span, maxLength: maxDigits) ? .success : .failure
            },
            ScriptFunction(
                "append_rpid_hf",
                Argument("prefix", .literal, "Text before the value; rpid_prefix when left out.", optional: true),
                Argument("suffix", .literal, "Text behind it; rpid_suffix when left out.", optional: true),
                in: [.request, .failure, .branch],
                summary: "Adds a header field Remote-Party-ID with the value in rpid_avp.",
                outcomes: [1: "added", -1: "rpid_avp has no value"], example: "append_rpid_hf();"
            ) { route, arguments in
                let value = route.attributes.value(attribute)
                guard !route.isEmpty(value) else { return .failure }
                let writer = route.edits.beginInsert()
                writer.buffer.append("Remote-Party-ID: ")
                writer.buffer.append(arguments.has(0) ? arguments.text(0, in: route) : prefix)
                route.print(value, to: writer.buffer)
                writer.buffer.append(arguments.has(1) ? arguments.text(1, in: route) : suffix)
                writer.buffer.append("\r\n")
                route.edits.endInsert(writer, at: route.message.headersEnd)
                return .success
            },
        ]
    }
}
