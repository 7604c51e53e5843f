import Bytes

/// A SIP message as people read it: a first line, fields in order, a body. For simulated phones and for test files,
/// which have to be able to say anything, wrong things included; the server under test parses with its own parser.
package struct PlainMessage: Sendable, Equatable {
    package struct Field: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var firstLine: String
    package var fields: [Field] = []
    package var body = ""

    package init(_ firstLine: String) { self.firstLine = firstLine }

    /// Reads a message with either kind of line end. What is no field line continues the field before it.
    package init(text: String) {
        // "\r\n" is one Character: both kinds of line end are line ends here.
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
            $0.split(separator: "\r\n", omittingEmptySubsequences: false)
        }[...]
        while let first = lines.first, first.isEmpty { lines.removeFirst() }
        self.firstLine = lines.popFirst().map(String.init) ?? ""
        while let line = lines.popFirst(), !line.isEmpty {
            if let first = line.first, first == " " || first == "\t", !self.fields.isEmpty {
                self.fields[self.fields.count - 1].value += " " + Self.trimmed(line)
                continue
            }
            guard let colon = line.firstIndex(of: ":") else {
                self.fields.append(Field(Self.trimmed(line), ""))
                continue
            }
            self.fields.append(
                Field(Self.trimmed(line[..<colon]), Self.trimmed(line[line.index(after: colon)...])))
        }
        self.body = lines.joined(separator: "\n")
    }

    package init(_ bytes: ByteString) { self.init(text: bytes.string) }

    /// The bytes on the wire. Content-Length is what it should be, unless a field says otherwise.
    package var bytes: ByteString {
        var text = self.firstLine + "\r\n"
        var hasLength = false
        for field in self.fields {
            if Self.isSame(field.name, "Content-Length") { hasLength = true }
            text += "\(field.name): \(field.value)\r\n"
        }
        let body = Self.withCRLF(self.body)
        if !hasLength { text += "Content-Length: \(body.utf8.count)\r\n" }
        return ByteString(text + "\r\n" + body)
    }

    // MARK: First line

    package var isReply: Bool { self.firstLine.hasPrefix("SIP/2.0 ") }
    /// Of a request; of a reply, that of its CSeq.
    package var method: String {
        if self.isReply { return self["CSeq"]?.split(separator: " ").last.map(String.init) ?? "" }
        return self.firstLine.split(separator: " ").first.map(String.init) ?? ""
    }
    package var requestURI: String {
        let words = self.firstLine.split(separator: " ")
        return !self.isReply && words.count > 1 ? String(words[1]) : ""
    }
    /// 0 of a request.
    package var status: Int {
        self.isReply ? Int(self.firstLine.dropFirst(8).prefix(3)) ?? 0 : 0
    }
    package var reason: String { self.isReply ? String(self.firstLine.dropFirst(12)) : "" }

    // MARK: Fields

    /// Value of the first field of that name, in its long or its short form.
    package subscript(name: String) -> String? {
        self.fields.first { Self.isSame($0.name, name) }?.value
    }

    package func all(_ name: String) -> [String] {
        self.fields.filter { Self.isSame($0.name, name) }.map(\.value)
    }

    /// All values of a field that lists values, one element each.
    package func list(_ name: String) -> [String] { self.all(name).flatMap(Self.elements) }

    package mutating func set(_ name: String, _ value: String) {
        if let index = self.fields.firstIndex(where: { Self.isSame($0.name, name) }) {
            self.fields[index].value = value
        } else {
            self.fields.append(Field(name, value))
        }
    }

    package mutating func remove(_ name: String) { self.fields.removeAll { Self.isSame($0.name, name) } }

    /// The `tag` parameter of From or To.
    package func tag(_ name: String) -> String? { self[name].flatMap { Self.parameter("tag", of: $0) } }
    /// The branch of the topmost Via.
    package var branch: String { self.list("Via").first.flatMap { Self.parameter("branch", of: $0) } ?? "" }
    package var sequence: Int { self["CSeq"]?.split(separator: " ").first.flatMap { Int($0) } ?? 0 }
}

extension PlainMessage {
    private static let shortForms = [
        "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
        "c": "content-type", "s": "subject", "k": "supported", "e": "content-encoding", "o": "event",
        "r": "refer-to", "b": "referred-by", "x": "session-expires", "u": "allow-events",
    ]

    package static func isSame(_ left: String, _ right: String) -> Bool {
        func long(_ name: String) -> String {
            let lower = name.lowercased()
            return self.shortForms[lower] ?? lower
        }
        return left == right || long(left) == long(right)
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        var rest = text[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }

    static func withCRLF(_ text: String) -> String {
        var result = ""
        for character in text { result += character == "\n" ? "\r\n" : String(character) }
        return result
    }

    /// Elements of a comma list; commas in quotes and in angle brackets do not count.
    static func elements(_ value: String) -> [String] {
        var result: [String] = []
        var current = ""
        var isQuoted = false
        var depth = 0
        for character in value {
            switch character {
            case "\"": isQuoted.toggle()
            case "<" where !isQuoted: depth += 1
            case ">" where !isQuoted: depth -= 1
            case "," where !isQuoted && depth == 0:
                result.append(self.trimmed(current))
                current = ""
                continue
            default: break
            }
            current.append(character)
        }
        let last = self.trimmed(current)
        if !last.isEmpty { result.append(last) }
        return result
    }

    /// A parameter behind the address: of `<sip:a@b;x=1>;tag=2` only `tag` is one.
    static func parameter(_ name: String, of value: String) -> String? {
        let rest = value.lastIndex(of: ">").map { value[value.index(after: $0)...] } ?? value[...]
        for part in rest.split(separator: ";").dropFirst(value.contains(">") ? 0 : 1) {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard let key = pair.first, self.trimmed(key).lowercased() == name else { continue }
            return pair.count == 2 ? self.trimmed(pair[1]) : ""
        }
        return nil
    }

    /// The URI of a Contact, Route, From … value.
    static func uri(of value: String) -> String {
        if let open = value.firstIndex(of: "<"), let close = value[open...].firstIndex(of: ">") {
            return String(value[value.index(after: open)..<close])
        }
        return self.trimmed(value.split(separator: ";").first ?? "")
    }

    /// The usual reason phrase of a status code.
    package static func reason(_ status: Int) -> String {
        let known: [Int: String] = [
            100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 183: "Session Progress", 200: "OK",
            202: "Accepted", 300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily",
            400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
            407: "Proxy Authentication Required", 408: "Request Timeout", 410: "Gone",
            480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 484: "Address Incomplete",
            486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending",
            500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable",
            504: "Server Time-out", 600: "Busy Everywhere", 603: "Decline",
        ]
        return known[status] ?? "Reply \(status)"
    }
}
