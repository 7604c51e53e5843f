import Bytes
import SIPMessage

/// A file of SIP messages as people keep them: copied from a trace or written by hand.
///
/// A message begins with its first line and goes on to the next first line. Lines that begin with `#` between messages
/// are remarks; `# from tcp:192.0.2.7:5060`, `# on tcp:192.0.2.1:5060` and `# wait 5s` say something about the next one.
struct RawMessages {
    struct Item {
        var message: PlainMessage
        /// As in the file, when its line ends are those of the wire; nil: the message is written anew.
        var bytes: ByteString?
        /// Line of the first line, from 1.
        var line: Int
        var source: String?
        var socket: String?
        var delay = Interval.zero
    }

    let items: [Item]
    /// Lines that were expected to mean something and do not.
    let problems: [(line: Int, message: String)]

    init(_ text: String) {
        var reader = Reader(isWire: text.contains("\r\n"))
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            reader.take(line, index + 1)
        }
        reader.finish()
        self.items = reader.items
        self.problems = reader.problems
    }
}

private struct Reader {
    let isWire: Bool
    var items: [RawMessages.Item] = []
    var problems: [(line: Int, message: String)] = []
    private var lines: [Substring] = []
    private var start = 0
    private var isInBody = false
    /// What remarks said about the message to come.
    private var source: String?
    private var socket: String?
    private var delay = Interval.zero

    init(isWire: Bool) { self.isWire = isWire }

    mutating func take(_ line: Substring, _ number: Int) {
        if Self.isFirstLine(line), self.lines.isEmpty || self.isInBody {
            self.finish()
            self.lines = [line]
            self.start = number
            return
        }
        if line.hasPrefix("#"), self.lines.isEmpty || self.isInBody {
            self.finish()
            return self.remark(line.dropFirst(), number)
        }
        if self.lines.isEmpty {
            if !PlainMessage.trimmed(line).isEmpty {
                self.problems.append((number, "this is no SIP message: \(line.prefix(60))"))
            }
            return
        }
        if line.isEmpty { self.isInBody = true }
        self.lines.append(line)
    }

    private static func isFirstLine(_ line: Substring) -> Bool {
        if line.hasPrefix("SIP/2.0 ") { return true }
        let words = line.split(separator: " ")
        return words.count == 3 && words[2].hasPrefix("SIP/")
    }

    private mutating func remark(_ text: Substring, _ number: Int) {
        var words = TestWords(text)
        if words.take("from") { self.source = words.take() }
        if words.take("on") { self.socket = words.take() }
        if words.take("wait"), let time = words.take().flatMap(StepParser.duration) { self.delay = self.delay + time }
    }

    mutating func finish() {
        defer {
            self.lines = []
            self.isInBody = false
        }
        guard !self.lines.isEmpty else { return }
        while self.lines.count > 1, self.lines.last?.isEmpty == true { self.lines.removeLast() }
        var message = PlainMessage(text: self.lines.joined(separator: "\n"))
        var bytes: ByteString?
        if self.isWire {
            bytes = self.wire(message)
        } else {
            // The length was counted with other line ends.
            message.remove("Content-Length")
            if !message.body.isEmpty, !message.body.hasSuffix("\n") { message.body += "\n" }
        }
        self.items.append(
            RawMessages.Item(
                message: message, bytes: bytes, line: self.start, source: self.source, socket: self.socket,
                delay: self.delay))
        self.source = nil
        self.socket = nil
        self.delay = .zero
    }

    /// The bytes of the file; line ends behind the body that its length does not count belong to the file.
    private func wire(_ message: PlainMessage) -> ByteString {
        var text = self.lines.joined(separator: "\r\n")
        let length = message["Content-Length"].flatMap { Int($0) } ?? 0
        let body = PlainMessage.withCRLF(message.body)
        if body.isEmpty {
            text += "\r\n\r\n"
        } else if length == body.utf8.count + 2 {
            text += "\r\n"
        }
        return ByteString(text)
    }
}
