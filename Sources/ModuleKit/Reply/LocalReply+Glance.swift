import Bytes
import SIPMessage

extension LocalReply {
    /// Where replies to a request go that was only glanced at.
    public func destination(
        for request: RequestGlance, in span: Span<UInt8>, _ arrival: Arrival, forceRport: Bool
    ) -> Destination {
        ReplyPath.destination(
            via: request.topVia, span, arrival: arrival, forceRport: self.forceRport || forceRport, toVia: self.toVia)
    }

    /// Appends a stateless refusal of a request that was only glanced at: the bytes that `write` makes for the whole
    /// message, but for a Warning.
    /// - Parameters:
    ///   - span: the request.
    ///   - headers: whole header lines.
    public func writeRefusal(
        _ code: Int, _ reason: Span<UInt8>, of request: RequestGlance, in span: Span<UInt8>, headers: Span<UInt8>,
        _ arrival: Arrival, forceRport: Bool, into out: ByteBuffer
    ) {
        MessageWriter.refusal(
            of: request, in: span, code: code, reason: reason, extraHeaders: headers,
            serverHeader: self.serverHeader.span, source: arrival.source, forceRport: self.forceRport || forceRport,
            into: out
        ) { self.tags.write(.stateless, for: request, in: span, to: $0) }
    }
}
