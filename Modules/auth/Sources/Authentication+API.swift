import Bytes
import Digests
import ModuleKit
import SIPMessage

/// What became of credentials; the numbers are what script functions give.
public enum AuthenticationResult: Int, Sendable {
    case right = 1
    case error = -1
    case wrongPassword = -2
    case unknownUser = -3
    case staleNonce = -4
    case noCredentials = -5
    case reusedNonce = -6
    case userMismatch = -8
}

/// Credentials that were found for a realm and have the form of an answer; the password is still to be compared.
public struct PendingCredentials: Sendable {
    public let credentials: DigestCredentials
    /// User part of the user name, and its domain; the realm when it has none.
    public let user: ByteString
    public let domain: ByteString
    /// The user name has a domain of its own.
    public let hasDomain: Bool
    public let realm: ByteString
    /// Hash function that the answer was made with.
    public let algorithm: DigestAlgorithm
    let response: DigestResponse
    /// Of the nonce, when uses are counted.
    let number: UInt32
    /// The nonce was good once; whatever the password, the answer is `staleNonce` or `reusedNonce`.
    let refusal: AuthenticationResult?
}

/// The domain of an authorised user whose user name has one of its own; attached to the context beside `AuthorizedUser`.
public final class AuthorizedDomain {
    public let domain: ByteString
    init(_ domain: ByteString) { self.domain = domain }

    /// The domain of the user that the request was found to be from: of the user name, else the realm.
    public static func of(_ user: AuthorizedUser, in route: RouteContext) -> ByteString {
        route.state(AuthorizedDomain.self)?.domain ?? user.realm
    }
}

/// What a backend knows of a user.
public enum StoredSecret: Sendable {
    case password(ByteString)
    /// H(user:realm:password) in hexadecimal.
    case hash(ByteString)
}

/// How far an authentication got before the password is needed.
public enum AuthenticationStart {
    case done(AuthenticationResult)
    case pending(PendingCredentials)
}

extension Authentication {
    /// Finds the credentials for `realm` and checks all but the password.
    /// - Parameter isProxy: in Proxy-Authorization, else in Authorization.
    public func begin(_ route: RouteContext, realm: ByteString, isProxy: Bool) -> AuthenticationStart {
        let message = route.message
        // Nobody can challenge these (RFC 3261 §22.1); a PRACK belongs to an INVITE that was let through.
        switch message.method {
        case .ack, .cancel, .prack: return .done(.right)
        default: break
        }
        let wanted = self.stripped(realm)
        guard !wanted.isEmpty else { return .done(.error) }
        let name: HeaderName = isProxy ? .proxyAuthorization : .authorization
        guard let credentials = DigestCredentials.find(message, name, realm: wanted.span) else {
            return .done(.noCredentials)
        }
        guard !credentials.isEmpty else { return .done(.error) }
        route.setState(FoundCredentials(field: credentials.field))
        let span = message.span
        let fallback = self.algorithms(for: route).first ?? .md5
        let response = DigestResponse(span, credentials, fallback: fallback)
        guard response.isComplete(span, credentials) else { return .done(.error) }
        var number: UInt32 = 0
        var refusal: AuthenticationResult?
        let nonce = span.extracting(credentials.nonce.indices)
        switch self.nonces.check(nonce, now: self.now, response.algorithm, subject: self.subject(of: route)) {
        case .forged: return .done(.error)
        case .stale: refusal = .staleNonce
        case .good(let own): number = own
        }
        if refusal == nil, let use = self.use(span, credentials, response),
            self.ledger.look(number, count: use.count) == .again
        {
            refusal = use.refusal
        }
        let (user, domain) = credentials.user(span)
        return .pending(
            PendingCredentials(
                credentials: credentials, user: message.text(user),
                domain: domain.isPresent ? message.text(domain) : message.text(credentials.realm),
                hasDomain: domain.isPresent, realm: message.text(credentials.realm), algorithm: response.algorithm,
                response: response, number: number, refusal: refusal))
    }

