import Bytes
import SIPMessage

/// The name of a header field as a script gives it, looked up once: compact forms name the same field.
public final class HeaderSelector: Sendable {
    public let name: HeaderName
    public let text: ByteString

    public init(_ text: ByteString) {
        self.text = text
        self.name = HeaderName(named: text)
    }

    /// Index of the first such field, or -1.
    public func first(in message: Message) -> Int {
        guard self.name == .other else { return message.first(self.name) }
        let text = self.text
        return message.first(named: text.span)
    }

    /// Index of the next one after `index`, or -1.
    public func next(in message: Message, after index: Int) -> Int { message.next(after: index) }

    /// Number of such fields.
    public func count(in message: Message) -> Int {
        var count = 0
        var index = self.first(in: message)
        while index >= 0 {
            count += 1
            index = message.next(after: index)
        }
        return count
    }

    /// Index of the field at `position`, 0 being the first and -1 the last such field; -1 when there is none.
    public func index(in message: Message, at position: Int) -> Int {
        var left = position < 0 ? self.count(in: message) + position : position
        guard left >= 0 else { return -1 }
        var index = self.first(in: message)
        while index >= 0, left > 0 {
            index = message.next(after: index)
            left -= 1
        }
        return index
    }
}
