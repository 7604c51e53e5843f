import Bytes
import ModuleKit

extension SelectPath {
    /// Reads `a.b[1].c["x"]`, as it stands in `$sel(…)`.
    static func elements(_ text: ByteString) throws(ArgumentError) -> [Element] {
        var elements: [Element] = []
        var rest = text.string[...]
        repeat {
            let name = rest.prefix { $0 != "." && $0 != "[" }
            guard !name.isEmpty else { throw ArgumentError("'\(text)' is no select: name.name[1]") }
            rest = rest.dropFirst(name.count)
            var index: Element.Index?
            if rest.first == "[" {
                let inside = rest.dropFirst().prefix { $0 != "]" }
                rest = rest.dropFirst(inside.count + 1)
                guard rest.popFirst() == "]" else { throw ArgumentError("']' is missing in the select '\(text)'") }
                if let number = Int(inside) {
                    index = .number(number)
                } else {
                    index = .key(ByteString(String(inside.filter { $0 != "\"" && $0 != "'" })))
                }
            }
            elements.append(Element(name: String(name), index: index, range: .none))
            guard let dot = rest.popFirst() else { return elements }
            guard dot == "." else { throw ArgumentError("'\(text)' is no select: name.name[1]") }
        } while true
    }
}
