import Bytes
import HTTPTransfer
import ModuleKit

/// A named connection: where it leads, and how requests on it are made.
final class HTTPConnection: Sendable {
    let name: ByteString
    /// With user and password taken out, without a slash at the end.
    let url: ByteString
    let options: HTTPOptions
    let timeout: Interval
    let bodyLimit: Int
    /// Name of the connection to try when this one fails; empty: none.
    let failover: ByteString
    /// Where the last answer came from.
    let lastURL = Lock(ByteString())

    /// - Throws: `ModuleError` naming what cannot be understood.
    init(_ definition: ConnectionDefinition, settings: HTTPClient.Settings, host: any ModuleHost) throws {
        self.name = definition.name
        var options = settings.options(host)
        options.followsRedirects = settings.followsRedirects
        var timeout = settings.timeout
        var limit = settings.largestBody
        var failover = ByteString()
        let url = try Self.split(definition.url, definition.name, &options)
        for parameter in definition.parameters {
            func number(_ range: ClosedRange<Int>) throws -> Int {
                guard let number = Int(parameter.value), range.contains(number) else {
                    throw ModuleError(
                        "connection \(definition.name): \(parameter.name) must be a number between \(range.lowerBound) and \(range.upperBound)"
                    )
                }
                return number
            }
            let text = ByteString(parameter.value)
            switch parameter.name {
            case "username": options.username = text
            case "password": options.password = text
            case "failover": failover = text
            case "timeout": timeout = try number(0...3_600_000)
            case "useragent": options.userAgent = text
            case "verify_peer": options.verifiesPeer = try number(0...1) == 1
            case "verify_host": options.verifiesHost = try number(0...2)
            case "cacert": options.caFile = text
            case "client_cert": options.clientCertificate = text
            case "client_key": options.clientKey = text
            case "cipher_suites": options.cipherSuites = text
            case "tlsversion": options.tlsVersion = try number(0...7)
            case "maxdatasize": limit = try number(0...HTTPRequest.largestBody)
            case "http_follow_redirect", "httpredirect": options.followsRedirects = try number(0...1) == 1
            case "httpproxy": options.proxy = text
            case "httpproxyport": options.proxyPort = try number(0...65535)
            case "authmethod": options.authMethods = try number(0...31)
            case "keep_connections": options.keepsConnection = try number(0...1) == 1
            default: throw ModuleError("connection \(definition.name) has an unknown parameter \(parameter.name)")
            }
        }
        self.url = ByteString(url)
        self.options = options
        self.timeout = settings.interval(timeout)
        self.bodyLimit = limit
        self.failover = failover
    }

    /// Takes user and password out of the URL.
    private static func split(_ url: String, _ name: ByteString, _ options: inout HTTPOptions) throws -> String {
        let scheme = url.hasPrefix("https://") ? "https://" : "http://"
        guard url.hasPrefix(scheme), url.count > scheme.count else {
            throw ModuleError("connection \(name): '\(url)' is no http:// or https:// URL")
        }
        var rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        if let at = authority.lastIndex(of: "@") {
            let user = authority[..<at]
            if let colon = user.firstIndex(of: ":") {
                options.username = ByteString(String(user[..<colon]))
                options.password = ByteString(String(user[user.index(after: colon)...]))
            } else {
                options.username = ByteString(String(user))
            }
            rest = rest[rest.index(after: at)...]
        }
        while rest.last == "/" { rest = rest.dropLast() }
        return scheme + rest
    }

    /// A request for `path` below the connection's URL; empty: for that URL itself.
    func request(_ path: ByteString) -> HTTPRequest {
        var url = self.url
        if !path.isEmpty {
            let tail = path.bytes.drop { $0 == UInt8(ascii: "/") }
            url = ByteString(url.bytes + [UInt8(ascii: "/")] + tail)
        }
        var request = HTTPRequest(url: url)
        request.options = self.options
        request.timeout = self.timeout
        request.bodyLimit = self.bodyLimit
        return request
    }
}
