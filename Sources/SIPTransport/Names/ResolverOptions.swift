import Bytes

/// What the `options` lines of resolv.conf(5) say about waiting. c-ares has names of its own for these, and would wait 75
/// seconds for a server that does not answer; the system waits 10.
package struct ResolverOptions: Equatable, Sendable {
    /// Seconds to wait for a server in the first round; twice as long in the next.
    package var timeout = 5
    /// Rounds over all servers.
    package var attempts = 2

    /// The last word counts, as everywhere in that file; the limits are those of the system.
    package init(_ text: ByteString) {
        for line in text.bytes.split(separator: 10) {
            let words = line.split { $0 == 32 || $0 == 9 || $0 == 13 }
            guard let first = words.first, first.elementsEqual("options".utf8) else { continue }
            for word in words.dropFirst() {
                if let number = Self.number(word, "timeout:") { self.timeout = min(max(number, 1), 30) }
                if let number = Self.number(word, "attempts:") { self.attempts = min(max(number, 1), 5) }
            }
        }
    }

    private static func number(_ word: ArraySlice<UInt8>, _ name: String) -> Int? {
        guard word.starts(with: name.utf8) else { return nil }
        return Int(String(decoding: word.dropFirst(name.utf8.count), as: UTF8.self))
    }
}
