import Bytes
import ModuleKit
import SIPMessage

/// What `tw_append` adds to a request that is handed to another program: `name: element; element`.
///
/// An element is `hdr[Name]`, `avp[name]` or `msg[body]`, perhaps with `title=` in front.
struct ApplicationAppendix: Sendable {
    enum Source: Sendable, Equatable {
        case header(ByteString)
        case attribute(AttributeName)
        /// The body, which stands at the end.
        case body
    }

    struct Element: Sendable {
        var title: ByteString
        var source: Source
    }

    var name: ByteString
    var elements: [Element] = []

    /// - Throws: `ArgumentError` naming what cannot be read.
    init(_ text: ByteString) throws(ArgumentError) {
        let parts = text.string.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = Self.trimmed(parts[0])
        guard parts.count == 2, !name.isEmpty else {
            throw ArgumentError("'\(text)' is not name:element;element, as in vm:hdr[Subject];caller=avp[caller]")
        }
        self.name = ByteString(name)
        for part in parts[1].split(separator: ";", omittingEmptySubsequences: false) {
            self.elements.append(try Self.element(Self.trimmed(part)))
        }
    }

    private static func element(_ text: String) throws(ArgumentError) -> Element {
        var rest = Substring(text)
        var title: String?
        if let equals = rest.firstIndex(of: "="), let bracket = rest.firstIndex(of: "["), equals < bracket {
            title = self.trimmed(rest[..<equals])
            rest = rest[rest.index(after: equals)...]
        }
        guard let bracket = rest.firstIndex(of: "["), rest.hasSuffix("]"), title != "" else {
            throw ArgumentError("'\(text)' is none of hdr[Name], avp[name] and msg[body], perhaps with title= in front")
        }
        let inner = self.trimmed(rest[rest.index(after: bracket)...].dropLast())
        guard !inner.isEmpty else { throw ArgumentError("'\(text)': nothing is named between the brackets") }
        switch self.trimmed(rest[..<bracket]) {
        case "hdr": return Element(title: ByteString(title ?? inner), source: .header(ByteString(inner)))
        case "avp":
            let attribute = try self.attribute(inner)
            return Element(title: ByteString(title ?? inner), source: .attribute(attribute))
        case "msg":
            guard inner == "body" else { throw ArgumentError("'\(text)': of a message there is msg[body] alone") }
            return Element(title: ByteString(title ?? inner), source: .body)
        default: throw ArgumentError("'\(text)' is none of hdr[Name], avp[name] and msg[body]")
        }
    }

    /// `name`, `s:name` or `i:5`, as inside `$avp(…)`.
    private static func attribute(_ text: String) throws(ArgumentError) -> AttributeName {
        guard !text.hasPrefix("$") else { throw ArgumentError("'\(text)': an attribute is named without $") }
        if text.hasPrefix("i:") {
            guard let number = Int(text.dropFirst(2)) else {
                throw ArgumentError("'\(text)' is no number of an attribute")
            }
            return .number(number)
        }
        return .text(ByteString(text.hasPrefix("s:") ? String(text.dropFirst(2)) : text))
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var part = text[...]
        while let first = part.first, first == " " || first == "\t" { part = part.dropFirst() }
        while let last = part.last, last == " " || last == "\t" { part = part.dropLast() }
        return String(part)
    }
}

/// The second argument of `t_write_req` and `t_write_unix`: `action` or `action/appendix`.
final class ApplicationAction: Sendable {
    let name: ByteString
    let appendix: ApplicationAppendix?

    init(_ text: ByteString, _ known: [ApplicationAppendix]) throws(ArgumentError) {
        let parts = text.string.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        self.name = ByteString(String(parts[0]))
        guard !self.name.isEmpty, !self.name.bytes.contains(where: { $0 < 32 }) else {
            throw ArgumentError("'\(text)' names no action")
        }
        guard parts.count == 2 else {
            self.appendix = nil
            return
        }
        let wanted = ByteString(String(parts[1]))
        guard let found = known.first(where: { $0.name == wanted }) else {
            throw ArgumentError("no tw_append is called '\(wanted)'")
        }
        self.appendix = found
    }
}
