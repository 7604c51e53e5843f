/// Changes calls as calls: segments (`CallTargets`) doubled, moved, left out, others put in between, and one of them
/// changed as the message that it is.
extension ScriptMutator {
    /// - Returns: at most `limit` bytes.
    public mutating func mutateCalls(_ bytes: [UInt8], limit: Int) -> [UInt8] {
        var segments = bytes.split(separator: 30).map { Array($0) }
        if segments.isEmpty { segments = [[]] }
        for _ in 0...self.next(3) {
            let at = self.next(segments.count)
            switch self.next(6) {
            case 0: segments.insert(segments[self.next(segments.count)], at: at)
            case 1: segments.swapAt(at, self.next(segments.count))
            case 2: if segments.count > 1 { segments.remove(at: at) }
            case 3: segments.insert(Array(Self.segments[self.next(Self.segments.count)].utf8), at: at + 1)
            default: segments[at] = self.mutateMessage(segments[at], limit: limit)
            }
        }
        let changed = Array(segments.joined(separator: [30]))
        return changed.count > limit ? Array(changed[..<limit]) : changed
    }

    private static let segments = [
        "t\u{2}", "t\u{8}", "t(", "t~", "t\u{7f}", "r0100 Trying\r\n\r\n", "r0180 Ringing\r\n\r\n",
        "r1183 Progress\r\n\r\n",
        "r0200 OK\r\nContact: <sip:b@192.0.2.9>\r\nRecord-Route: <sip:192.0.2.8;lr>\r\n\r\n", "r1200 OK\r\n\r\n",
        "r2200 OK\r\n\r\n", "r0302 Moved\r\nContact: <sip:c@192.0.2.7>;q=1\r\n\r\n", "r0404 Not Found\r\n\r\n",
        "r0407 Proxy\r\nProxy-Authenticate: Digest realm=\"b\",nonce=\"n\"\r\n\r\n", "r0486 Busy\r\n\r\n",
        "r1487 Terminated\r\n\r\n", "r0500 Error\r\nRetry-After: 1\r\n\r\n", "r0503 Unavailable\r\n\r\n",
        "r1600 Busy\r\n\r\n", "f0ACK\r\n\r\n", "f0CANCEL\r\n\r\n", "f0BYE\r\nRoute: <sip:127.0.0.1;lr>\r\n\r\n",
        "f0INVITE\r\n\r\n", "f0PRACK\r\nRAck: 1 1 INVITE\r\n\r\n", "f0UPDATE\r\n\r\n", "f0INFO\r\n\r\n",
    ]
}
