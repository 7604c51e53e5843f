import Bytes

/// What `dlgs_count(field, op, data)` and its RPC likes look for.
struct DialogFilter {
    enum Field: String, CaseIterable {
        case any, src, dst, data, ruid
    }
    enum Operation: String, CaseIterable {
        case equal = "eq"
        case different = "ne"
        case expression = "re"
        case prefix = "sw"
        case pattern = "fm"
    }

    let field: Field
    let operation: Operation
    let data: ByteString
    private let expression: RegularExpression?

    /// - Returns: nil for an unknown field or operation and for a broken expression.
    init?(field: ByteString, operation: ByteString, data: ByteString) {
        guard let field = Field(rawValue: field.string), let operation = Operation(rawValue: operation.string) else {
            return nil
        }
        self.field = field
        self.operation = operation
        self.data = data
        if operation == .expression, field != .any {
            guard let expression = try? RegularExpression(data) else { return nil }
            self.expression = expression
        } else {
            self.expression = nil
        }
    }

    func matches(_ record: DialogRecord) -> Bool {
        switch self.field {
        case .any: true
        case .src: self.accepts(record.source)
        case .dst: self.accepts(record.target)
        case .data: self.accepts(record.data)
        case .ruid: self.accepts(record.ruid)
        }
    }

    private func accepts(_ text: ByteString) -> Bool {
        switch self.operation {
        case .equal: return text == self.data
        case .different: return text != self.data
        case .expression:
            guard let expression = self.expression else { return false }
            return expression.matches(text.span)
        case .prefix: return text.bytes.starts(with: self.data.bytes)
        case .pattern: return Self.matches(self.data.bytes, text.bytes)
        }
    }

    /// Patterns of file names: `*`, `?`, `[a-z]`, `[!a]`, and a backslash before what is meant literally.
    static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var place = 0
        var index = 0
        // Where to go on when it turns out that the last star has to take one byte more.
        var retry: (place: Int, index: Int)?
        while index < text.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                retry = (place + 1, index)
                place += 1
                continue
            }
            if let next = Self.step(pattern, place, text[index]) {
                place = next
                index += 1
                continue
            }
            guard let last = retry else { return false }
            retry = (last.place, last.index + 1)
            place = last.place
            index = last.index + 1
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// Place behind the element at `place` when that element takes `byte`.
    private static func step(_ pattern: [UInt8], _ place: Int, _ byte: UInt8) -> Int? {
        guard place < pattern.count else { return nil }
        switch pattern[place] {
        case UInt8(ascii: "?"): return place + 1
        case UInt8(ascii: "\\") where place + 1 < pattern.count: return pattern[place + 1] == byte ? place + 2 : nil
        case UInt8(ascii: "["):
            guard let (isTaken, next) = Self.set(pattern, place + 1, byte) else {
                return byte == UInt8(ascii: "[") ? place + 1 : nil
            }
            return isTaken ? next : nil
        default: return pattern[place] == byte ? place + 1 : nil
        }
    }

    private static func set(_ pattern: [UInt8], _ start: Int, _ byte: UInt8) -> (Bool, Int)? {
        var index = start
        var isNegated = false
        if index < pattern.count, pattern[index] == UInt8(ascii: "!") || pattern[index] == UInt8(ascii: "^") {
            isNegated = true
            index += 1
        }
        var isTaken = false
        var isFirst = true
        while index < pattern.count, isFirst || pattern[index] != UInt8(ascii: "]") {
            isFirst = false
            if index + 2 < pattern.count, pattern[index + 1] == UInt8(ascii: "-"),
                pattern[index + 2] != UInt8(ascii: "]")
            {
                if pattern[index] <= byte, byte <= pattern[index + 2] { isTaken = true }
                index += 3
            } else {
                if pattern[index] == byte { isTaken = true }
                index += 1
            }
        }
        return index < pattern.count ? (isTaken != isNegated, index + 1) : nil
    }
}
