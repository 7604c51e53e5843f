import Bytes
import ModuleKit
import SIPMessage

/// `Header[index].parameter`: which of the values in comma lists is meant, and which of its parameters.
final class ValuePlace: Sendable {
    enum Index: Sendable, Equatable {
        case none
        /// 1 is the first value of all fields of that name, -1 the last.
        case at(Int)
        case all
    }

    let header: HeaderSelector
    let index: Index
    let parameter: ByteString?

    init(_ text: ByteString) throws {
        var rest = text.bytes.filter { $0 > 32 }[...]
        let name = rest.prefix { $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: ".") }
        rest = rest.dropFirst(name.count)
        guard !name.isEmpty, name.allSatisfy(\.isToken) else {
            throw ArgumentError("'\(text.string)' names no header field: it is written Name[index].parameter")
        }
        var index = Index.none
        if rest.first == UInt8(ascii: "[") {
            guard let close = rest.firstIndex(of: UInt8(ascii: "]")) else { throw ArgumentError("']' is missing") }
            let word = String(decoding: rest[(rest.startIndex + 1)..<close], as: UTF8.self)
            if word == "*" {
                index = .all
            } else if let number = Int(word), number.magnitude <= 10_000 {
                index = .at(number)
            } else {
                throw ArgumentError("'\(word)' is no index: a number or *")
            }
            rest = rest[(close + 1)...]
        }
        var parameter: ByteString?
        if rest.first == UInt8(ascii: ".") {
            guard rest.count > 1 else { throw ArgumentError("the name of a parameter is missing") }
            parameter = ByteString(Array(rest.dropFirst()))
        } else if !rest.isEmpty {
            throw ArgumentError("'\(text.string)' is not written Name[index].parameter")
        }
        self.header = HeaderSelector(ByteString(Array(name)))
        self.index = index
        self.parameter = parameter
    }

    /// The values meant; without an index and with 0 that is the first one.
    func values(in message: Message) -> ArraySlice<ListedValue> {
        let all = ListedValue.all(of: self.header, in: message)
        switch self.index {
        case .all: return all[...]
        case .none, .at(0): return all.prefix(1)
        case .at(let number):
            let position = number < 0 ? all.count + number : number - 1
            return all.indices.contains(position) ? all[position...position] : []
        }
    }
}

/// One value of a comma list in a header field. Ranges are into the message.
struct ListedValue {
    var field: Int
    /// From behind the comma before it, or the begin of the list, to its own comma, or the end.
    var item: ByteRange
    /// Without white space at the ends.
    var value: ByteRange
    var isFirst: Bool
    var isLast: Bool

    static func all(of header: HeaderSelector, in message: Message) -> [ListedValue] {
        var values: [ListedValue] = []
        var field = header.first(in: message)
        while field >= 0 {
            self.append(message.field(at: field).value, field, message, to: &values)
            field = message.next(after: field)
        }
        return values
    }

    private static func append(
        _ list: ByteRange, _ field: Int, _ message: Message, to values: inout [ListedValue]
    ) {
        let span = message.span
        var start = list.lower
        while true {
            let end = TextScan.end(of: UInt8(ascii: ","), span, start, list.upper)
            let value = TextScan.trimmed(span, start, end)
            values.append(
                ListedValue(
                    field: field, item: ByteRange(start, end), value: value, isFirst: start == list.lower,
                    isLast: end == list.upper))
            guard end < list.upper else { return }
            start = end + 1
        }
    }

    /// What to delete so that the value goes, with one comma: the whole field when it is the only one.
    func removal(_ message: Message) -> ByteRange {
        switch (self.isFirst, self.isLast) {
        case (true, true): message.field(at: self.field).range
        case (_, false): ByteRange(self.item.lower, self.item.upper + 1)
        case (false, true): ByteRange(self.item.lower - 1, self.item.upper)
        }
    }

    /// The parameter of that name, from its semicolon, and its value.
    func parameter(_ name: ByteString, _ message: Message) -> (whole: ByteRange, value: ByteRange)? {
        let span = message.span
        let start = TextScan.end(of: UInt8(ascii: ";"), span, self.value.lower, self.value.upper)
        var parameters = ParameterScanner(ByteRange(start, self.value.upper))
        while parameters.next(span) {
            guard span.equalsIgnoringCase(parameters.name, name.span) else { continue }
            let end = parameters.value.isPresent ? parameters.value.upper : parameters.name.upper
            return (ByteRange(parameters.start, end), parameters.value)
        }
        return nil
    }
}

/// Looking for separators outside quotes and angle brackets.
enum TextScan {
    static func end(of separator: UInt8, _ span: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var index = start
        var isQuoted = false
        var isBracketed = false
        while index < end {
            let byte = span[index]
            if isQuoted {
                if byte == 92 { index += 1 }
                if byte == 34 { isQuoted = false }
            } else if byte == 34 {
                isQuoted = true
            } else if byte == UInt8(ascii: "<") {
                isBracketed = true
            } else if byte == UInt8(ascii: ">") {
                isBracketed = false
            } else if byte == separator, !isBracketed {
                return index
            }
            index += 1
        }
        return end
    }

    static func trimmed(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> ByteRange {
        var lower = start
        var upper = end
        while lower < upper, span[lower] <= 32 { lower += 1 }
        while upper > lower, span[upper - 1] <= 32 { upper -= 1 }
        return ByteRange(lower, upper)
    }
}
