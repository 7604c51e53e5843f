import Bytes
import ModuleKit

/// What a server outside answers to queries that fit.
package struct StandingAnswer: Sendable {
    /// nil: any.
    package var method: String?
    /// The URL, in which `*` stands for any text.
    package var url: String
    package var answer: OutsideAnswer
    package var delay: Interval

    func fits(_ query: OutsideQuery) -> Bool {
        if let method = self.method, method != query.method.string { return false }
        return Self.matches(query.url.string[...], self.url[...])
    }

    /// Whether `pattern` fits all of `text`.
    static func matches(_ text: Substring, _ pattern: Substring) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return text == pattern }
        guard text.hasPrefix(first), text.hasSuffix(last), text.count >= first.count + last.count else { return false }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}

extension Stage {
    /// A script asks a server outside.
    func asked(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void) {
        let standing = self.outsideAnswers.last { $0.fits(query) }
        let answer = standing?.answer ?? .unreachable
        self.listener?.note(.query(query, answer), at: self.elapsed)
        self.schedule(after: standing?.delay ?? .zero) { [weak self] in
            then(answer)
            // The script that it wakes goes on now.
            if let self { self.server.move(to: self.server.now) }
        }
    }
}
