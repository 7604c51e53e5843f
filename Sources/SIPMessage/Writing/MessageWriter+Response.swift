import Bytes

extension MessageWriter {
    /// Writes a reply to `request` (RFC 3261 §8.2.6).
    ///
    /// Via, From, To, Call-ID and CSeq fields are copied in the order the request has them, then come
    /// `extraHeaders`, `serverHeader`, Content-Type, Content-Length.
    /// - Parameters:
    ///   - code: 100 to 699.
    ///   - toTag: added to To when it has none; nil adds none (100 Trying).
    ///   - extraHeaders: whole header lines.
    ///   - serverHeader: a whole header line, `Server: …`, or nothing.
    ///   - contentType: value of Content-Type; written when not empty.
    ///   - copyRecordRoute: for replies that may make a dialog (RFC 3261 §12.1.1).
    ///   - source: where the request came from, to complete the top Via; nil leaves that alone.
    ///   - forceRport: as if the sender had asked for `rport`.
    ///   - isNamed: the host in the top Via is a name of `source`: it needs no `received`.
    public static func response(
        to request: Message,
        code: Int,
        reason: Span<UInt8>,
        toTag: Span<UInt8>?,
        extraHeaders: Span<UInt8>,
        serverHeader: Span<UInt8>,
        contentType: Span<UInt8>,
        body: Span<UInt8>,
        copyRecordRoute: Bool,
        source: SocketAddress?,
        forceRport: Bool,
        isNamed: Bool = false,
        into out: ByteBuffer
    ) {
        let span = request.span
        out.append("SIP/2.0 ")
        out.append(decimal: code)
        out.append(32)
        out.append(reason)
        out.append("\r\n")
        let topVia = request.first(.via)
        for index in 0..<request.headerCount {
            let field = request.field(at: index)
            switch field.name {
            case .via:
                if index == topVia, let source, request.topVia.isValid {
                    let line = ByteRange(Int(field.start), field.value.upper)
                    self.appendVia(
                        span, request.topVia, line, source: source, forceRport: forceRport, isNamed: isNamed, into: out)
                } else {
                    self.appendField(span, field, into: out)
                }
            case .to: self.appendTo(request, field, index, tag: toTag, into: out)
            case .from, .callID, .cSeq: self.appendField(span, field, into: out)
            case .recordRoute where copyRecordRoute: self.appendField(span, field, into: out)
            default: break
            }
        }
        out.append(extraHeaders)
        out.append(serverHeader)
        if contentType.count > 0 {
            out.append("Content-Type: ")
            out.append(contentType)
            out.append("\r\n")
        }
        out.append("Content-Length: ")
        out.append(decimal: body.count)
        out.append("\r\n\r\n")
        out.append(body)
    }

    /// Name, colon and value as received, with a proper line end.
    @inline(__always)
    static func appendField(_ span: Span<UInt8>, _ field: HeaderField, into out: ByteBuffer) {
        out.append(span, ByteRange(Int(field.start), max(field.value.upper, field.nameRange.upper &+ 1)))
        out.append("\r\n")
    }

    private static func appendTo(
        _ request: Message,
        _ field: HeaderField,
        _ index: Int,
        tag: Span<UInt8>?,
        into out: ByteBuffer
    ) {
        let span = request.span
        let to = request.to
        guard let tag, tag.count > 0, index == request.first(.to), to.isValid, !to.hasTag else {
            return self.appendField(span, field, into: out)
        }
        out.append(span, ByteRange(Int(field.start), field.value.upper))
        out.append(";tag=")
        out.append(tag)
        out.append("\r\n")
    }

    /// The line of the top Via field, without its line end: `rport` gets its port in place; what is missing goes to the
    /// end of the value.
    static func appendVia(
        _ span: Span<UInt8>,
        _ via: Via,
        _ line: ByteRange,
        source: SocketAddress,
        forceRport: Bool,
        isNamed: Bool = false,
        into out: ByteBuffer
    ) {
        var position = line.lower
        let needsReceived = via.needsReceived(span, source: source.ip, isNamed: isNamed)
        // Whichever of the two parameters stands first is written first.
        let receivedFirst = via.receivedParameter.lower < via.rportParameter.lower
        for turn in 0..<2 {
            if (turn == 0) == receivedFirst {
                guard needsReceived, via.receivedParameter.isPresent else { continue }
                out.append(span, ByteRange(position, via.receivedParameter.lower))
                out.append("received=")
                source.ip.write(to: out)
                position = via.receivedParameter.upper
            } else if via.hasRport {
                out.append(span, ByteRange(position, via.rportParameter.lower))
                out.append("rport=")
                out.append(decimal: Int(source.port))
                position = via.rportParameter.upper
            }
        }
        let end = via.addition
        out.append(span, ByteRange(position, end))
        if forceRport, !via.hasRport {
            out.append(";rport=")
            out.append(decimal: Int(source.port))
        }
        if needsReceived, !via.receivedParameter.isPresent {
            out.append(";received=")
            source.ip.write(to: out)
        }
        out.append(span, ByteRange(end, line.upper))
        out.append("\r\n")
    }
}
