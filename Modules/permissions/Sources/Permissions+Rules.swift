import Bytes
import ModuleKit
import SIPMessage

extension Permissions {
    var ruleFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "allow_routing", self.fileArgument("Base name of the files, or the allow file.", optional: true),
                self.denyArgument, in: .any,
                summary:
                    "Tells whether files of rules let the caller (From) have this target (Request-URI and branches).",
                outcomes: [1: "they do", -1: "they do not"],
                example: #"if (!allow_routing("rules")) { sl_send_reply("403", "Forbidden"); exit; }"#
            ) { [unowned self] route, arguments in self.allowRouting(route, self.pair(arguments)) },
            self.registerFunction(
                "allow_register", "Tells whether files of rules let the user (To) register these contacts.",
                hasPort: false),
            self.registerFunction(
                "allow_register_include_port",
                "Tells whether files of rules let the user (To) register these contacts, ports included.", hasPort: true
            ),
            ScriptFunction(
                "allow_uri", self.fileArgument("Base name of the files.", optional: false),
                Argument("uri", .variable, "Variable with the URI."), in: [.request, .failure],
                summary: "Tells whether files of rules let the caller (From) have a URI.",
                outcomes: [1: "they do", -1: "they do not"],
                example: #"if (allow_uri("rules", "$rt")) { t_relay(); }"#
            ) { [unowned self] route, arguments in
                guard let variable = arguments.variable(1) else { return .failure }
                let value = variable.read(in: route)
                if case .null = value {
                    route.log(.error, "allow_uri: \(variable.text) has no value")
                    return .failure
                }
                let uri = route.text(value)
                return self.allows(self.pair(arguments), left: Self.fromURI(route), rights: [uri]) ? .success : .failure
            },
        ]
    }

    private func registerFunction(_ name: String, _ summary: String, hasPort: Bool) -> ScriptFunction {
        ScriptFunction(
            name, self.fileArgument("Base name of the files, or the allow file.", optional: false),
            self.denyArgument, in: [.request, .failure],
            summary: summary, outcomes: [1: "they do", -1: "they do not"],
            example: "if (!\(name)(\"register\")) { sl_send_reply(\"403\", \"Forbidden\"); exit; }"
        ) { [unowned self] route, arguments in
            guard let contacts = Self.contacts(route.message, hasPort: hasPort) else {
                route.log(.error, "\(name): a Contact cannot be read")
                return .failure
            }
            let message = route.message
            let user = message.text(message.to.uri)
            return self.allows(self.pair(arguments), left: user, rights: contacts) ? .success : .failure
        }
    }

    // MARK: Files

    /// Which files a call means is known when it is compiled, so that they are read at the start.
    private func fileArgument(_ summary: String, optional: Bool) -> Argument {
        Argument(
            "files",
            .custom { [unowned self] text, _ in
                let pair = RulePair(allow: text + self.settings.allowSuffix, deny: text + self.settings.denySuffix)
                self.want(pair.allow)
                self.want(pair.deny)
                // With a second argument the text is a file name itself.
                self.want(text, quietly: true)
                return FileArgument(text: text, pair: pair)
            }, summary, optional: optional)
    }

    private var denyArgument: Argument {
        Argument(
            "deny",
            .custom { [unowned self] text, _ in
                self.want(text)
                return FileArgument(text: text, pair: RulePair(allow: text, deny: text))
            }, "The deny file.", optional: true)
    }

    private final class FileArgument: Sendable {
        let text: ByteString
        let pair: RulePair
        init(text: ByteString, pair: RulePair) {
            self.text = text
            self.pair = pair
        }
    }

    private func pair(_ arguments: Arguments) -> RulePair {
        guard let argument = arguments.object(0, as: FileArgument.self) else {
            return RulePair(allow: self.settings.defaultAllowFile, deny: self.settings.defaultDenyFile)
        }
        guard let deny = arguments.object(1, as: FileArgument.self) else { return argument.pair }
        return RulePair(allow: argument.text, deny: deny.text)
    }

    // MARK: Questions

    /// Every pair of the left URI with a right one has to be allowed.
    func allows(_ files: RulePair, left: ByteString, rights: [ByteString]) -> Bool {
        let (allow, deny) = self.rules(files)
        return rights.allSatisfy { right in
            if let allow, allow.matches(left.span, right.span) { return true }
            if let deny, deny.matches(left.span, right.span) { return false }
            return true
        }
    }

    private func allowRouting(_ route: RouteContext, _ files: RulePair) -> Outcome {
        guard let target = Self.target(route.text(route.requestURI), hasPort: false) else {
            route.log(.error, "allow_routing: the Request-URI cannot be read")
            return .failure
        }
        var targets = [target]
        if self.settings.checksAllBranches {
            for branch in route.branches {
                guard let uri = branch.uri else { continue }
                guard let target = Self.target(uri, hasPort: false) else {
                    route.log(.error, "allow_routing: the branch <\(uri)> cannot be read")
                    return .failure
                }
                targets.append(target)
            }
        }
        return self.allows(files, left: Self.fromURI(route), rights: targets) ? .success : .failure
    }

    private static func fromURI(_ route: RouteContext) -> ByteString {
        let message = route.message
        return message.text(message.from.uri)
    }

    /// `sip:user@host`, with the port where it counts: what patterns for targets are written for.
    private static func target(_ text: ByteString, hasPort: Bool) -> ByteString? {
        let span = text.span
        guard let uri = SIPURI(span, ByteRange(0, text.count)) else { return nil }
        guard uri.host.isPresent else { return text }
        let out = ByteBuffer(capacity: text.count)
        out.append("sip:")
        if uri.user.isPresent {
            out.append(span, uri.user)
            out.append(UInt8(ascii: "@"))
        }
        out.append(span, uri.host)
        if hasPort, uri.port > 0 {
            out.append(UInt8(ascii: ":"))
            out.append(decimal: uri.port)
        }
        return ByteString(out.span)
    }

    /// nil when one cannot be read; empty for `*` and when there are none.
    private static func contacts(_ message: Message, hasPort: Bool) -> [ByteString]? {
        var list: [ByteString] = []
        var contacts = message.contacts
        while let contact = contacts.next(message) {
            guard contact.isValid else { return nil }
            if contact.isStar { return [] }
            guard let target = Self.target(message.text(contact.uri), hasPort: hasPort) else { return nil }
            list.append(target)
        }
        return list
    }
}
