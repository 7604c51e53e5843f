/// Changes SIP messages as messages: lines doubled, moved, cut, folded and merged, names in their other form, values of
/// one field in another, parameters put in. What is left after that is up to `ByteMutator`.
extension ScriptMutator {
    /// - Returns: at most `limit` bytes.
    public mutating func mutateMessage(_ bytes: [UInt8], limit: Int) -> [UInt8] {
        if self.next(3) == 0 { return self.mutateBytes(bytes, limit: limit) }
        var bytes = bytes
        for _ in 0...self.next(3) { self.changeLine(&bytes) }
        if self.next(4) == 0 { bytes = self.mutateBytes(bytes, limit: limit) }
        if bytes.count > limit { bytes.removeLast(bytes.count - limit) }
        return bytes
    }

    /// The lines of the header and what is behind the empty line, if there is one.
    private func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: 10), lines.count < 200 {
            lines.append(bytes[start...end])
            start = end + 1
        }
        if start < bytes.count { lines.append(bytes[start...]) }
        return lines
    }

    private mutating func changeLine(_ bytes: inout [UInt8]) {
        var lines = self.lines(bytes)
        guard !lines.isEmpty else { return bytes.append(10) }
        let at = self.next(lines.count)
        let other = self.next(lines.count)
        switch self.next(12) {
        case 0: lines.insert(lines[at], at: other)
        case 1: lines.swapAt(at, other)
        case 2: lines.remove(at: at)
        case 3: lines[at] = lines[at].dropLast(self.next(lines[at].count + 1))
        case 4: lines[at] = self.folded(lines[at])
        case 5: lines[at] = self.value(of: lines[other], under: lines[at])
        case 6: lines.insert(ArraySlice(self.word(Self.fields)), at: at)
        case 7: lines[at] = self.with(self.word(Self.parameters), in: lines[at])
        case 8: lines[at] = self.merged(lines[at], lines[other])
        case 9: lines[at] = self.with(self.word(Self.marks), in: lines[at])
        case 10: for _ in 0...self.next(30) { lines.insert(lines[at], at: at) }
        default: lines[at] = self.withNumber(lines[at])
        }
        bytes = Array(lines.joined())
    }

    private mutating func word(_ list: [String]) -> [UInt8] { Array(list[self.next(list.count)].utf8) }

    private mutating func place(_ line: ArraySlice<UInt8>) -> Int { line.startIndex + self.next(line.count + 1) }

    private mutating func folded(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        self.with(Array(["\r\n ", "\r\n\t", "\n ", "\r\n  "][self.next(4)].utf8), in: line)
    }

    private mutating func with(_ text: [UInt8], in line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let place = self.place(line)
        return ArraySlice(Array(line[..<place]) + text + Array(line[place...]))
    }

    private func value(of line: ArraySlice<UInt8>, under name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let from = line.firstIndex(of: 58), let to = name.firstIndex(of: 58) else { return name }
        return ArraySlice(Array(name[...to]) + Array(line[(from + 1)...]))
    }

    /// Both values in one field, with a comma.
    private func merged(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let colon = other.firstIndex(of: 58), one.count > 2 else { return one }
        let text = one.last == 10 ? one.dropLast(one.dropLast().last == 13 ? 2 : 1) : one
        return ArraySlice(Array(text) + [44] + Array(other[(colon + 1)...]))
    }

    private mutating func withNumber(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let start = line.firstIndex(where: { $0 >= 48 && $0 < 58 }) else { return line }
        let end = line[start...].firstIndex { $0 < 48 || $0 > 57 } ?? line.endIndex
        return ArraySlice(Array(line[..<start]) + self.word(Self.numbers) + Array(line[end...]))
    }

    private static let numbers = [
        "0", "-1", "70", "255", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
        "9223372036854775807", "9223372036854775808", "99999999999999999999999", "0x10", "1e9", "00000000000000001",
    ]

    private static let fields = [
        "v: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKabc;rport=5060;received=192.0.2.8\r\n",
        "Via: SIP/2.0/TLS [::1]\r\n",
        "Via: SIP/2.0/UDP a,SIP/2.0/TCP b;branch=\"x,y\"\r\n", "f: \"a,b\" <sip:a@b>;tag=1\r\n", "t: sip:a@b;tag=2\r\n",
        "To: <sip:a@b>;tag=1;tag=2\r\n", "i: 1@a\r\n", "CSeq: 1 INVITE\r\n", "CSeq: 1 ACK\r\n", "m: *\r\n",
        "m: <sip:a@b>;q=0.5;expires=60,\"x\" <sip:c@d;lr>\r\n",
        "Contact: <sip:a@b>;+sip.instance=\"<urn:uuid:1>\";reg-id=1\r\n",
        "l: 0\r\n", "l: 5\r\n", "Content-Length: 4294967296\r\n", "Expires: 0\r\n", "Max-Forwards: 0\r\n",
        "Route: <sip:127.0.0.1;lr;r2=on>,<sip:192.0.2.1>\r\n", "Record-Route: <sip:127.0.0.1;lr;ftag=1>\r\n",
        "Path: <sip:a;lr;ob>\r\n", "k: path,gruu,outbound\r\n", "Require: 100rel\r\n", "Proxy-Require: a,b\r\n",
        "c: application/sdp\r\n", "Content-Type: multipart/mixed;boundary=\"b\"\r\n", "o: presence\r\n",
        "Authorization: Digest username=\"a\",realm=\"b\",nonce=\"c\",uri=\"sip:a\",response=\"0123456789abcdef0123456789abcdef\"\r\n",
        "P-Asserted-Identity: \"a\" <sip:a@b>, <tel:+1>\r\n", "Diversion: <sip:a@b>;reason=x\r\n",
        "Date: Sat, 15 Oct 2005 04:44:56 GMT\r\n",
        "Refer-To: <sip:a@b?Replaces=1%3Bto-tag%3D1>\r\n", "Session-Expires: 90;refresher=uac\r\n",
        "RAck: 1 1 INVITE\r\n",
        "X: y\r\n", "\r\n", "\r\n\r\n", " folded\r\n", "\t\r\n", ": \r\n", "Via:\r\n", "SIP/2.0 200 OK\r\n",
        "SIP/2.0 183 x\r\n",
        "ACK sip:a@b SIP/2.0\r\n", "REGISTER sip:b SIP/2.0\r\n", "CANCEL sip:a@b SIP/2.0\r\n", "--b\r\n", "--b--\r\n",
        "m=audio 49170 RTP/AVP 0 8\r\n", "c=IN IP6 ::1\r\n", "a=rtpmap:0 PCMU/8000\r\n", "a=crypto:1 x inline:y\r\n",
    ]

    private static let parameters = [
        ";tag=1", ";branch=z9hG4bK", ";rport", ";received=::1", ";lr", ";transport=tcp", ";maddr=1.2.3.4", ";ttl=1",
        ";user=phone", ";method=INVITE", ";q=1.000", ";expires=1", ";x=\"y;z\"", ";=", ";;", "?a=b&c=d",
        "?Route=%3Csip:a%3E",
        ";ob", ";gr=urn:uuid:1", ";reg-id=0", ";r2=on", ";alias=1.2.3.4~5~1", ";nat=yes", ",<sip:a@b>", ", *", ":5060",
        ":0",
        ":65536", "@", "%00", "%4", "%%", "<", ">", "<>", "\"", "\\\"", "()", "[::1]", "[::ffff:1.2.3.4]:1", "[:]",
    ]

    private static let marks = [
        " ", "\t", "\r", "\n", "\r\n", ",", ";", ":", "=", "\u{0}", "\u{7f}", "\u{80}", "\"", "<", ">", "@", "?", "&",
        "%",
        "\r\n\r\n", "*", "sip:", "sips:", "tel:", "urn:service:sos", "SIP/2.0", "sip:sos@a", "HTTP/1.1", "HEP3",
    ]
}
