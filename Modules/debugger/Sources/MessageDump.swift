import Bytes
import ModuleKit
import SIPMessage

/// The message as it would be sent now, beside what the script changed.
enum MessageDump {
    static func text(_ route: RouteContext) -> String {
        let message = route.message
        let before = ByteString(message.span).string
        let buffer = ByteBuffer(capacity: message.length + 256)
        MessageWriter.write(message, route.edits, into: buffer)
        let after = ByteString(buffer.span).string
        let (oldHead, oldBody) = self.split(before)
        let (newHead, newBody) = self.split(after)
        let line = route.program.place(in: route)?.line ?? 0
        var text = "CONFIG LINE \(line)\n" + self.rule(" START OF SIP message debug ", 25) + "\n"
        text += after.replacingLineEnds
        text += self.rule(" SIP header diffs ", 30) + "\n" + self.difference(oldHead, newHead)
        text += self.rule(" SIP body diffs ", 31) + "\n" + self.difference(oldBody, newBody)
        text += self.rule(" END OF SIP message debug ", 26)
        return text
    }

    private static func rule(_ title: String, _ left: Int) -> String {
        let start = String(repeating: "-", count: left) + title
        return start + String(repeating: "-", count: max(79 - start.count, 0))
    }

    /// Lines of head and body.
    private static func split(_ text: String) -> (head: [String], body: [String]) {
        let lines = text.replacingLineEnds.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let end = lines.firstIndex(of: "") else { return (lines, []) }
        return (Array(lines[..<end]), lines[(end + 1)...].filter { !$0.isEmpty })
    }

    /// Lines that went, each after a minus, then lines that came.
    private static func difference(_ old: [String], _ new: [String]) -> String {
        var came = new
        var text = ""
        for line in old {
            if let index = came.firstIndex(of: line) { came.remove(at: index) } else { text += "- \(line)\n" }
        }
        for line in came { text += "\(line)\n" }
        return text
    }
}

extension String {
    /// CRLF as LF.
    fileprivate var replacingLineEnds: String { String(decoding: self.utf8.filter { $0 != 13 }, as: UTF8.self) }
}
