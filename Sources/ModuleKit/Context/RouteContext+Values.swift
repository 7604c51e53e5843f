import Bytes
import SIPMessage

extension RouteContext {
    /// Calls `body` with the text of `value`: a number in decimal, `$null` as no bytes. Text in the message is not
    /// copied.
    public func withText<R>(_ value: Value, _ body: (Span<UInt8>) -> R) -> R {
        switch value {
        case .null: return body(ByteString().span)
        case .int(let number): return body(DecimalText(number).span)
        case .bytes(let text), .labelled(_, let text): return body(text.span)
        case .slice(let range):
            let message = self.message
            guard range.isPresent, range.upper <= message.length else { return body(ByteString().span) }
            return body(message.span.extracting(range.indices))
        }
    }

    /// The text of `value`, copied: a number in decimal, `$null` as no bytes.
    public func text(_ value: Value) -> ByteString {
        switch value {
        case .bytes(let text), .labelled(_, let text): text
        default: self.withText(value) { ByteString($0) }
        }
    }

    /// Text that `write` appends to the buffer it is given: the end of `scratch`, so that nothing but the text is allocated,
    /// and `write` may again make text.
    public func made(_ write: (ByteBuffer) -> Void) -> ByteString {
        let buffer = self.scratch
        let mark = buffer.count
        defer { buffer.truncate(to: mark) }
        write(buffer)
        return ByteString(buffer.span, ByteRange(mark, buffer.count))
    }

    /// Appends the text of `value`; `$null` prints as `<null>`.
    public func print(_ value: Value, to buffer: ByteBuffer) {
        switch value {
        case .null: buffer.append("<null>")
        case .int(let number): buffer.append(decimal: number)
        case .bytes(let text), .labelled(_, let text): buffer.append(text)
        case .slice(let range):
            let message = self.message
            if range.isPresent, range.upper <= message.length { buffer.append(message.span, range) }
        }
    }

    /// The integer that `value` is or that its text spells; `$null` and empty text are 0; nil when the text is not a
    /// number.
    public func int(_ value: Value) -> Int? {
        switch value {
        case .null: return 0
        case .int(let number), .labelled(let number, _): return number
        case .bytes, .slice:
            return self.withText(value) { Value.integer($0, ByteRange(start: 0, count: $0.count)) }
        }
    }

    /// `value` in a form that outlives the message.
    public func stored(_ value: Value) -> Value {
        if case .slice = value { return .bytes(self.text(value)) }
        return value
    }

    public func isEmpty(_ value: Value) -> Bool {
        switch value {
        case .null: true
        case .int: false
        case .bytes(let text), .labelled(_, let text): text.isEmpty
        case .slice(let range): range.count == 0
        }
    }

    public func equals(_ value: Value, _ text: ByteString) -> Bool {
        self.withText(value) { $0.equals(text.span) }
    }

    /// Text of a range of the received message.
    public func copy(_ range: ByteRange) -> ByteString { self.message.text(range) }
}
