import Bytes
import SIPMessage

extension WorkerServices {
    /// A context with a request that nobody sent, for routes that no message starts: tasks, timers, events.
    ///
    /// It looks as if `sip:you@kamailio.org` had sent itself an OPTIONS from this host, as scripts know it; the option
    /// `isLocal` is set. nil when the server has no socket.
    public func makeLocalContext(program: any RouteProgram) -> RouteContext? {
        guard let socket = self.host.sockets.first, let loopback = IPAddress("127.0.0.1") else { return nil }
        let arrival = Arrival(source: SocketAddress(ip: loopback, port: 5060), socket: socket, time: self.now)
        let context = self.makeContext(LocalRequest.bytes.span, arrival: arrival, program: program)
        context?.options.insert(.isLocal)
        return context
    }
}

private enum LocalRequest {
    static let bytes: ByteString = """
        OPTIONS sip:you@kamailio.org SIP/2.0\r
        Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKlocal\r
        From: <sip:you@kamailio.org>;tag=123\r
        To: <sip:you@kamailio.org>\r
        Call-ID: 123\r
        CSeq: 1 OPTIONS\r
        Content-Length: 0\r
        \r

        """
}
