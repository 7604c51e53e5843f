import Bytes
import CCurl

/// One request inside libcurl. Belongs to the engine's thread.
///
/// All `unsafe` is about the handle, which lives as long as this object, and about texts and bytes that libcurl copies
/// or that are copied from it before the call ends.
@safe
final class Transfer {
    let handle: OpaquePointer
    let completion: @Sendable (HTTPResponse) -> Void

    /// nil: out of memory.
    init?(_ request: HTTPRequest, tag: UInt64, completion: @escaping @Sendable (HTTPResponse) -> Void) {
        let limit = request.bodyLimit > 0 ? min(request.bodyLimit, HTTPRequest.largestBody) : HTTPRequest.largestBody
        guard let handle = unsafe apus_transfer_new(tag, limit, 65_536) else { return nil }
        unsafe self.handle = handle
        self.completion = completion
        self.apply(request)
        self.apply(request.options)
    }

    deinit { unsafe apus_transfer_free(self.handle) }

    private func apply(_ request: HTTPRequest) {
        self.set(APUS_HTTP_URL, request.url)
        if let body = request.body {
            _ = unsafe apus_transfer_set_body(self.handle, body.bytes, body.count)
        }
        if let method = request.method {
            if method == "HEAD" { self.set(APUS_HTTP_NO_BODY, 1) }
            self.set(APUS_HTTP_METHOD, method)
        }
        for line in request.headers { _ = unsafe apus_transfer_add_header(self.handle, Self.text(line)) }
        self.set(APUS_HTTP_TIMEOUT_MS, Int(request.timeout.milliseconds))
        if request.connectTimeout > .zero {
            self.set(APUS_HTTP_CONNECT_TIMEOUT_MS, Int(request.connectTimeout.milliseconds))
        }
    }

    private func apply(_ options: HTTPOptions) {
        self.set(APUS_HTTP_USER_AGENT, options.userAgent)
        self.set(APUS_HTTP_USERNAME, options.username)
        self.set(APUS_HTTP_PASSWORD, options.password)
        if !options.username.isEmpty { self.set(APUS_HTTP_AUTH, options.authMethods) }
        self.set(APUS_HTTP_CA_FILE, options.caFile)
        self.set(APUS_HTTP_CA_PATH, options.caDirectory)
        self.set(APUS_HTTP_CERTIFICATE, options.clientCertificate)
        self.set(APUS_HTTP_KEY, options.clientKey)
        self.set(APUS_HTTP_CIPHERS, options.cipherSuites)
        self.set(APUS_HTTP_TLS_VERSION, options.tlsVersion)
        self.set(APUS_HTTP_VERIFY_PEER, options.verifiesPeer ? 1 : 0)
        self.set(APUS_HTTP_VERIFY_HOST, options.verifiesHost)
        self.set(APUS_HTTP_PROXY, options.proxy)
        if options.proxyPort > 0 { self.set(APUS_HTTP_PROXY_PORT, options.proxyPort) }
        self.set(APUS_HTTP_INTERFACE, options.interface)
        self.set(APUS_HTTP_FOLLOWS, options.followsRedirects ? 1 : 0)
        self.set(APUS_HTTP_FORBIDS_REUSE, options.keepsConnection ? 0 : 1)
        if options.keepsAlive {
            self.set(APUS_HTTP_KEEPALIVE, 1)
            if options.keepaliveIdle > 0 { self.set(APUS_HTTP_KEEPALIVE_IDLE, options.keepaliveIdle) }
            if options.keepaliveInterval > 0 { self.set(APUS_HTTP_KEEPALIVE_INTERVAL, options.keepaliveInterval) }
        }
        if options.httpVersion > 0 { self.set(APUS_HTTP_VERSION, options.httpVersion) }
        if options.isVerbose { self.set(APUS_HTTP_VERBOSE, 1) }
    }

    /// What libcurl does not know or refuses is left at its default.
    private func set(_ what: apus_http_text, _ text: ByteString) {
        guard !text.isEmpty else { return }
        _ = unsafe apus_transfer_set_text(self.handle, Int32(what.rawValue), Self.text(text))
    }

    private func set(_ what: apus_http_number, _ value: Int) {
        _ = unsafe apus_transfer_set_number(self.handle, Int32(what.rawValue), value)
    }

    /// With its NUL; a NUL inside ends the text.
    private static func text(_ text: ByteString) -> [CChar] { text.bytes.map { CChar(bitPattern: $0) } + [0] }

    /// What came of it.
    func response() -> HTTPResponse {
        var response = unsafe HTTPResponse(result: Int(apus_transfer_result(self.handle)))
        response.status = unsafe Int(apus_transfer_status(self.handle))
        response.isCut = unsafe apus_transfer_is_cut(self.handle) != 0
        response.header = unsafe self.bytes(apus_transfer_header)
        response.body = unsafe self.bytes(apus_transfer_body)
        response.url = unsafe ByteString(String(cString: apus_transfer_url(self.handle)))
        response.redirect = unsafe ByteString(String(cString: apus_transfer_redirect(self.handle)))
        response.times.total = self.time(APUS_HTTP_TOTAL)
        response.times.lookup = self.time(APUS_HTTP_LOOKUP)
        response.times.connect = self.time(APUS_HTTP_CONNECT)
        response.times.tls = self.time(APUS_HTTP_TLS)
        response.times.pretransfer = self.time(APUS_HTTP_PRETRANSFER)
        response.times.firstByte = self.time(APUS_HTTP_FIRST_BYTE)
        response.times.redirects = self.time(APUS_HTTP_REDIRECTS)
        return response
    }

    private func time(_ what: apus_http_time) -> Int {
        unsafe Int(apus_transfer_time(self.handle, Int32(what.rawValue)))
    }

    private func bytes(
        _ read: (OpaquePointer?, UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?
    ) -> ByteString {
        var count = 0
        guard let start = unsafe read(self.handle, &count), count > 0 else { return ByteString() }
        return unsafe ByteString(Array(UnsafeBufferPointer(start: start, count: count)))
    }
}
