import Foundation
import RouteScript

/// A text that an editor has open, and the way between its positions and bytes.
struct TextDocument {
    let path: String
    let uri: String
    var bytes: [UInt8]

    /// Line and character, both from 0; characters are UTF-16 units, as editors count unless told otherwise.
    struct Position: Hashable, Comparable {
        var line: Int
        var character: Int

        init(line: Int, character: Int) {
            self.line = line
            self.character = character
        }

        init?(_ json: JSON) {
            guard let line = json["line"].int, let character = json["character"].int, line >= 0, character >= 0 else {
                return nil
            }
            self.init(line: line, character: character)
        }

        var json: JSON { ["line": .int(self.line), "character": .int(self.character)] }

        static func < (left: Position, right: Position) -> Bool {
            left.line == right.line ? left.character < right.character : left.line < right.line
        }
    }

    /// The byte at a position; places behind the end of a line count as its end.
    func offset(of position: Position) -> Int {
        var start = 0
        for _ in 0..<position.line {
            guard let end = self.bytes[start...].firstIndex(of: 10) else { return self.bytes.count }
            start = end + 1
        }
        let end = self.bytes[start...].firstIndex(of: 10) ?? self.bytes.count
        var units = 0
        var index = start
        while index < end, units < position.character {
            let (length, width) = Self.character(self.bytes[index])
            units += width
            index = min(index + length, end)
        }
        return index
    }

    /// Bytes and UTF-16 units of the character that begins with `byte`.
    static func character(_ byte: UInt8) -> (length: Int, width: Int) {
        switch byte {
        case 0xf0...: (4, 2)
        case 0xe0...: (3, 1)
        case 0xc0...: (2, 1)
        default: (1, 1)
        }
    }

    /// The position of a place in `source`.
    static func position(of location: SourceLocation, in source: SourceFile) -> Position {
        let line = max(Int(location.line), 1)
        let bytes = source.line(line)
        let wanted = max(Int(location.column) - 1, 0)
        var units = 0
        var index = 0
        while index < min(wanted, bytes.count) {
            let (length, width) = Self.character(bytes[bytes.startIndex + index])
            units += width
            index += length
        }
        return Position(line: line - 1, character: units)
    }

    static func uri(of path: String) -> String { path.hasPrefix("/") ? URL(filePath: path).absoluteString : path }

    static func path(of uri: String) -> String {
        guard let url = URL(string: uri), url.isFileURL else { return uri }
        return url.path
    }
}
