import Bytes
import SIPMessage

extension RouteContext {
    private var isURIParsed: Bool {
        get { self.plain.value.isURIParsed }
        set { self.plain.value.isURIParsed = newValue }
    }

    /// Forgets the parsed form of the Request-URI; called by whoever changes `target.uri`.
    public func invalidateRequestURI() {
        guard self.isURIParsed else { return }
        self.isURIParsed = false
        self.parsedURI.value = nil
    }

    /// The Request-URI as it is now, script's changes included.
    public var requestURI: Value {
        if let changed = self.targetURI { return .bytes(changed) }
        return self.isRequest ? .slice(self.message.requestURI) : .null
    }

    /// Calls `body` with the bytes of the Request-URI as it is now and its parsed form, nil when it cannot be parsed.
    /// The ranges of the parsed form are into the span that is passed.
    public func withRequestURI<R>(_ body: (Span<UInt8>, SIPURI?) -> R) -> R {
        if let changed = self.targetURI {
            if !self.isURIParsed {
                self.parsedURI.value = SIPURI(changed.span, ByteRange(start: 0, count: changed.count))
                self.isURIParsed = true
            }
            return body(changed.span, self.parsedURI.value)
        }
        if !self.isURIParsed {
            self.parsedURI.value = self.message.parsedRequestURI
            self.isURIParsed = true
        }
        let message = self.message
        return body(message.span, self.parsedURI.value)
    }

    /// Replaces the Request-URI of the main branch. It is not checked here.
    public func setRequestURI(_ uri: ByteString) {
        self.target.uri = uri
        self.isTargetConsumed = false
        self.invalidateRequestURI()
    }

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
        if let changed = self.targetURI {
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
