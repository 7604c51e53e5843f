/// Passwords in texts that are shown: of URLs, `scheme://user:password@host`.
public enum URLSecrets {
    /// The text with as many `*` in place of each password, so that columns stay where they are.
    public static func masked(_ text: some Collection<UInt8>) -> [UInt8] {
        var bytes = Array(text)
        var index = 0
        while index + 2 < bytes.count {
            guard bytes[index] == UInt8(ascii: ":"), bytes[index + 1] == UInt8(ascii: "/"),
                bytes[index + 2] == UInt8(ascii: "/")
            else {
                index += 1
                continue
            }
            index += 3
            // The account ends at the last @: passwords of databases have slashes and signs of any kind in them. Rather a
            // port is hidden than a password shown.
            let end = bytes[index...].firstIndex { Self.ends($0) } ?? bytes.count
            if index < end, bytes[index] != UInt8(ascii: "/"),
                let at = bytes[index..<end].lastIndex(of: UInt8(ascii: "@")),
                let colon = bytes[index..<at].firstIndex(of: UInt8(ascii: ":"))
            {
                for place in (colon + 1)..<at { bytes[place] = UInt8(ascii: "*") }
            }
            index = end
        }
        return bytes
    }

    public static func masked(_ text: String) -> String { String(decoding: Self.masked(text.utf8), as: UTF8.self) }

    /// Where a URL in a text ends.
    private static func ends(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ";"), 0...32:
            true
        default: false
        }
    }
}