    /// Compares with the password; a right answer is noted, and its user becomes the one to account for.
    /// - Parameter method: instead of the request's own.
    public func finish(
        _ route: RouteContext, _ pending: PendingCredentials, _ secret: StoredSecret, method: ByteString? = nil
    ) -> AuthenticationResult {
        let message = route.message
        let span = message.span
        let credentials = pending.credentials
        let response = pending.response
        let first = ByteBuffer(capacity: 128)
        let own = ByteBuffer(capacity: 128)
        let kept: DigestResponse.Secret =
            switch secret {
            case .password(let text): .password(text)
            case .hash(let text): .hash(text)
            }
        guard response.protection != .unknown else { return .wrongPassword }
        guard response.writeFirst(span, credentials, kept, to: first) else { return .wrongPassword }
        let verb = method ?? message.text(message.methodRange)
        guard
            response.write(
                span, credentials, first: first.span, method: verb.span, body: message.body, to: own)
        else { return .error }
        guard span.extracting(credentials.response.indices).equalsInConstantTime(own.span) else {
            return pending.refusal ?? .wrongPassword
        }
        if let refusal = pending.refusal {
            route.setState(StaleNonce())
            return refusal
        }
        if let use = self.use(span, credentials, response) {
            let noted = self.ledger.note(
                pending.number, count: use.count, now: self.now, lifetime: self.nonces.lifetime,
                size: self.settings.ledgerSize)
            guard noted == .first else { return use.refusal }
        }
        route.setState(AuthorizedUser(name: pending.user, realm: pending.realm))
        if pending.hasDomain {
            route.setState(AuthorizedDomain(pending.domain))
        } else {
            route.removeState(AuthorizedDomain.self)
        }
        if self.settings.addsInfo { self.addInfo(route, pending, first) }
        return .right
    }

    /// Whether the user of the credentials is who the request says it is from: From's user, and of a REGISTER To's as
    /// well; of a PUBLISH the Request-URI's.
    /// - Parameter skipsDialogs: not for INVITE, BYE, PRACK, UPDATE and MESSAGE, which may be forwarded calls.
    public func isIdentity(
        _ pending: PendingCredentials, of route: RouteContext, usesDomain: Bool, skipsDialogs: Bool
    ) -> Bool {
        let message = route.message
        func matches(_ span: Span<UInt8>, _ uri: SIPURI?) -> Bool {
            guard let uri, span.equals(uri.user, pending.user.span) else { return false }
            return !usesDomain || span.equalsIgnoringCase(uri.host, pending.domain.span)
        }
        switch message.method {
        case .invite, .bye, .prack, .update, .message:
            return skipsDialogs || matches(message.span, message.fromURI)
        case .register: return matches(message.span, message.fromURI) && matches(message.span, message.toURI)
        case .publish: return route.withRequestURI(matches)
        default: return matches(message.span, message.fromURI)
        }
    }

    /// How uses of the nonce are counted for this answer; nil: they are not.
    private func use(
        _ span: Span<UInt8>, _ credentials: DigestCredentials, _ response: DigestResponse
    ) -> (count: UInt32?, refusal: AuthenticationResult)? {
        if self.settings.countsNonces, response.protection != .none {
            return (DigestResponse.count(span, credentials), .staleNonce)
        }
        return self.settings.usesNoncesOnce ? (nil, .reusedNonce) : nil
    }

    /// Appends Authentication-Info to the reply (RFC 7616 §3.5): the server knows the password too.
    private func addInfo(_ route: RouteContext, _ pending: PendingCredentials, _ first: ByteBuffer) {
        let message = route.message
        let credentials = pending.credentials
        let proof = ByteBuffer(capacity: 128)
        guard
            pending.response.write(
                message.span, credentials, first: first.span, method: ByteString().span, body: message.body, to: proof)
        else { return }
        let out = route.replyHeaders
        out.append("Authentication-Info: nextnonce=\"")
        self.nonces.write(now: self.now, pending.algorithm, subject: self.subject(of: route), to: out)
        out.append(UInt8(ascii: "\""))
        if pending.response.protection != .none {
            out.append(", qop=")
            out.append(message.span, credentials.protection)
            out.append(", rspauth=\"")
            out.append(proof.span)
            out.append("\", cnonce=\"")
            out.append(message.span, credentials.clientNonce)
            out.append("\", nc=")
            out.append(message.span, credentials.count)
        } else {
            out.append(", rspauth=\"")
            out.append(proof.span)
            out.append(UInt8(ascii: "\""))
        }
        out.append("\r\n")
    }
}

/// Which header field was checked last, for `consume_credentials()`.
final class FoundCredentials {
    let field: Int
    init(field: Int) { self.field = field }
}
