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
                let separator = parameters.character(1, default: UInt8(ascii: ";"), in: route)
                guard ParameterList.count(span, separator: separator) != nil else { return .failed }
                var scanner = ParameterList(separator: separator)
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
                guard let count = ParameterList.count(span, separator: separator) else { return .failed }
                var index = parameters.int(0, in: route)
                if index < 0 { index += count }
                guard index >= 0 else { return .part(.absent) }
                var scanner = ParameterList(separator: separator)
                while scanner.next(span) {
                    if index == 0 { return .part(operation == "name" ? scanner.name : scanner.value) }
                    index -= 1
                }
                return .part(.absent)
            }
        case "count":
            return Transforming.text { route, span in
                let separator = parameters.character(0, default: UInt8(ascii: ";"), in: route)
                return ParameterList.count(span, separator: separator).map { .value(.int($0)) } ?? .failed
            }
        default: throw ArgumentError("there is no such operation")
        }
    }

    static let lines = TransformationClass(
        "line", operations: ["count", "at", "sw"], summary: "Lines of a text."
    ) { operation, parameters, _ in
        switch operation {
        case "count":
            return Transforming.text { _, span in span.count > 0 ? .value(.int(Lines.all(span).count)) : .failed }
        case "at":
            try parameters.need(1...1, "line.at,index")
            return Transforming.text { route, span in
                guard span.count > 0 else { return .failed }
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
        default: throw ArgumentError("there is no such operation")
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
///
/// A comma ends the list unless it is the separator. White space inside a name or a value, and a quoted string without
/// end, make it no list.
struct ParameterList {
    private(set) var name = ByteRange.absent
    private(set) var value = ByteRange.absent
    private(set) var isBroken = false
    private var position = 0
    private let separator: UInt8

    init(separator: UInt8) { self.separator = separator }

    /// Number of members; nil when the text is empty or no list.
    static func count(_ span: Span<UInt8>, separator: UInt8) -> Int? {
        guard span.count > 0 else { return nil }
        var list = ParameterList(separator: separator)
        var count = 0
        while list.next(span) { count += 1 }
        return list.isBroken ? nil : count
    }

    mutating func next(_ span: Span<UInt8>) -> Bool {
        var index = Self.pastSpace(span, self.position)
        guard index < span.count else { return false }
        var start = index
        while index < span.count, !self.endsMember(span[index]), span[index] != UInt8(ascii: "="),
            !Transforming.isSpace(span[index])
        { index += 1 }
        self.name = ByteRange(start, index)
        self.value = .absent
        index = Self.pastSpace(span, index)
        if index < span.count, span[index] == UInt8(ascii: "="), !self.endsMember(span[index]) {
            index = Self.pastSpace(span, index + 1)
            start = index
            if index < span.count, span[index] == 34 || span[index] == 39 {
                let close = span.firstIndex(of: span[index], from: index + 1, to: span.count)
                guard close < span.count else { return self.fail() }
                self.value = ByteRange(start + 1, close)
                index = close + 1
            } else {
                while index < span.count, !self.endsMember(span[index]), !Transforming.isSpace(span[index]) {
                    index += 1
                }
                self.value = ByteRange(start, index)
            }
            index = Self.pastSpace(span, index)
        }
        guard index < span.count else {
            self.position = index
            return true
        }
        guard self.endsMember(span[index]) else { return self.fail() }
        self.position = span[index] == self.separator ? index + 1 : span.count
        return true
    }

    private func endsMember(_ byte: UInt8) -> Bool { byte == self.separator || byte == UInt8(ascii: ",") }

    private mutating func fail() -> Bool {
        self.isBroken = true
        return false
    }

    private static func pastSpace(_ span: Span<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < span.count, Transforming.isSpace(span[index]) { index += 1 }
        return index
    }
}
