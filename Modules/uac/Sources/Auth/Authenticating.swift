import Bytes
import ModuleKit
import SIPMessage
import tm

extension UserAgentClient {
    /// Flag of `uac_auth`: passwords are H(user:realm:password).
    static let hashedPasswords = 1

    /// `uac_auth`: answers the challenge that the failure route is about. The request is to be relayed anew.
    func authenticate(_ route: RouteContext, mode: Int) -> Outcome {
        guard let failure = self.transactions.failure(route), failure.code == 401 || failure.code == 407 else {
            route.log(.error, "uac_auth: this is no failure by 401 or 407")
            return .failure
        }
        guard let bytes = self.transactions.keptReply(route, branch: failure.branch),
            let reply = Message(bytes.span)
        else {
            route.log(.error, "uac_auth: the reply came from nobody")
            return .failure
        }
        let credentials = self.credentials(route, isHashed: mode & Self.hashedPasswords != 0)
        guard let (challenge, credential) = Self.choose(reply, failure.code, credentials) else {
            route.log(.info, "uac_auth: nothing known for the realm of the challenge")
            return .failure
        }
        // What is sent anew goes to the same target as the branch that was refused.
        if let uri = self.transactions.branchURI(route, branch: failure.branch), !uri.isEmpty {
            route.setRequestURI(uri)
        } else {
            route.isTargetConsumed = false
        }
        let message = route.message
        var answer = DigestAnswer(
            challenge, credential, method: message.text(message.methodRange), uri: route.text(route.requestURI))
        answer.body = route.copy(message.body)
        answer.count = self.nonces.next(challenge.nonce)
        let isProxy = failure.code == 407
        Self.removeAnswer(to: challenge.realm, isProxy ? .proxyAuthorization : .authorization, route)
        route.edits.appendHeader(Self.header(answer, isProxy: isProxy), message)
        return .success
    }

    static func header(_ answer: DigestAnswer, isProxy: Bool) -> ByteString {
        (isProxy ? "Proxy-Authorization: " : "Authorization: ") + answer.value + "\r\n"
    }

    /// Takes away what the request has for the realm already: it was refused.
    private static func removeAnswer(to realm: ByteString, _ name: HeaderName, _ route: RouteContext) {
        let message = route.message
        var index = message.first(name)
        while index >= 0 {
            let field = message.field(at: index)
            let value = route.copy(field.value)
            var scanner = DigestParameters(position: min(7, value.count))
            while let (name, text) = scanner.next(value.span) {
                guard name == "realm" else { continue }
                if text == realm { route.edits.removeHeader(at: index, message) }
                break
            }
            index = Int(field.next)
        }
    }

    /// The credentials to choose from: those of the script, when it has set any, else the configured ones.
    private func credentials(_ route: RouteContext, isHashed: Bool) -> [Credential] {
        if let user = self.avps.user.map({ route.text($0.read(in: route)) }), !user.isEmpty {
            let realm = self.avps.realm.map { route.text($0.read(in: route)) } ?? ByteString()
            let password = self.avps.password.map { route.text($0.read(in: route)) } ?? ByteString()
            return [Credential(user: user, realm: realm, password: password, isHashed: isHashed)]
        }
        return self.settings.credentials.map { credential in
            var credential = credential
            credential.isHashed = isHashed
            return credential
        }
    }

    /// The first challenge that somebody here can answer.
    /// - Parameter credentials: an empty realm serves every one.
    static func choose(
        _ reply: Message, _ code: Int, _ credentials: [Credential]
    ) -> (DigestChallenge, Credential)? {
        var index = reply.first(code == 407 ? .proxyAuthenticate : .wwwAuthenticate)
        while index >= 0 {
            let field = reply.field(at: index)
            if let challenge = DigestChallenge(reply.text(field.value)),
                let credential = credentials.first(where: { $0.realm.isEmpty || $0.realm == challenge.realm })
            {
                return (challenge, credential)
            }
            index = Int(field.next)
        }
        return nil
    }
}
