import Bytes
import SIPMessage

extension RouteContext {
    /// Exchanges a part of the Request-URI of the main branch.
    /// - Returns: false when the present one cannot be taken apart or has no such part, and in replies.
    public func rewriteRequestURI(_ part: URIPart, with text: ByteString) -> Bool {
        guard self.isRequest else { return false }
        let changed = self.withRequestURI { span, uri -> ByteString? in
            guard let uri else { return nil }
            let out = ByteBuffer(capacity: uri.range.length + text.count + 24)
            return part.write(text, in: uri, span, to: out) ? ByteString(out.span) : nil
        }
        guard let changed else { return false }
        self.setRequestURI(changed)
        return true
    }

    /// A part of the Request-URI as it is now: in the message as long as that was not changed, copied afterwards.
    public func requestURIPart(_ part: (SIPURI) -> ByteRange) -> Value {
        if let changed = self.target.uri {
            return self.withRequestURI { _, uri in
                guard let uri else { return .null }
                let range = part(uri)
                return range.isPresent ? .bytes(ByteString(changed.span, range)) : .null
            }
        }
        guard self.isRequest, let uri = self.message.parsedRequestURI else { return .null }
        return .slice(ifPresent: part(uri))
    }
}
