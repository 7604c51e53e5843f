import Bytes
import ModuleKit

/// What stands in `$xavp(…)`: `root`, `root[1]`, `root=>field`, `root[0]=>field[*]`; names and indexes may be variables.
struct StackPath: Sendable {
    /// A name that is fixed, or that a variable gives.
    enum Name: Sendable {
        case fixed(ByteString)
        case variable(VariableReference)

        func resolve(in route: RouteContext) -> ByteString {
            switch self {
            case .fixed(let name): name
            case .variable(let variable): route.text(variable.read(in: route))
            }
        }
    }

    enum Index: Sendable {
        case none
        case at(Int)
        case all
        case variable(VariableReference)

        func resolve(in route: RouteContext) -> VariableIndex {
            switch self {
            case .none: .none
            case .at(let index): .at(index)
            case .all: .all
            case .variable(let variable): .at(route.int(variable.read(in: route)) ?? 0)
            }
        }
    }

    struct Step: Sendable {
        var name: Name
        var index: Index
    }

    var root: Step
    var field: Step?

    /// - Throws: `ArgumentError` for what is no path.
    init(_ name: VariableName, variable: String, _ compiler: any ScriptCompiling) throws {
        switch name {
        case .none: throw ArgumentError("$\(variable) takes a name")
        case .dynamic(let reference): self.root = Step(name: .variable(reference), index: .none)
        case .literal(let text):
            var steps: [Step] = []
            for part in Self.split(text.bytes) { steps.append(try Self.step(part, variable, compiler)) }
            guard let first = steps.first, steps.count <= 2 else {
                throw ArgumentError("$\(variable) is written $\(variable)(root=>field)")
            }
            self.root = first
            self.field = steps.count > 1 ? steps[1] : nil
        }
    }

    /// The parts between `=>` that stand in no parentheses.
    private static func split(_ text: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        var depth = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            if depth == 0, byte == UInt8(ascii: "="), index + 1 < text.count, text[index + 1] == UInt8(ascii: ">") {
                parts.append([])
                index += 2
                continue
            }
            parts[parts.count - 1].append(byte)
            index += 1
        }
        return parts
    }

    private static func step(_ text: [UInt8], _ variable: String, _ compiler: any ScriptCompiling) throws -> Step {
        var name = text.filter { $0 > 32 }
        var index = Index.none
        if name.last == UInt8(ascii: "]"), let open = Self.bracket(name) {
            index = try Self.index(Array(name[(open + 1)...].dropLast()), compiler)
            name = Array(name[..<open])
        }
        guard !name.isEmpty, name.first != UInt8(ascii: "[") else {
            throw ArgumentError("$\(variable): a name is missing in \(String(decoding: text, as: UTF8.self))")
        }
        guard name.first == UInt8(ascii: "$") else { return Step(name: .fixed(ByteString(name)), index: index) }
        return Step(name: .variable(try compiler.variable(ByteString(name))), index: index)
    }

    /// Where the index at the end opens: the bracket that stands in no parentheses.
    private static func bracket(_ text: [UInt8]) -> Int? {
        var depth = 0
        for (position, byte) in text.enumerated() {
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            if byte == UInt8(ascii: "["), depth == 0 { return position }
        }
        return nil
    }

    private static func index(_ text: [UInt8], _ compiler: any ScriptCompiling) throws -> Index {
        let word = String(decoding: text, as: UTF8.self)
        if word == "*" { return .all }
        if let number = Int(word) { return .at(number) }
        guard text.first == UInt8(ascii: "$") else {
            throw ArgumentError("'\(word)' is no index: a number, * or a variable")
        }
        return .variable(try compiler.variable(ByteString(text)))
    }
}
