import Bytes
import ModuleKit
import SIPMessage

extension SIPUtils {
    /// Questions about texts.
    var textFunctions: [ScriptFunction] {
        let text = Argument("text", .format, "The text to look at.")
        let maxDigits = self.settings.maxDigits
        func question(
            _ name: String, _ summary: String, _ reference: String = "", _ value: String, no: Int = -1,
            _ body: @escaping @Sendable (ByteString) -> Bool
        ) -> ScriptFunction {
            ScriptFunction(
                name, text, in: .any, summary: summary, reference: reference, outcomes: [1: "yes", no: "no"],
                example: "if (\(name)(\"\(value)\")) { setflag(1); }"
            ) { route, arguments in body(arguments.text(0, in: route)) ? .success : .code(no) }
        }
        return [
            question("is_uri", "Tells whether the text is a URI.", "RFC 3261 §19.1.1", "sip:alice@example.org") {
                SIPURI($0.span, ByteRange(start: 0, count: $0.count)) != nil
            },
            question(
                "is_tel_number", "Tells whether the text is digits, with or without a plus sign in front.", "",
                "+49301234", no: -2
            ) {
                TextQuestions.isNumber($0)
            },
            question("is_numeric", "Tells whether the text is digits only.", "", "1234", no: -2) {
                TextQuestions.isNumeric($0)
            },
            question("is_alphanum", "Tells whether the text is letters and digits only.", "", "abc12", no: -2) {
                TextQuestions.isAlphanumeric($0)
            },
            question("is_e164", "Tells whether the text is an E.164 number with its plus sign.", "ITU-T E.164", "$fU") {
                TextQuestions.isE164($0.span, maxLength: maxDigits)
            },
            question("is_uri_user_e164", "Tells whether the user of a URI is an E.164 number.", "ITU-T E.164", "$fu") {
                text in
                guard let uri = SIPURI(text.span, ByteRange(start: 0, count: text.count)), uri.user.isPresent else {
                    return false
                }
                let user = ByteString(text.span, uri.user)
                return TextQuestions.isE164(user.span, maxLength: maxDigits)
            },
            ScriptFunction(
                "is_alphanumex", text, Argument("extra", .format, "Characters allowed beside them."), in: .any,
                summary: "Tells whether the text is letters, digits and some more characters only.",
                outcomes: [1: "yes", -1: "no"], example: #"if (is_alphanumex("$fU", ".-_")) { setflag(1); }"#
            ) { route, arguments in
                let extra = arguments.text(1, in: route).bytes
                return TextQuestions.isAlphanumeric(arguments.text(0, in: route), plus: extra) ? .success : .failure
            },
            ScriptFunction(
                "cmp_hdr_name", Argument("first", .format, "Name."), Argument("second", .format, "Name."), in: .any,
                summary: "Tells whether two names are of the same header field; compact forms equal long ones.",
                reference: "RFC 3261 §7.3.3", outcomes: [1: "the same", -1: "different"],
                example: #"if (cmp_hdr_name("f", "From")) { setflag(1); }"#
            ) { route, arguments in
                let first = arguments.text(0, in: route)
                let second = arguments.text(1, in: route)
                let name = HeaderName(named: first)
                guard name == .other else { return name == HeaderName(named: second) ? .success : .failure }
                return first.span.equalsIgnoringCase(second.span) ? .success : .failure
            },
        ]
    }
}
