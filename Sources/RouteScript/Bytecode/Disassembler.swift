import Bytes
import ModuleKit

/// Writes what a script compiles to, for the curious: routes by name, the lines that instructions come from, operands
/// as the script has them.
struct Disassembler {
    private let program: Program
    /// Lines of source files, for showing them; a file that is not here is named only.
    private let texts: [String: [Substring]]

    init(_ program: Program, _ sources: SourceMap) {
        self.program = program
        var texts: [String: [Substring]] = [:]
        for source in sources.sources where texts[source.name] == nil {
            texts[source.name] = String(decoding: source.bytes, as: UTF8.self)
                .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        }
        self.texts = texts
    }

    var text: String {
        var text = ""
        for (index, route) in self.program.routes.enumerated() {
            if index > 0 { text += "\n" }
            text += self.text(of: route)
        }
        return text
    }

    private func text(of route: Program.Route) -> String {
        var head = route.kind.rawValue
        if route.isBlock {
            head = "block in an expression of \(head)"
        } else if !route.name.isEmpty, route.name != "0" {
            head += "[\(route.name)]"
        }
        var text = "\(head)  \(Self.file(route.file)):\(route.line)\n"
        var line = (file: "", line: 0)
        for pc in route.start..<(route.start + route.length) {
            let place = self.program.fileAndLine(of: pc)
            if place != line {
                line = place
                text += "  ; \(Self.file(place.0)):\(place.1)\(self.source(place).map { "  \($0)" } ?? "")\n"
            }
            text += self.text(of: self.program.code[pc], at: pc)
        }
        return text
    }

    private static func file(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    private func source(_ place: (file: String, line: Int)) -> String? {
        guard let lines = self.texts[place.file], place.line > 0, place.line <= lines.count else { return nil }
        let line = lines[place.line - 1].drop { $0 == " " || $0 == "\t" }
        return line.isEmpty ? nil : String(line)
    }

    private func text(of instruction: Instruction, at pc: Int) -> String {
        let number = String(pc)
        let name = "\(instruction.operation)"
        let operand = self.operand(of: instruction)
        let left = "\(String(repeating: " ", count: max(6 - number.count, 0)))\(number)  \(name)"
        if operand.isEmpty { return left + "\n" }
        return "\(left)\(String(repeating: " ", count: max(28 - left.count, 1)))\(operand)\n"
    }

    private func operand(of instruction: Instruction) -> String {
        let a = Int(instruction.a)
        switch instruction.operation {
        case .constant: return Self.text(of: self.program.constants[a])
        case .integer, .setCode, .argument: return "\(a)"
        case .variable, .assign: return self.program.variables[a].variable.text
        case .isDefined: return self.program.variables[a].variable.text + (instruction.b == 1 ? ", negated" : "")
        case .call, .messageFlag:
            let call = self.program.calls[a].call
            let arguments = call.arguments.bound.map { self.text(of: $0) }.joined(separator: ", ")
            return "\(call.function)(\(arguments))\(Self.text(of: instruction.flag))"
        case .route: return "\(self.name(of: a))\(Self.text(of: instruction.flag))"
        case .routeNamed: return "(popped)\(Self.text(of: instruction.flag))"
        case .jump, .jumpUnlessPositive, .jumpIfZero, .jumpUnlessZero: return "to \(a)"
        case .loopCheck: return "else to \(instruction.b)"
        case .assignConstant:
            let value = Self.text(of: self.program.constants[Int(instruction.b)])
            return "\(self.program.variables[a].variable.text), \(value)"
        case .binary: return BinaryOperation(rawValue: a).map { "\($0)" } ?? "\(a)"
        case .binaryConstant:
            let name = BinaryOperation(rawValue: a).map { "\($0)" } ?? "\(a)"
            return "\(name), \(Self.text(of: self.program.constants[Int(instruction.b)]))"
        case .matchConstant: return "/\(self.program.regexes[a].expression.pattern)/"
        case .condition, .conditionWith: return Self.text(of: self.program.conditions[a].condition)
        case .select: return Self.text(of: self.program.switches[a])
        // Most of the others say it all in their name.
        default: return a == 0 ? "" : "\(a)"
        }
    }

    private func name(of route: Int) -> String {
        guard self.program.routes.indices.contains(route) else { return "(none)" }
        let found = self.program.routes[route]
        return found.isBlock ? "(block at \(found.start))" : found.name.string
    }

    // MARK: Operands

    /// What becomes of a call's code.
    private static func text(of flag: UInt8) -> String {
        switch CallMode(rawValue: flag).use {
        case .truth: return "  for its truth"
        case .raw: return "  for its code"
        default: return ""
        }
    }

    private static func text(of value: Value) -> String {
        switch value {
        case .null: "$null"
        case .int(let number), .labelled(let number, _): "\(number)"
        case .bytes(let text): Self.quoted(text)
        case .slice: "(slice)"
        }
    }

    private static func quoted(_ text: ByteString) -> String {
        var result = "\""
        for character in text.string {
            switch character {
            case "\n": result += "\\n"
            case "\r\n": result += "\\r\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\"": result += "\\\""
            default: result.append(character)
            }
        }
        return result + "\""
    }

    private func text(of argument: Arguments.Bound) -> String {
        switch argument {
        case .constant(let text, let number):
            number.map { "\($0)" == text.string } == true ? text.string : Self.quoted(text)
        case .format(let format):
            "\""
                + format.pieces.map { piece in
                    switch piece {
                    case .literal(let text): String(Self.quoted(text).dropFirst().dropLast())
                    case .variable(let variable): variable.text
                    }
                }.joined() + "\""
        case .variable(let variable): variable.text
        case .computed(let slot): "(argument \(slot))"
        case .object(let object): (object as? RegularExpression).map { "/\($0.pattern)/" } ?? "(prepared)"
        case .route(let route): route.isPresent ? self.name(of: Int(route.index)) : "0"
        }
    }

    private static func text(of condition: Condition) -> String {
        let operand: String
        switch condition.operand {
        case .computed: operand = "(popped)"
        case .text(let text): operand = Self.quoted(text)
        case .regex(let regex): operand = "/\(regex.pattern)/"
        case .network(let address, let length): operand = "\(address)/\(length)"
        case .addresses(let addresses): operand = addresses.map(\.description).joined(separator: " ")
        case .myself: operand = "myself"
        case .transport(let transport): operand = "\(transport.name)"
        case .anyTransport: operand = "any"
        case .int(let number): operand = "\(number)"
        }
        return "\(condition.subject) \(condition.operation) \(operand)"
    }

    private static func text(of choice: Program.Switch) -> String {
        let labels = choice.labels.map { entry -> String in
            switch entry.label {
            case .int(let number): "\(number) to \(entry.target)"
            case .text(let text): "\(Self.quoted(text)) to \(entry.target)"
            case .regex(let regex): "/\(regex.pattern)/ to \(entry.target)"
            }
        }
        return (labels + ["else to \(choice.otherwise)"]).joined(separator: ", ")
    }
}

extension Program {
    /// The program as text, one instruction a line under the source line that it comes from.
    ///
    /// For people: the form may change with any version.
    public func disassembly(sources: SourceMap) -> String { Disassembler(self, sources).text }
}
