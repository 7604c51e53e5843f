import Bytes
import ModuleKit

/// `{s.…}`: texts.
enum StringTransformations {
    static let transformations = TransformationClass(
        "s", operations: names, summary: "Cuts, searches, changes and encodes texts."
    ) { operation, parameters, _ in
        if let transform = try Self.cutting(operation, parameters) { return transform }
        if let transform = try Self.changing(operation, parameters) { return transform }
        if let transform = try StringEncodings.transform(operation, parameters) { return transform }
        throw ArgumentError("there is no such operation")
    }

    static let names =
        [
            "len", "int", "intv", "substr", "select", "selectws", "strip", "striptail", "trim", "ltrim", "rtrim",
            "before",
            "after", "rbefore", "rafter", "unquote", "unbracket", "count", "numeric", "tolower", "toupper", "rm",
            "rmws",
            "rmhdws", "rmhlws", "replace", "prefixes", "prefixes.quoted", "ftime", "charat", "byte", "corehash",
            "fmtlines", "fmtlinet",
        ] + StringEncodings.names

    private typealias Parameters = [TransformationClass.Parameter]

    /// Operations that give a part of the text, or a number.
    private static func cutting(_ name: String, _ parameters: Parameters) throws -> VariableReference.Transform? {
        switch name {
        case "len": return Transforming.text { _, span in .value(.int(span.count)) }
        case "int", "intv":
            return { route, value in
                guard !value.isNull, let number = route.int(value) else { return .null }
                return route.isEmpty(value) ? Transforming.empty : .int(number)
            }
        case "substr":
            try parameters.need(2...2, "s.substr,offset,length")
            return Transforming.text { route, span in
                let offset = parameters.int(0, in: route)
                let length = parameters.int(1, in: route)
                let lower = offset < 0 ? span.count + offset : offset
                guard lower >= 0, lower < span.count, length >= 0 else {
                    route.log(.error, "substr out of range")
                    return .failed
                }
                return .part(
                    ByteRange(start: lower, count: length == 0 ? span.count - lower : min(length, span.count - lower)))
            }
        case "select":
            return Transforming.text { route, span in
                let separator = parameters.character(1, default: UInt8(ascii: ","), in: route)
                return .part(Self.field(span, parameters.int(0, in: route), isSeparator: { $0 == separator }))
            }
        case "selectws":
            return Transforming.text { route, span in
                .part(Self.field(span, parameters.int(0, in: route), isSeparator: Transforming.isSpace))
            }
        case "strip":
            return Transforming.text { route, span in
                .part(ByteRange(min(max(parameters.int(0, in: route), 0), span.count), span.count))
            }
        case "striptail":
            return Transforming.text { route, span in
                .part(ByteRange(0, span.count - min(max(parameters.int(0, in: route), 0), span.count)))
            }
        case "trim": return Transforming.text { _, span in .part(Transforming.trimmed(span)) }
        case "ltrim": return Transforming.text { _, span in .part(Transforming.trimmed(span, right: false)) }
        case "rtrim": return Transforming.text { _, span in .part(Transforming.trimmed(span, left: false)) }
        case "before", "after", "rbefore", "rafter":
            let isLast = name.hasPrefix("r")
            let isBefore = name.hasSuffix("before")
            return Transforming.text { route, span in
                let wanted = parameters.character(0, default: UInt8(ascii: ","), in: route)
                let place = Self.place(of: wanted, in: span, isLast: isLast)
                guard place >= 0 else { return .part(isBefore ? ByteRange(0, span.count) : .absent) }
                return .part(isBefore ? ByteRange(0, place) : ByteRange(place + 1, span.count))
            }
        case "unquote":
            return Transforming.text { _, span in
                guard span.count >= 2, span[0] == span[span.count - 1], span[0] == 34 || span[0] == 39 else {
                    return .part(ByteRange(0, span.count))
                }
                return .part(ByteRange(1, span.count - 1))
            }
        case "unbracket":
            return Transforming.text { _, span in
                guard span.count >= 2, let close = Self.closing(span[0]), span[span.count - 1] == close else {
                    return .part(ByteRange(0, span.count))
                }
                return .part(ByteRange(1, span.count - 1))
            }
        case "count":
            return Transforming.text { route, span in
                let wanted = parameters.character(0, default: UInt8(ascii: ","), in: route)
                var count = 0
                for index in 0..<span.count where span[index] == wanted { count += 1 }
                return .value(.int(count))
            }
        case "charat", "byte":
            return Transforming.text { route, span in
                let offset = parameters.int(0, in: route)
                let index = offset < 0 ? span.count + offset : offset
                guard index >= 0, index < span.count else { return .part(.absent) }
                return name == "byte" ? .value(.int(Int(span[index]))) : .part(ByteRange(start: index, count: 1))
            }
        default: return nil
        }
    }

