import Bytes
import ModuleKit

/// A named connection as the configuration has it: its URL and parameters, not yet understood.
struct ConnectionDefinition: Sendable, Equatable {
    var name: ByteString
    var url: String
    var parameters: [Parameter] = []

    struct Parameter: Sendable, Equatable {
        var name: String
        var value: String
    }

    init(name: ByteString, url: String) {
        self.name = name
        self.url = url
    }

    /// `name=>url[;parameter=value…]`.
    init(_ text: ByteString) throws {
        let line = text.string
        guard let arrow = line.range(of: "=>") else {
            throw ArgumentError("a connection is name=>url, not '\(line)'")
        }
        let name = Self.trim(line[..<arrow.lowerBound])
        guard !name.isEmpty else { throw ArgumentError("a connection needs a name before '=>'") }
        var parts = line[arrow.upperBound...].split(separator: ";").map(Self.trim)
        guard !parts.isEmpty else { throw ArgumentError("connection \(name) has no URL") }
        self.init(name: ByteString(name), url: parts.removeFirst())
        for part in parts where !part.isEmpty {
            guard let sign = part.firstIndex(of: "=") else {
                throw ArgumentError("connection \(name): '\(part)' has no value")
            }
            self.parameters.append(
                Parameter(name: Self.trim(part[..<sign]), value: Self.trim(part[part.index(after: sign)...])))
        }
    }

    static func trim(_ text: some StringProtocol) -> String {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\r" }
        var part = text[...]
        while let first = part.first, isSpace(first) { part = part.dropFirst() }
        while let last = part.last, isSpace(last) { part = part.dropLast() }
        return String(part)
    }
}

extension StringProtocol {
    /// Where `text` stands first.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = self.startIndex
        while start < self.endIndex {
            if self[start...].hasPrefix(text) { return start..<self.index(start, offsetBy: text.count) }
            start = self.index(after: start)
        }
        return nil
    }
}

/// The file with connections: `[name]` begins one, `key = value` lines follow, `#` and `;` begin comments.
enum ConnectionFile {
    /// - Throws: `ModuleError` naming file and line.
    static func read(_ path: String) throws -> [ConnectionDefinition] {
        guard let bytes = SystemInput.readFile(path) else { throw ModuleError("config_file \(path) cannot be read") }
        return try Self.parse(bytes.string, path)
    }

    static func parse(_ text: String, _ path: String) throws -> [ConnectionDefinition] {
        var found: [ConnectionDefinition] = []
        for (number, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = ConnectionDefinition.trim(raw)
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                found.append(ConnectionDefinition(name: ByteString(String(line.dropFirst().dropLast())), url: ""))
                continue
            }
            guard let sign = line.firstIndex(of: "="), !found.isEmpty else {
                throw ModuleError("\(path):\(number + 1): [name] or key=value is expected, not '\(line)'")
            }
            let key = ConnectionDefinition.trim(line[..<sign])
            let value = ConnectionDefinition.trim(line[line.index(after: sign)...])
            if key == "url" {
                found[found.count - 1].url = value
            } else {
                found[found.count - 1].parameters.append(.init(name: key, value: value))
            }
        }
        return found
    }
}
