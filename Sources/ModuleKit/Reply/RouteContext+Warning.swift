import Bytes
import Glibc
import SIPMessage

extension RouteContext {
    /// Appends the Warning of `sip_warning` (RFC 3261 §20.43, code 392): where the request came from, its Request-URI as
    /// received and as it is now, and how many Via fields it has. For those who look for a fault from outside.
    func appendWarning(to buffer: ByteBuffer) {
        buffer.append("Warning: 392 ")
        buffer.append(self.arrival.socket.sentBy)
        buffer.append(" \"Noisy feedback tells:  pid=")
        buffer.append(decimal: Int(getpid()))
        buffer.append(" req_src_ip=")
        self.arrival.source.ip.write(to: buffer)
        buffer.append(" req_src_port=")
        buffer.append(decimal: Int(self.arrival.source.port))
        let message = self.message
        if let uri = message.parsedRequestURI {
            buffer.append(" in_uri=")
            Self.append(quoted: ByteString(message.span, uri.range), to: buffer)
        }
        let current = self.withRequestURI { span, uri -> ByteString? in
            guard let uri else { return nil }
            return ByteString(span, uri.range)
        }
        if let current {
            buffer.append(" out_uri=")
            Self.append(quoted: current, to: buffer)
        }
        var vias = 0
        for index in 0..<self.message.headerCount where self.message.field(at: index).name == .via { vias += 1 }
        buffer.append(" via_cnt==")
        buffer.append(decimal: vias)
        buffer.append("\"\r\n")
    }

    /// What would end the quoted string is left out.
    private static func append(quoted text: ByteString, to buffer: ByteBuffer) {
        for byte in text.bytes where byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") { buffer.append(byte) }
    }
}
