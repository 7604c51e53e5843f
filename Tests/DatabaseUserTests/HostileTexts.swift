import Bytes

/// Texts that would be more than text if a statement were built by joining them in.
enum HostileTexts {
    static let all: [ByteString] =
        printable + [
            ByteString([97, 0, 98, 39, 59]), ByteString([0]), ByteString([255, 254, 128]),
            ByteString("line\r\nbreak\u{1a}"),
            ByteString(Array(repeating: UInt8(ascii: "'"), count: 5_000)),
            ByteString(Array(repeating: UInt8(ascii: "x"), count: 70_000)),
        ]

    /// Those without control characters and of no unusual length.
    static let printable: [ByteString] = [
        "'", "''", "'; DROP TABLE canary; --", "' OR '1'='1", "x' UNION SELECT * FROM canary --",
        "'); DELETE FROM canary;--",
        "\"", "\"; DROP TABLE canary; --", "`", "`; DROP TABLE canary; --", "[canary]", "\\", "\\'", "a\\\\'b", "%",
        "_", "%%_%",
        "a%b_c", "?", "??", "?1", ":name", "$1", "@x", "/* */", "--", "#", ";", "NULL", "null", "0", "1e999", "0x27",
        "€uro ü ñ", "\u{202e}txt", "日本語", "' || (SELECT k FROM canary) || '", "${x} $(x) $ru", "CHAR(39)", " ", "a b",
        "=", "*",
    ]

    /// Those that can be the user of a URI with their odd bytes escaped.
    static let users: [ByteString] = all.filter { !$0.bytes.contains(0) && $0.count < 1_000 && !$0.bytes.contains(13) }

    /// Every byte that is neither letter nor digit as `%xx`.
    static func escaped(_ text: ByteString) -> String {
        let digits = Array("0123456789abcdef")
        return text.bytes.map { byte in
            byte.isLetter || byte.isDigit
                ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }

    /// Without what cannot stand in a URI, a header field or a quoted text as it is.
    static func plain(_ text: ByteString, without others: String = "") -> String {
        let dropped = Array("<>\"\\@ \(others)".utf8)
        return String(decoding: text.bytes.filter { $0 > 32 && $0 < 127 && !dropped.contains($0) }, as: UTF8.self)
    }
}
