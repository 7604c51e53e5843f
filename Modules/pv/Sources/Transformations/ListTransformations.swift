import Bytes
import ModuleKit

/// `{param.…}` and `{line.…}`.
enum ListTransformations {
    static let parameters = TransformationClass(
        "param", operations: ["value", "in", "valueat", "name", "count"], summary: "Members of a list a=1;b=2;c."
    ) { operation, parameters, _ in
        switch operation {
        case "value", "in":
            try parameters.need(1...3, "param.\(operation),name,separator")
            return Transforming.text { route, span in
                let name = parameters.text(0, in: route)
                var scanner = ParameterList(span, separator: parameters.character(1, default: UInt8(ascii: ";"), in: route))
                while scanner.next(span) {
                    guard span.equalsIgnoringCase(scanner.name, name.span) else { continue }
                    return operation == "in" ? .value(.int(1)) : .part(scanner.value)
                }
                return operation == "in" ? .value(.int(0)) : .part(.absent)
            }
        case "valueat", "name":
            try parameters.need(1...3, "param.\(operation),index,separator")
            return Transforming.text { route, span in
                let separator = parameters.character(1, default: UInt8(ascii: ";"), in: route)
                var index = parameters.int(0, in: route)
                if index < 0 { index += ParameterList.count(span, separator: separator) }
                guard index >= 0 else { return .part(.absent) }
                var scanner = ParameterList(span, separator: separator)
                while scanner.next(span) {
                    if index == 0 { return .part(operation == "name" ? scanner.name : scanner.value) }
                    index -= 1
                }
                return .part(.absent)
            }
        case "count":
            return Transforming.text { route, span in
                .value(.int(ParameterList.count(span, separator: parameters.character(0, default: UInt8(ascii: ";"), in: route))))
            }
        default: throw ArgumentError("{param.\(operation)} is unknown")
        }
    }

    static let lines = TransformationClass(
        "line", operations: ["count", "at", "sw"], summary: "Lines of a text."
    ) { operation, parameters, _ in
        switch operation {
        case "count": return Transforming.text { _, span in .value(.int(Lines.all(span).count)) }
        case "at":
            try parameters.need(1...1, "line.at,index")
            return Transforming.text { route, span in
                let lines = Lines.all(span)
                var index = parameters.int(0, in: route)
                if index < 0 { index += lines.count }
                return .part(lines.indices.contains(index) ? lines[index] : .absent)
            }
        case "sw":
            try parameters.need(1...1, "line.sw,text")
            return Transforming.text { route, span in
                let text = parameters.text(0, in: route)
                for line in Lines.all(span) where line.length >= text.count {
                    if span.equals(ByteRange(start: line.lower, count: text.count), text.span) { return .part(line) }
                }
                return .part(.absent)
            }
        default: throw ArgumentError("{line.\(operation)} is unknown")
        }
    }
}

/// Lines of a text without their line ends.
enum Lines {
    static func all(_ span: Span<UInt8>) -> [ByteRange] {
        var lines: [ByteRange] = []
        var start = 0
        while start < span.count {
            let feed = span.firstIndex(of: 10, from: start, to: span.count)
            let end = feed > start && span[feed - 1] == 13 ? feed - 1 : feed
            lines.append(ByteRange(start, end))
            start = feed + 1
        }
        return lines
    }
}

/// Walks `a=1;b="x;y";c`; white space round names and values does not count, quotes round a value are left out.
struct ParameterList {
    private(set) var name = ByteRange.absent
    private(set) var value = ByteRange.absent
    private var position = 0
    private let separator: UInt8

    init(_ span: Span<UInt8>, separator: UInt8) { self.separator = separator }

    static func count(_ span: Span<UInt8>, separator: UInt8) -> Int {
        var list = ParameterList(span, separator: separator)
        var count = 0
        while list.next(span) { count += 1 }
        return count
    }

    mutating func next(_ span: Span<UInt8>) -> Bool {
        var index = self.position
        while index < span.count, Transforming.isSpace(span[index]) || span[index] == self.separator { index += 1 }
        guard index < span.count else { return false }
        let start = index
        while index < span.count, span[index] != UInt8(ascii: "="), span[index] != self.separator { index += 1 }
        self.name = Self.trimmed(span, start, index)
        self.value = .absent
        if index < span.count, span[index] == UInt8(ascii: "=") {
            index += 1
            while index < span.count, Transforming.isSpace(span[index]) { index += 1 }
            let first = index
            if index < span.count, span[index] == 34 || span[index] == 39 {
                let close = span.firstIndex(of: span[index], from: index + 1, to: span.count)
                self.value = ByteRange(first + 1, close)
                index = min(close + 1, span.count)
                while index < span.count, span[index] != self.separator { index += 1 }
            } else {
                while index < span.count, span[index] != self.separator { index += 1 }
                self.value = Self.trimmed(span, first, index)
            }
        }
        self.position = index
        return true
    }

    private static func trimmed(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> ByteRange {
        var upper = upper
        while upper > lower, Transforming.isSpace(span[upper - 1]) { upper -= 1 }
        return ByteRange(lower, upper)
    }
}
