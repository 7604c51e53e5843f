import Bytes
import HTTPTransfer
import ModuleKit

extension HTTPAsyncClient {
    public struct Settings: Sendable {
        var workers = 1
        var timeout = 500
        var hashSize = 2048
        var tlsVersion = 0
        var verifiesHost = 2
        var verifiesPeer = true
        var isVerbose = false
        var followsRedirects = false
        var clientCertificate = ByteString()
        var clientKey = ByteString()
        var caDirectory = ByteString()
        var memoryManager = ByteString("shm")
        var authMethods = 3
        var keepsAlive = false
        var keepaliveIdle = 0
        var keepaliveInterval = 0
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "workers", \.workers, in: 1...64, "Threads that make requests; one serves thousands at a time."),
            ModuleParameter(
                "connection_timeout", \.timeout, in: 1...3_600_000, "Milliseconds for the whole answer."),
            ModuleParameter(
                "hash_size", \.hashSize, "Size of Kamailio's table of requests; accepted, it grows by itself."),
            ModuleParameter(
                "tls_version", \.tlsVersion, in: 0...7, "libcurl's number of the lowest TLS version, 0 default."),
            ModuleParameter(
                "tls_verify_host", \.verifiesHost, in: 0...2,
                "2: the certificate must name the host of the URL; 0: any name."),
            ModuleParameter("tls_verify_peer", \.verifiesPeer, "Whether the server's certificate is checked."),
            ModuleParameter("curl_verbose", \.isVerbose, "Whether libcurl tells on standard error what it does."),
            ModuleParameter("curl_follow_redirect", \.followsRedirects, "Whether to go where a redirect says."),
            ModuleParameter(
                "tls_client_cert", \.clientCertificate, "PEM file with the certificate to show to servers."),
            ModuleParameter("tls_client_key", \.clientKey, "PEM file with its private key."),
            ModuleParameter("tls_ca_path", \.caDirectory, "Directory with the certificates of authorities to trust."),
            ModuleParameter(
                "memory_manager", \.memoryManager, "Kamailio's memory for libcurl; accepted, it is the system's."),
            ModuleParameter(
                "authmethod", \.authMethods, in: 0...31,
                "Sum of the methods allowed when a server asks who we are: 1 basic, 2 digest, 4 negotiate, 8 NTLM."),
            ModuleParameter("tcp_keepalive", \.keepsAlive, "Whether idle connections are probed."),
            ModuleParameter(
                "tcp_ka_idle", \.keepaliveIdle, in: 0...86400, "Seconds of silence before the first probe."),
            ModuleParameter("tcp_ka_interval", \.keepaliveInterval, in: 0...86400, "Seconds between probes."),
        ]
    }
}

extension HTTPAsyncClient.Settings {
    /// What a query begins with, before `$http_req` changes it.
    func options(_ host: any ModuleHost) -> HTTPOptions {
        var options = HTTPOptions()
        let line = host.settings.userAgentHeader.bytes
        let name = line.firstIndex(of: UInt8(ascii: ":")).map { line[($0 + 1)...] } ?? line[...]
        options.userAgent = ByteString(Array(name.drop { $0 == 32 }))
        options.tlsVersion = self.tlsVersion
        options.verifiesHost = self.verifiesHost
        options.verifiesPeer = self.verifiesPeer
        options.isVerbose = self.isVerbose
        options.followsRedirects = self.followsRedirects
        options.clientCertificate = self.clientCertificate
        options.clientKey = self.clientKey
        options.caDirectory = self.caDirectory
        options.authMethods = self.authMethods
        options.keepsAlive = self.keepsAlive
        options.keepaliveIdle = self.keepaliveIdle
        options.keepaliveInterval = self.keepaliveInterval
        return options
    }
}
