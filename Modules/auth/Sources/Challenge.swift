import Bytes
import Digests
import ModuleKit
import SIPMessage

/// The third argument of a challenge and of the checks: sums of bits.
struct ChallengeFlags: OptionSet, Sendable {
    let rawValue: Int
    static let protection = ChallengeFlags(rawValue: 1)
    static let integrity = ChallengeFlags(rawValue: 2)
    static let stale = ChallengeFlags(rawValue: 16)
}

extension Authentication {
    enum Kind {
        case www, proxy

        var code: Int { self == .www ? 401 : 407 }
        var reason: ByteString { self == .www ? Self.unauthorized : Self.proxyRequired }
        private static let unauthorized = ByteString("Unauthorized")
        private static let proxyRequired = ByteString("Proxy Authentication Required")
        var answer: HeaderName { self == .www ? .authorization : .proxyAuthorization }
    }

    /// Sends a challenge; its header fields stay for a further reply of the script, as in Kamailio.
    /// - Returns: 1, or -1 when it could not be made or sent.
    func challenge(
        _ route: RouteContext, _ kind: Kind, realm: ByteString, flags: Int?, algorithms: [DigestAlgorithm]
    ) -> Int {
        let options = ChallengeFlags(rawValue: flags ?? 0)
        guard flags != nil, !realm.isEmpty else {
            route.log(.error, "auth: no challenge without a realm and flags that are a number")
            _ = self.replies.send(to: route, code: 500, reason: "Internal Server Error")
            return -1
        }
        let start = route.replyHeaders.count
        self.write(route, kind, realm: realm, options, algorithms, to: route.replyHeaders)
        if let variable = self.challengeVariable {
            let headers = route.replyHeaders
            let field = ByteString(headers.span, ByteRange(start, headers.count))
            variable.write(.bytes(field), in: route)
        }
        let sent =
            self.settings.forcesStateless
            ? self.replies.reply(to: route, code: kind.code, reason: kind.reason)
            : self.replies.send(to: route, code: kind.code, reason: kind.reason)
        return sent > 0 ? 1 : -1
    }

    /// Appends the header fields of a challenge, one for each algorithm (RFC 8760 §2.4).
    func write(
        _ route: RouteContext, _ kind: Kind, realm: ByteString, _ flags: ChallengeFlags,
        _ algorithms: [DigestAlgorithm], to out: ByteBuffer
    ) {
        let work = route.reusedState(DigestWork.self)
        let chosen = algorithms.isEmpty ? self.algorithms(for: route) : algorithms
        let isStale = flags.contains(.stale) || route.state(StaleNonce.self) != nil
        for index in 0..<max(chosen.count, 1) {
            let algorithm = chosen.isEmpty ? .md5 : chosen[index]
            out.append(kind == .www ? self.settings.wwwHeader : self.settings.proxyHeader)
            out.append(": Digest realm=\"")
            out.append(self.stripped(realm))
            out.append("\", nonce=\"")
            self.nonces.write(now: self.now, algorithm, subject: self.subject(of: route), work, to: out)
            out.append(UInt8(ascii: "\""))
            if flags.contains(.integrity) {
                out.append(", qop=\"auth-int\"")
            } else if flags.contains(.protection) {
                out.append(", qop=\"auth\"")
            }
            if isStale { out.append(", stale=true") }
            if !chosen.isEmpty {
                out.append(", algorithm=")
                out.append(algorithm.name)
            }
            out.append("\r\n")
        }
    }

    /// What the configuration or `auth_algorithm()` says; empty: MD5, not named.
    func algorithms(for route: RouteContext) -> [DigestAlgorithm] {
        if let chosen = route.state(ChosenAlgorithms.self) { return chosen.list.algorithms }
        return self.settings.algorithm.map { [$0] } ?? []
    }

    /// What credentials that name none are taken to be made with.
    func algorithm(for route: RouteContext) -> DigestAlgorithm {
        route.state(ChosenAlgorithms.self)?.list.first ?? self.settings.algorithm ?? .md5
    }

    func stripped(_ realm: ByteString) -> ByteString {
        let prefix = self.settings.realmPrefix
        guard !prefix.isEmpty, realm.bytes.starts(with: prefix.bytes) else { return realm }
        return ByteString(Array(realm.bytes.dropFirst(prefix.count)))
    }

    /// What of the request a nonce is good for; nil: the configuration binds it to nothing.
    func subject(of route: RouteContext) -> ByteString? {
        let message = route.message
        let isInDialog = message.to.tag.count > 0
        let checks =
            message.method == .register
            ? self.settings.checksOfRegister
            : isInDialog ? self.settings.checksInDialog : self.settings.checksOutsideDialog
        guard checks != 0 else { return nil }
        let text = ByteBuffer(capacity: 256)
        let span = message.span
        if checks & 1 != 0 { text.append(span, message.requestURI) }
        text.append(0)
        if checks & 2 != 0 { text.append(span, message.callID) }
        text.append(0)
        if checks & 4 != 0 { text.append(span, message.from.tag) }
        text.append(0)
        if checks & 8 != 0 { route.arrival.source.ip.write(to: text) }
        return ByteString(text.span)
    }
}

/// `auth_algorithm()` was called for the message.
final class ChosenAlgorithms {
    let list: AlgorithmList
    init(_ list: AlgorithmList) { self.list = list }
}

/// The answer in the message was right but for its nonce, which has had its time: a new challenge says so, and the phone
/// does not ask its user again (RFC 7616 §3.3).
final class StaleNonce {}
