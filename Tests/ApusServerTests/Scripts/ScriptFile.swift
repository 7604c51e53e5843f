import Foundation

/// A file of `Tests/Scripts` with what its first lines say; `README.md` there describes them.
struct ScriptFile {
    struct Message {
        /// `INVITE sip:alice@example.org`, `180 Ringing`.
        var first: String
        var headers: [String] = []
        var body = ""
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Scripts")
        .standardized

    static let names: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        return (names ?? []).filter { $0.hasSuffix(".cfg") }.sorted()
    }()

    let path: String
    private let head: [Substring]

    init(_ name: String) throws {
        self.path = Self.folder.appending(path: name).path
        let text = try String(contentsOfFile: self.path, encoding: .utf8)
        self.head = text.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("# ") }
            .map { $0.dropFirst(2) }
    }

    /// The values of all lines `# key: value`, in order.
    func values(_ key: String) -> [String] {
        self.head.filter { $0.hasPrefix("\(key): ") }.map { String($0.dropFirst(key.count + 2)) }
    }

    /// The messages that arrive; one INVITE when the file names none.
    var messages: [Message] {
        var messages: [Message] = []
        for line in self.head {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "message:": messages.append(Message(first: parts[1]))
            case "header:" where !messages.isEmpty: messages[messages.count - 1].headers.append(parts[1])
            case "body:" where !messages.isEmpty: messages[messages.count - 1].body += parts[1] + "\r\n"
            default: break
            }
        }
        return messages.isEmpty ? [Message(first: "INVITE sip:alice@example.org")] : messages
    }
}

extension ScriptFile.Message {
    /// The bytes that arrive as the message of this number, counted from 1.
    func text(_ number: Int) -> String {
        guard self.first != "garbage" else { return "this is no message\r\n\r\n" }
        let word = self.first.prefix { $0 != " " }
        let isReply = word.allSatisfy(\.isNumber)
        var lines = [isReply ? "SIP/2.0 \(self.first)" : "\(self.first) SIP/2.0"]
        if isReply { lines.append("Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKcydzigwkX") }
        lines += [
            "Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK\(number)", "From: <sip:bob@example.org>;tag=1",
            "To: <sip:alice@example.org>", "Call-ID: \(number)", "CSeq: 1 \(isReply ? "INVITE" : word)",
        ]
        lines += self.headers + ["Content-Length: \(self.body.utf8.count)", "", self.body]
        return lines.joined(separator: "\r\n")
    }
}
