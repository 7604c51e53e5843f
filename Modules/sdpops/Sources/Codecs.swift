import Bytes
import SIPMessage

/// Payload types that a script lists, by number or by name, with commas between them.
struct CodecList {
    private let members: [ByteString]
    private let isByName: Bool

    init(_ text: ByteString, byName: Bool) {
        self.isByName = byName
        self.members = text.bytes.split(separator: UInt8(ascii: ",")).map { member in
            var member = member
            while member.first?.isBlank == true { member = member.dropFirst() }
            while member.last?.isBlank == true { member = member.dropLast() }
            return ByteString(Array(member))
        }
    }

    private init(_ member: ByteString, isByName: Bool) {
        self.members = [member]
        self.isByName = isByName
    }

    /// A list for each member.
    var each: [CodecList] { self.members.map { CodecList($0, isByName: self.isByName) } }

    /// Whether the payload type `format` of a medium is one of them.
    func contains(_ format: ByteRange, _ names: PayloadNames, _ span: Span<UInt8>) -> Bool {
        guard self.isByName else { return self.members.contains { span.equals(format, $0.span) } }
        return self.members.contains { names.isNamed(format, $0, span) }
    }
}

/// The names of a medium's payload types: by its `a=rtpmap` lines, else those that are the same everywhere.
struct PayloadNames {
    /// By number; of several lines for one number the first counts.
    private var names: [ByteString: ByteRange] = [:]

    init(_ media: SessionDescription.Media, _ span: Span<UInt8>) {
        var lines = media.attributes(span)
        while let line = lines.next(span) {
            guard span.hasPrefix(line.text, "a=rtpmap:") else { continue }
            let words = span.words(ByteRange(line.text.lower + 9, line.text.upper))
            guard words.count >= 2 else { continue }
            let end = span.firstIndex(of: UInt8(ascii: "/"), from: words[1].lower, to: words[1].upper)
            let number = ByteString(span, words[0])
            if self.names[number] == nil { self.names[number] = ByteRange(words[1].lower, end) }
        }
    }

    func isNamed(_ format: ByteRange, _ name: ByteString, _ span: Span<UInt8>) -> Bool {
        if !self.names.isEmpty, let own = self.names[ByteString(span, format)] {
            return span.equalsIgnoringCase(own, name.span)
        }
        guard let number = span.decimal(in: format, limit: 127), let known = Self.fixed[number] else { return false }
        return name.span.equalsIgnoringCase(known.span)
    }

    /// RFC 3551 §6, table 4: audio.
    private static let fixed: [Int: ByteString] = [
        0: "PCMU", 3: "GSM", 4: "G723", 5: "DVI4", 6: "DVI4", 7: "LPC", 8: "PCMA", 9: "G722", 10: "L16", 11: "L16",
        12: "QCELP", 13: "CN", 14: "MPA", 15: "G728", 16: "DVI4", 17: "DVI4", 18: "G729",
    ]
}

extension SessionDescription.Media {
    /// Records the removal of payload types: their numbers in `m=` and the lines about them.
    ///
    /// All in one pass: a number can stand in `m=` as often as lines can speak of it, and each time with each line would be
    /// more edits than there is memory.
    func remove(_ formats: [ByteRange], from message: Message, _ edits: EditList) {
        guard !formats.isEmpty else { return }
        let span = message.span
        var numbers: Set<ByteString> = []
        for format in formats {
            numbers.insert(ByteString(span, format))
            // With the blank before it.
            edits.delete(ByteRange(format.lower - 1, format.upper))
        }
        var lines = self.attributes(span)
        while let line = lines.next(span) {
            let prefix =
                span.hasPrefix(line.text, "a=rtpmap:")
                ? 9 : span.hasPrefix(line.text, "a=fmtp:") ? 7 : span.hasPrefix(line.text, "a=rtcp-fb:") ? 10 : 0
            guard prefix > 0 else { continue }
            let start = line.text.lower + prefix
            var end = start
            while end < line.text.upper, !span[end].isBlank { end += 1 }
            if numbers.contains(ByteString(span, ByteRange(start, end))) { edits.delete(line.whole) }
        }
    }
}
