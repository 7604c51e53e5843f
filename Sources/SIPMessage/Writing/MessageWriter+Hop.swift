import Bytes

// Requests that a transaction sends by itself, hop by hop: they are made from the request that was sent.

extension MessageWriter {
    /// Writes the ACK for a final reply other than 2xx (RFC 3261 §17.1.1.3).
    /// - Parameters:
    ///   - response: its To, tag included, goes into the ACK.
    ///   - request: the INVITE as sent, parsed.
    ///   - prefix: header fields of the INVITE whose names begin so go along; empty: none do.
    public static func ack(
        forNegative response: Message, to request: Message, copying prefix: ByteString = ByteString(),
        into out: ByteBuffer
    ) {
        self.hopRequest("ACK", request, to: response, ("" as StaticString).span, copying: prefix, into: out)
    }

    /// Writes the CANCEL of a request (RFC 3261 §9.1).
    /// - Parameters:
    ///   - request: the INVITE as sent, parsed.
    ///   - extraHeaders: whole header lines, such as Reason.
    ///   - prefix: header fields of the request whose names begin so go along; empty: none do.
    public static func cancel(
        _ request: Message, extraHeaders: Span<UInt8>, copying prefix: ByteString = ByteString(), into out: ByteBuffer
    ) {
        self.hopRequest("CANCEL", request, to: nil, extraHeaders, copying: prefix, into: out)
    }

    private static func hopRequest(
        _ method: StaticString,
        _ request: Message,
        to response: Message?,
        _ extraHeaders: Span<UInt8>,
        copying prefix: ByteString,
        into out: ByteBuffer
    ) {
        let span = request.span
        out.append(method)
        out.append(32)
        out.append(span, request.requestURI)
        out.append(" SIP/2.0\r\n")
        let topVia = request.topVia
        for index in 0..<request.headerCount {
            let field = request.field(at: index)
            switch field.name {
            case .via:
                guard index == topVia.fieldIndex, topVia.isValid else { continue }
                out.append(span, ByteRange(Int(field.start), topVia.end))
                out.append("\r\n")
            case .to:
                if let response, response.first(.to) >= 0 {
                    self.appendField(response.span, response.field(at: response.first(.to)), into: out)
                } else {
                    self.appendField(span, field, into: out)
                }
            case .cSeq:
                let cSeq = request.cSeq
                out.append("CSeq: ")
                out.append(span, cSeq.numberRange)
                out.append(32)
                out.append(method)
                out.append("\r\n")
            case .from, .callID, .maxForwards, .route: self.appendField(span, field, into: out)
            case .contentLength: break
            default:
                if !prefix.isEmpty, self.begins(span, field.nameRange, with: prefix) {
                    self.appendField(span, field, into: out)
                }
            }
        }
        out.append("Content-Length: 0\r\n")
        out.append(extraHeaders)
        out.append("\r\n")
    }

    private static func begins(_ span: Span<UInt8>, _ name: ByteRange, with prefix: ByteString) -> Bool {
        name.count >= prefix.count
            && span.equalsIgnoringCase(ByteRange(start: name.lower, count: prefix.count), prefix.span)
    }
}