    private static func place(of byte: UInt8, in span: Span<UInt8>, isLast: Bool) -> Int {
        if isLast {
            var index = span.count - 1
            while index >= 0, span[index] != byte { index -= 1 }
            return index
        }
        let index = span.firstIndex(of: byte, from: 0, to: span.count)
        return index < span.count ? index : -1
    }

    private static func closing(_ open: UInt8) -> UInt8? {
        switch open {
        case UInt8(ascii: "("): UInt8(ascii: ")")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        case UInt8(ascii: "{"): UInt8(ascii: "}")
        case UInt8(ascii: "<"): UInt8(ascii: ">")
        default: nil
        }
    }

    /// The field at `wanted`, 0 being the first and -1 the last; absent when there is none.
    static func field(_ span: Span<UInt8>, _ wanted: Int, isSeparator: (UInt8) -> Bool) -> ByteRange {
        var position = wanted
        if wanted < 0 {
            var count = 1
            for index in 0..<span.count where isSeparator(span[index]) { count += 1 }
            position = count + wanted
            guard position >= 0 else { return .absent }
        }
        var start = 0
        for index in 0...span.count where index == span.count || isSeparator(span[index]) {
            if position == 0 { return ByteRange(start, index) }
            position -= 1
            start = index + 1
        }
        return .absent
    }

    /// Operations that make a new text.
    private static func changing(_ name: String, _ parameters: Parameters) throws -> VariableReference.Transform? {
        switch name {
        case "tolower":
            return Transforming.building { _, span, out in
                for index in 0..<span.count { out.append(span[index].lowercased) }
            }
        case "toupper":
            return Transforming.building { _, span, out in
                for index in 0..<span.count { out.append(span[index] &- 97 < 26 ? span[index] & 0xdf : span[index]) }
            }
        case "numeric":
            return Transforming.building { _, span, out in
                for index in 0..<span.count where span[index].isDigit { out.append(span[index]) }
            }
        case "rmws":
            return Transforming.building { _, span, out in
                for index in 0..<span.count where !Transforming.isSpace(span[index]) { out.append(span[index]) }
            }
        case "rmhdws", "rmhlws":
            let keepsSpace = name == "rmhdws"
            return Transforming.building { _, span, out in Self.unfold(span, keepsSpace: keepsSpace, to: out) }
        case "rm":
            try parameters.need(1...1, "s.rm,text")
            return Transforming.building { route, span, out in
                Self.replace(span, parameters.text(0, in: route), ByteString(), to: out)
            }
        case "replace":
            try parameters.need(2...2, "s.replace,text,other")
            return Transforming.text { route, span in
                let out = ByteBuffer(capacity: span.count + 16)
                Self.replace(span, parameters.text(0, in: route), parameters.text(1, in: route), to: out)
                guard out.count <= Self.replacedLimit else {
                    route.log(.error, "what s.replace makes is too long")
                    return .failed
                }
                return .value(.bytes(ByteString(out.span)))
            }
        case "corehash":
            return Transforming.text { route, span in
                let size = parameters.int(0, in: route)
                let hash = CoreHash.value(span)
                return .value(
                    .bytes(ByteString(decimal: Int(size > 0 ? hash & UInt32(truncatingIfNeeded: size - 1) : hash))))
            }
        case "fmtlines", "fmtlinet":
            try parameters.need(2...2, "s.\(name),length,indent")
            let filler: UInt8 = name == "fmtlines" ? 32 : 9
            return Transforming.text { route, span in
                let length = parameters.int(0, in: route)
                let indent = parameters.int(1, in: route)
                guard length > 0, indent >= 0, indent <= 256 else {
                    route.log(.error, "s.\(name): no line is as long as that")
                    return .failed
                }
                return .value(.bytes(Self.wrapped(span, length, filler, indent)))
            }
        case "prefixes", "prefixes.quoted":
            let isQuoted = name == "prefixes.quoted"
            return Transforming.text { route, span in
                let wanted = parameters.isEmpty ? span.count : parameters.int(0, in: route)
                let longest = max(min(wanted, span.count), 0)
                guard let list = Self.prefixes(span, longest, isQuoted: isQuoted) else {
                    route.log(.error, "the list of prefixes is too long")
                    return .failed
                }
                return .value(.bytes(list))
            }
        case "ftime":
            try parameters.need(1...1, "s.ftime,format")
            return { route, value in
                guard !value.isNull, let seconds = route.int(value) else { return .null }
                return .bytes(TimeFormat.text(parameters.text(0, in: route), seconds: seconds, isUTC: false))
            }
        default: return nil
        }
    }

