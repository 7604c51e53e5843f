import Bytes
import Digests
import ModuleKit
import SIPMessage

/// What became of credentials; the numbers are what script functions give.
public enum AuthenticationResult: Int, Sendable, BitwiseCopyable {
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
///
/// Ranges into the message: they mean something together with the context they were found for.
public struct PendingCredentials: BitwiseCopyable, Sendable {
    public let credentials: DigestCredentials
    /// User part of the user name.
    let userRange: ByteRange
    /// The domain that the user name has of its own; absent when it has none.
    let ownDomain: ByteRange
    /// Hash function that the answer was made with.
    public let algorithm: DigestAlgorithm
    let response: DigestResponse
    /// Of the nonce, when uses are counted.
    let number: UInt32
    /// The nonce was good once; whatever the password, the answer is `staleNonce` or `reusedNonce`.
    let refusal: AuthenticationResult?

    /// The user name has a domain of its own.
    public var hasDomain: Bool { self.ownDomain.isPresent }
    var domainRange: ByteRange { self.hasDomain ? self.ownDomain : self.credentials.realm }

    /// User part of the user name.
    public func user(in route: RouteContext) -> ByteString { route.message.text(self.userRange) }
    /// Domain of the user name; the realm when it has none.
    public func domain(in route: RouteContext) -> ByteString { route.message.text(self.domainRange) }
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
        let work = route.reusedState(DigestWork.self)
        work.field = credentials.field
        let span = message.span
        let fallback = self.algorithm(for: route)
        let response = DigestResponse(span, credentials, fallback: fallback)
        guard response.isComplete(span, credentials) else { return .done(.error) }
        var number: UInt32 = 0
        var refusal: AuthenticationResult?
        let nonce = span.extracting(credentials.nonce.indices)
        switch self.nonces.check(nonce, now: self.now, response.algorithm, subject: self.subject(of: route), work) {
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
                credentials: credentials, userRange: user, ownDomain: domain, algorithm: response.algorithm,
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
        let work = route.reusedState(DigestWork.self)
        guard response.protection != .unknown, response.writeFirst(span, credentials, secret, work) else {
            return .wrongPassword
        }
        let body = message.body
        let isWritten =
            if let method {
                response.write(span, credentials, method: method.span, body: body, work)
            } else {
                response.write(
                    span, credentials, method: span.extracting(message.methodRange.indices), body: body, work)
            }
        guard isWritten else { return .error }
        let answer = work.answer
        guard span.extracting(credentials.response.indices).equalsInConstantTime(answer.span) else {
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
        route.reusedState(AuthorizedUser.self).set(span, name: pending.userRange, realm: credentials.realm)
        if pending.hasDomain {
            route.setState(AuthorizedDomain(pending.domain(in: route)))
        } else {
            route.removeState(AuthorizedDomain.self)
        }
        if self.settings.addsInfo { self.addInfo(route, pending, work) }
        return .right
    }

    /// Whether the user of the credentials is who the request says it is from: From's user, and of a REGISTER To's as
    /// well; of a PUBLISH the Request-URI's.
    /// - Parameter skipsDialogs: not for INVITE, BYE, PRACK, UPDATE and MESSAGE, which may be forwarded calls.
    public func isIdentity(
        _ pending: PendingCredentials, of route: RouteContext, usesDomain: Bool, skipsDialogs: Bool
    ) -> Bool {
        let message = route.message
        let user = message.span.extracting(pending.userRange.indices)
        let domain = message.span.extracting(pending.domainRange.indices)
        func matches(_ span: Span<UInt8>, _ uri: SIPURI?) -> Bool {
            guard let uri, span.equals(uri.user, user) else { return false }
            return !usesDomain || span.equalsIgnoringCase(uri.host, domain)
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
    private func addInfo(_ route: RouteContext, _ pending: PendingCredentials, _ work: DigestWork) {
        let message = route.message
        let credentials = pending.credentials
        let isWritten = pending.response.write(
            message.span, credentials, method: ByteString().span, body: message.body, work)
        guard isWritten else { return }
        let proof = work.answer
        let out = route.replyHeaders
        out.append("Authentication-Info: nextnonce=\"")
        self.nonces.write(now: self.now, pending.algorithm, subject: self.subject(of: route), work, to: out)
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
