import Bytes
import SIPMessage

/// Max-Breadth: how many branches a request may have at once, all proxies behind this one counted (RFC 5393 §5).
public enum MaxBreadth {
    private static let name: StaticString = "Max-Breadth"

    /// The breadth that `message` brings; nil when it has no such field, or a broken one.
    public static func received(_ message: Message) -> Int? {
        let index = message.first(named: self.name.span)
        guard index >= 0 else { return nil }
        return message.span.decimal(in: message.field(at: index).value)
    }

    /// What `message` may use: what it brings, or `standard` when it brings none; nil where breadth is not limited.
    /// - Parameter standard: the core parameter `max_breadth`, 0 for no limit.
    public static func allowed(_ message: Message, standard: Int) -> Int? {
        standard > 0 ? self.received(message) ?? standard : nil
    }

    /// The share of one of `count` branches that begin together; the first ones get what does not divide.
    ///
    /// nil: there is not enough for this branch.
    public static func share(of available: Int, branch: Int, among count: Int) -> Int? {
        guard count > 0, branch < available else { return nil }
        return available / count + (branch < available % count ? 1 : 0)
    }

    /// Notes among the edits of a request that it leaves with that breadth.
    public static func set(_ breadth: Int, _ message: Message, _ edits: EditList) {
        let index = message.first(named: self.name.span)
        guard index < 0 else { return edits.replace(message.field(at: index).value, withDecimal: breadth) }
        let writer = edits.beginInsert()
        writer.buffer.append(self.name)
        writer.buffer.append(": ")
        writer.buffer.append(decimal: breadth)
        writer.buffer.append("\r\n")
        edits.endInsert(writer, at: message.headersEnd)
    }
}