    /// Longest list of prefixes, in bytes: it grows by the square of the text, which anybody may have sent.
    private static let prefixLimit = 65_535

    private static func prefixes(_ span: Span<UInt8>, _ longest: Int, isQuoted: Bool) -> ByteString? {
        // Of more than so many the list is longer, whatever they are.
        guard longest <= 512 else { return nil }
        let out = ByteBuffer(capacity: longest * longest / 2 + longest * 3 + 1)
        for length in stride(from: 1, through: longest, by: 1) {
            if length > 1 { out.append(UInt8(ascii: ",")) }
            if isQuoted { out.append(UInt8(ascii: "'")) }
            out.append(span, ByteRange(0, length))
            if isQuoted { out.append(UInt8(ascii: "'")) }
        }
        return out.count <= Self.prefixLimit ? ByteString(out.span) : nil
    }

    /// Lines of `length` bytes; each but the first begins with `indent` times `filler`.
    private static func wrapped(_ span: Span<UInt8>, _ length: Int, _ filler: UInt8, _ indent: Int) -> ByteString {
        let out = ByteBuffer(capacity: span.count + (span.count / length + 1) * (indent + 2))
        for index in 0..<span.count {
            if index > 0, index % length == 0 {
                out.append("\r\n")
                for _ in 0..<indent { out.append(filler) }
            }
            out.append(span[index])
        }
        return ByteString(out.span)
    }

    /// Longest text that a replacement makes, in bytes: both texts may be those of a message.
    private static let replacedLimit = 1 << 20

    /// Ends early once the result is longer than is allowed.
    static func replace(_ span: Span<UInt8>, _ text: ByteString, _ other: ByteString, to out: ByteBuffer) {
        var index = 0
        while index < span.count, out.count <= self.replacedLimit {
            let range = ByteRange(start: index, count: text.count)
            if text.count > 0, range.upper <= span.count, span.equals(range, text.span) {
                out.append(other)
                index = range.upper
            } else {
                out.append(span[index])
                index += 1
            }
        }
    }

    /// Lines that go on are joined: the line end and the white space behind it become one space or, when white space
    /// stands before it already, nothing.
    private static func unfold(_ span: Span<UInt8>, keepsSpace: Bool, to out: ByteBuffer) {
        var index = 0
        while index < span.count {
            guard span[index] == 13 || span[index] == 10 else {
                out.append(span[index])
                index += 1
                continue
            }
            while index < span.count, Transforming.isSpace(span[index]) { index += 1 }
            if keepsSpace { while out.count > 0, out[out.count - 1].isBlank { out.truncate(to: out.count - 1) } }
            if index < span.count { out.append(32) }
        }
    }
}
