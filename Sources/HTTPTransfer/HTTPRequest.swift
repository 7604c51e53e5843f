import Bytes

/// An HTTP request to make, and how.
public struct HTTPRequest: Sendable {
    /// Most bytes of an answer that are ever kept, whatever is asked for: 16 MiB.
    public static let largestBody = 16 << 20

    public var url: ByteString
    /// nil: GET, or POST when there is a body.
    public var method: ByteString?
    /// nil: none; an empty one is sent as such.
    public var body: ByteString?
    /// Whole lines without line ends, `Name: value`.
    public var headers: [ByteString] = []
    /// For the whole answer; zero: none.
    public var timeout = Interval.zero
    /// For the connection alone; zero: libcurl's own.
    public var connectTimeout = Interval.zero
    /// Bytes of the answer's body to keep, the rest is cut; 0: all, up to `largestBody`.
    public var bodyLimit = 0
    public var options = HTTPOptions()

    public init(url: ByteString) { self.url = url }
}

/// Settings that several requests share. Empty texts and nil leave libcurl's default.
public struct HTTPOptions: Sendable, Equatable {
    public var userAgent = ByteString()
    public var username = ByteString()
    public var password = ByteString()
    /// Bits: 1 basic, 2 digest, 4 negotiate, 8 NTLM, 16 digest as Internet Explorer has it.
    public var authMethods = 3
    public var caFile = ByteString()
    public var caDirectory = ByteString()
    public var clientCertificate = ByteString()
    public var clientKey = ByteString()
    public var cipherSuites = ByteString()
    /// libcurl's number: 0 default, 1 TLS 1.x, 4 to 7 TLS 1.0 to 1.3.
    public var tlsVersion = 0
    public var verifiesPeer = true
    /// 0 not at all, 2 the name in the certificate must be that of the URL.
    public var verifiesHost = 2
    public var proxy = ByteString()
    public var proxyPort = 0
    /// Interface, address or name to send from.
    public var interface = ByteString()
    public var followsRedirects = false
    /// Whether the connection may serve later requests.
    public var keepsConnection = true
    public var keepsAlive = false
    /// Seconds; 0 leaves the system's.
    public var keepaliveIdle = 0
    public var keepaliveInterval = 0
    /// libcurl's number: 0 default, 1 HTTP/1.0, 2 HTTP/1.1, 3 HTTP/2, 5 HTTP/2 without asking first.
    public var httpVersion = 0
    /// Whether libcurl tells on standard error what it does.
    public var isVerbose = false

    public init() {}
}
