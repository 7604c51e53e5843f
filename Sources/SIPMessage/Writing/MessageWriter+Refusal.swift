import Bytes

extension MessageWriter {
    /// The length of a refusal is a multiple of it.
    private static let refusalStep = 32

    /// Writes the head of a reply to a request that was only glanced at, up to Content-Length: the same bytes as
    /// `response` for the whole message (RFC 3261 §8.2.6), but for blanks before the last number that make the length
    /// one of few: replies of the same size can be sent together.
    /// - Parameters:
    ///   - span: the request.
    ///   - code: 200 to 699.
    ///   - extraHeaders: whole header lines.
    ///   - serverHeader: a whole header line, `Server: …`, or nothing.
    ///   - toTag: writes the tag that To gets when it has none.
    public static func refusal(
        of glance: RequestGlance,
        in span: Span<UInt8>,
        code: Int,
        reason: Span<UInt8>,
        extraHeaders: Span<UInt8>,
        serverHeader: Span<UInt8>,
        source: SocketAddress,
        forceRport: Bool,
        into out: ByteBuffer,
        toTag: (ByteBuffer) -> Void
    ) {
        let start = out.count
        out.reserve(glance.lineBytes &+ 256 &+ reason.count &+ extraHeaders.count &+ serverHeader.count)
        out.append("SIP/2.0 ")
        out.append(decimal: code)
        out.append(32)
        out.append(reason)
        out.append("\r\n")
        for index in 0..<glance.lineCount {
            let line = glance.lines[index]
            if index == glance.viaLine {
                self.appendVia(span, glance.topVia, line, source: source, forceRport: forceRport, into: out)
                continue
            }
            out.append(span, line)
            if index == glance.toLine, !glance.hasToTag {
                out.append(";tag=")
                toTag(out)
            }
            out.append("\r\n")
        }
        out.append(extraHeaders)
        out.append(serverHeader)
        out.append("Content-Length: ")
        let rest = (out.count &- start &+ 5) % self.refusalStep
        if rest > 0 { for _ in rest..<self.refusalStep { out.append(32) } }
        out.append("0\r\n\r\n")
    }
}

extension RequestGlance {
    fileprivate var lineBytes: Int {
        var sum = 0
        for index in 0..<self.lineCount { sum &+= self.lines[index].length &+ 2 }
        return sum
    }
}
