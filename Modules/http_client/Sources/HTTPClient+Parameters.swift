import Bytes
import HTTPTransfer
import ModuleKit

extension HTTPClient {
    public struct Settings: Sendable {
        var timeout = 4
        var timeoutMode = 1
        var caFile = ByteString()
        var clientCertificate = ByteString()
        var clientKey = ByteString()
        var cipherSuites = ByteString()
        var tlsVersion = 0
        var verifiesPeer = true
        var verifiesHost = 2
        var proxyPort = 0
        var proxy = ByteString()
        var followsRedirects = true
        var userAgent = ByteString()
        var largestBody = 0
        var configurationFile = ByteString()
        /// Values of `httpcon`, and sections of the file.
        var definitions: [ConnectionDefinition] = []
        var authMethods = 3
        var keepsConnections = false
        var givesFirstLine = true
        var largestQueryBody = 0
        var interface = ByteString()
        var keepsHeaders = false
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "connection_timeout", \.timeout, in: 0...3_600_000,
                "Time for the whole answer, in the unit that timeout_mode says; 0 waits without end."),
            ModuleParameter(
                "timeout_mode", \.timeoutMode, in: 0...2, "Unit of times: 1 seconds, 2 milliseconds; 0: no time limit."),
            ModuleParameter("cacert", \.caFile, "PEM file with the certificates of authorities to trust."),
            ModuleParameter("client_cert", \.clientCertificate, "PEM file with the certificate to show to servers."),
            ModuleParameter("client_key", \.clientKey, "PEM file with its private key."),
            ModuleParameter(
                "cipher_suites", \.cipherSuites, "TLS cipher suites to offer, as libcurl's TLS library has them."),
            ModuleParameter(
                "tlsversion", \.tlsVersion, in: 0...7,
                "0 default, 1 TLS 1.x, 4 TLS 1.0, 5 TLS 1.1, 6 TLS 1.2, 7 TLS 1.3: the lowest to accept."),
            ModuleParameter("verify_peer", \.verifiesPeer, "Whether the server's certificate is checked."),
            ModuleParameter(
                "verify_host", \.verifiesHost, in: 0...2,
                "2: the certificate must name the host of the URL; 0: any name."),
            ModuleParameter("httpproxyport", \.proxyPort, in: 0...65535, "Port of the proxy."),
            ModuleParameter("httpproxy", \.proxy, "Proxy that all requests go through."),
            ModuleParameter("httpredirect", \.followsRedirects, "Whether http_connect() goes where a redirect says."),
            ModuleParameter("useragent", \.userAgent, "User-Agent of the requests; empty: the server's own."),
            ModuleParameter(
                "maxdatasize", \.largestBody, in: 0...HTTPRequest.largestBody,
                "Bytes of an answer that http_connect() keeps, the rest is cut; 0: 16 MiB."),
            ModuleParameter("config_file", \.configurationFile, "File with a section for each connection."),
            ModuleParameter(
                "httpcon", .text, repeatable: true,
                "A named connection: `name=>http(s)://[user:password@]host[:port][/path][;parameter=value…]`."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                settings.definitions.append(try ConnectionDefinition(text))
            },
            ModuleParameter(
                "authmethod", \.authMethods, in: 0...31,
                "Sum of the methods allowed when a server asks who we are: 1 basic, 2 digest, 4 negotiate, 8 NTLM."),
            ModuleParameter(
                "keep_connections", \.keepsConnections, "Whether connections stay open to serve later requests."),
            ModuleParameter(
                "query_result", \.givesFirstLine,
                "1: the query functions give the first line of the answer, 0: all of it."),
            ModuleParameter(
                "query_maxdatasize", \.largestQueryBody, in: 0...HTTPRequest.largestBody,
                "Bytes of an answer that the query functions keep, the rest is cut; 0: 16 MiB."),
            ModuleParameter("netinterface", \.interface, "Interface, address or host name to send from."),
            ModuleParameter(
                "response_headers", \.keepsHeaders, "Whether $httprhdr(name) shows the header of the last answer."),
        ]
    }
}

extension HTTPClient.Settings {
    /// A time in the unit of `timeout_mode`; zero: no limit.
    func interval(_ time: Int) -> Interval {
        switch self.timeoutMode {
        case 1: .seconds(time)
        case 2: .milliseconds(time)
        default: .zero
        }
    }

    /// What all requests have in common.
    func options(_ host: any ModuleHost) -> HTTPOptions {
        var options = HTTPOptions()
        options.userAgent = self.userAgent
        if options.userAgent.isEmpty {
            let line = host.settings.userAgentHeader.bytes
            let name = line.firstIndex(of: UInt8(ascii: ":")).map { line[($0 + 1)...] } ?? line[...]
            options.userAgent = ByteString(Array(name.drop { $0 == 32 }))
        }
        options.authMethods = self.authMethods
        options.caFile = self.caFile
        options.clientCertificate = self.clientCertificate
        options.clientKey = self.clientKey
        options.cipherSuites = self.cipherSuites
        options.tlsVersion = self.tlsVersion
        options.verifiesPeer = self.verifiesPeer
        options.verifiesHost = self.verifiesHost
        options.proxy = self.proxy
        options.proxyPort = self.proxyPort
        options.interface = self.interface
        options.keepsConnection = self.keepsConnections
        return options
    }
}
