import Bytes

/// Writes messages: forwarded ones with their edits, replies, and the requests a transaction makes by itself.
///
/// Everything is appended to `out`, whatever it holds already; `out` is never the message's own buffer. Broken or
/// missing header fields are left out, nothing here fails.
public enum MessageWriter {
    /// Writes `message` with `edits` applied, nothing else changed but Content-Length when the body changed length.
    public static func write(_ message: Message, _ edits: EditList, into out: ByteBuffer) {
        let span = message.span
        guard !edits.isEmpty else {
            out.append(span, ByteRange(message.start, span.count))
            return
        }
        var cursor = EditCursor(edits, from: message.start)
        self.finish(message, span, edits, &cursor, into: out)
    }

    /// Writes a request to forward (RFC 3261 §16.6).
    /// - Parameters:
    ///   - newRequestURI: in place of the received one; nil leaves that, with its edits.
    ///   - topHeaders: whole header lines that go before the first Via, after texts inserted there: our own Via.
    ///   - source: where it came from, to complete the received top Via; nil leaves that alone.
    ///   - forceRport: as if the sender had asked for `rport`.
    ///   - isNamed: the host in the received top Via is a name of `source`: it needs no `received`.
    public static func forwardRequest(
        _ message: Message,
        _ edits: EditList,
        newRequestURI: Span<UInt8>?,
        topHeaders: Span<UInt8>,
        source: SocketAddress? = nil,
        forceRport: Bool = false,
        isNamed: Bool = false,
        into out: ByteBuffer
    ) {
        let mark = edits.mark()
        if let source { edits.fixTopVia(message, source: source, forceRport: forceRport, isNamed: isNamed) }
        let span = message.span
        var cursor = EditCursor(edits, from: message.start)
        if let newRequestURI {
            cursor.copy(to: message.requestURI.lower, span, edits, into: out)
            out.append(newRequestURI)
            cursor.skip(to: message.requestURI.upper, edits)
        }
        let via = message.first(.via)
        let top = via >= 0 ? Int(message.field(at: via).start) : message.firstHeaderStart
        cursor.copy(to: top, span, edits, into: out)
        cursor.flush(span, edits, into: out)
        out.append(topHeaders)
        self.finish(message, span, edits, &cursor, into: out)
        if source != nil { edits.rollback(to: mark) }
    }

    /// Writes a reply to forward: without its top Via value (RFC 3261 §16.7, step 3).
    public static func forwardResponse(_ message: Message, _ edits: EditList, into out: ByteBuffer) {
        let span = message.span
        let via = message.topVia
        var cursor = EditCursor(edits, from: message.start)
        if via.isValid {
            let removed = message.removalRange(via.range, listEnd: via.listEnd, field: via.fieldIndex)
            cursor.copy(to: removed.lower, span, edits, into: out)
            cursor.remove(to: removed.upper, span, edits, into: out)
        }
        self.finish(message, span, edits, &cursor, into: out)
    }

    /// Writes what is left; the value of Content-Length follows the body when edits change that.
    private static func finish(
        _ message: Message,
        _ span: Span<UInt8>,
        _ edits: EditList,
        _ cursor: inout EditCursor,
        into out: ByteBuffer
    ) {
        let growth = edits.growth(from: message.bodyStart, length: span.count)
        if growth != 0 {
            let index = message.first(.contentLength)
            if index >= 0, !edits.isRemoved(index, message) {
                let value = message.field(at: index).value
                cursor.copy(to: value.lower, span, edits, into: out)
                out.append(decimal: max(message.body.length &+ growth, 0))
                cursor.skip(to: value.upper, edits)
            } else if index < 0 {
                cursor.copy(to: message.headersEnd, span, edits, into: out)
                cursor.flush(span, edits, into: out)
                out.append("Content-Length: ")
                out.append(decimal: max(message.body.length &+ growth, 0))
                out.append("\r\n")
            }
        }
        cursor.finish(at: span.count, span, edits, into: out)
    }
}
