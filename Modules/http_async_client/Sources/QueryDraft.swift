import Bytes
import HTTPTransfer
import ModuleKit

/// What `$http_req(…)` has said about the next query of a script.
final class QueryDraft {
    struct Content {
        var headers: [ByteString] = []
        var body: ByteString?
        var method: ByteString?
        /// Milliseconds; nil: the module's.
        var timeout: Int?
        var suspends = true
        var options: HTTPOptions?
    }

    var content = Content()
    /// Number of the query made last.
    var lastNumber = 0

    init() {}

    static func of(_ route: RouteContext) -> QueryDraft {
        if let known = route.state(QueryDraft.self) { return known }
        let made = QueryDraft()
        route.setState(made)
        return made
    }

    /// Hands the content out; the next query begins anew.
    func take() -> Content {
        defer { self.content = Content() }
        return self.content
    }
}

/// The keys of `$http_req(key)`.
enum DraftKey: String, CaseIterable {
    case all, hdr, body, method, timeout, suspend, authmethod, username, password
    case tlsClientCert = "tls_client_cert"
    case tlsClientKey = "tls_client_key"
    case tlsCAPath = "tls_ca_path"
    case tcpKeepalive = "tcp_keepalive"
    case tcpKeepaliveIdle = "tcp_ka_idle"
    case tcpKeepaliveInterval = "tcp_ka_interval"
    case followRedirect = "follow_redirect"
    case httpVersion = "http_version"

    /// Sets what the key means.
    /// - Returns: false when the value is none for it.
    func set(
        _ value: Value, _ content: inout QueryDraft.Content, _ defaults: HTTPOptions, _ route: RouteContext
    )
        -> Bool
    {
        if case .all = self {
            guard value.isNull else { return false }
            content = QueryDraft.Content()
            return true
        }
        let text = route.text(value)
        let number = route.int(value)
        var options = content.options ?? defaults
        switch self {
        case .all: return true
        case .hdr: content.headers += text.bytes.split { $0 == 13 || $0 == 10 }.map { ByteString(Array($0)) }
        case .body: content.body = value.isNull ? nil : text
        case .method: content.method = value.isNull ? nil : text
        case .timeout:
            guard let number, (1...3_600_000).contains(number) else { return false }
            content.timeout = number
        case .suspend:
            guard let number else { return false }
            content.suspends = number != 0
        case .authmethod:
            guard let number, (0...31).contains(number) else { return false }
            options.authMethods = number
        case .username: options.username = text
        case .password: options.password = text
        case .tlsClientCert: options.clientCertificate = text
        case .tlsClientKey: options.clientKey = text
        case .tlsCAPath: options.caDirectory = text
        case .tcpKeepalive: options.keepsAlive = (number ?? 0) != 0
        case .tcpKeepaliveIdle: options.keepaliveIdle = max(number ?? 0, 0)
        case .tcpKeepaliveInterval: options.keepaliveInterval = max(number ?? 0, 0)
        case .followRedirect: options.followsRedirects = (number ?? 0) != 0
        case .httpVersion:
            guard let number, (0...5).contains(number) else { return false }
            options.httpVersion = number
        }
        content.options = options
        return true
    }
}
