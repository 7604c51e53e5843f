@testable import RouteScript

/// Prints trees as S-expressions, so that tests can state shapes in one line.
enum TreeText {
    static func of(_ expression: RouteScript.Expression) -> String {
        switch expression.kind {
        case .integer(let value): "\(value)"
        case .string(let literal): "\"\(literal.text)\""
        case .variable(let variable): variable.text
        case .select(let path): "@" + path.elements.map(Self.of).joined(separator: ".")
        case .condition(let condition):
            "{\(condition.subject.rawValue) \(condition.operation.rawValue) \(Self.of(condition.operand))}"
        case .call(let call): "\(call.name)(\(call.arguments.map(Self.of).joined(separator: ",")))"
        case .route(let call): Self.of(call)
        case .block(let body): "{\(Self.of(body))}"
        case .assign(let assignment): "(set \(assignment.target.text) \(Self.of(assignment.value)))"
        case .unary(let operation, let operand): "(\(operation.rawValue) \(Self.of(operand)))"
        case .binary(let operation, let left, let right): "(\(operation.rawValue) \(Self.of(left)) \(Self.of(right)))"
        case .cast(let type, let operand): "(as \(type.rawValue) \(Self.of(operand)))"
        case .defined(let operand): "(defined \(Self.of(operand)))"
        case .length(let operand): "(strlen \(Self.of(operand)))"
        case .isEmpty(let operand): "(strempty \(Self.of(operand)))"
        case .choose(let condition, let first, let second):
            "(selval \(Self.of(condition)) \(Self.of(first)) \(Self.of(second)))"
        case .word(let word): "'\(word)"
        case .socket(let socket): "<\(Self.of(socket))>"
        case .invalid: "<invalid>"
        }
    }

    static func of(_ element: SelectPath.Element) -> String {
        switch element.index {
        case .number(let number): "\(element.name)[\(number)]"
        case .key(let key): "\(element.name)['\(key)']"
        case nil: element.name
        }
    }

    static func of(_ operand: CoreOperand) -> String {
        switch operand {
        case .expression(let expression): Self.of(expression)
        case .word(let word): "'\(word)"
        case .network(let address, let length): "\(address)/\(length)"
        case .myself: "myself"
        case .transport(let transport): "\(transport.name)"
        case .anyTransport: "*"
        case .family(let isIPv6): isIPv6 ? "inet6" : "inet"
        case .maximumLength: "max_len"
        }
    }

    static func of(_ call: RouteCall) -> String {
        switch call.target {
        case .name(let name): "route[\(name)]"
        case .computed(let expression): "route(\(Self.of(expression)))"
        }
    }

    static func of(_ body: [Statement]) -> String { body.map(Self.of).joined(separator: " ") }

    static func of(_ statement: Statement) -> String {
        switch statement.kind {
        case .empty: return ";"
        case .block(let body): return "{\(Self.of(body))}"
        case .conditional(let node):
            let branches = node.branches.map { "\(Self.of($0.condition)) [\(Self.of($0.body))]" }
            var text = branches.joined(separator: " elif ")
            if let otherwise = node.otherwise { text += " else [\(Self.of(otherwise))]" }
            return "if \(text)"
        case .loop(let node): return "while \(Self.of(node.condition)) [\(Self.of(node.body))]"
        case .selection(let node):
            let cases = node.cases.map { one in
                switch one.label {
                case .value(let label): "case \(Self.of(label)) [\(Self.of(one.body))]"
                case .regex(let label): "case /\(Self.of(label)) [\(Self.of(one.body))]"
                case nil: "default [\(Self.of(one.body))]"
                }
            }
            return "switch \(Self.of(node.subject)) {\(cases.joined(separator: " "))}"
        case .leave(let kind, let value): return kind.rawValue + (value.map { " " + Self.of($0) } ?? "") + ";"
        case .assign(let assignment): return "\(assignment.target.text) = \(Self.of(assignment.value));"
        case .call(let call): return "\(call.name)(\(call.arguments.map(Self.of).joined(separator: ",")));"
        case .route(let call): return Self.of(call) + ";"
        case .invalid: return "<invalid>"
        }
    }

    static func of(_ socket: SocketSpecification) -> String {
        var text = socket.transport.map { "\($0.name):" } ?? ""
        text += socket.hosts.map(\.text).joined(separator: "+")
        switch socket.port {
        case .standard: break
        case .any: text += ":*"
        case .number(let number): text += ":\(number)"
        case .range(let first, let last): text += ":\(first)-\(last)"
        }
        if let advertise = socket.advertise { text += " as \(advertise.host.text):\(advertise.port)" }
        if let name = socket.name { text += " name \(name.text)" }
        if socket.isVirtual { text += " virtual" }
        return text
    }
}

/// Short ways from text to what tests look at.
enum Reading {
    static func file(
        _ text: String, files: [String: String] = [:], environment: [String: String] = [:], defines: [String] = [],
        substitutions: [FrontEndOptions.Substitution] = [], resolving: Bool = false
    ) -> ParsedConfiguration {
        FrontEnd.parse(
            text: text, name: "test.cfg",
            options: FrontEndOptions(
                defines: defines, substitutions: substitutions,
                files: .memory(files, environment: environment), collectsResolvedText: resolving
            )
        )
    }

    /// The body of a request_route around `text`, as text; diagnostics instead when there are errors.
    static func body(_ text: String) -> String {
        let result = Self.file("request_route {\n" + text + "\n}\n")
        guard !result.diagnostics.hasErrors else { return result.renderedDiagnostics() }
        for case .route(let block) in result.configuration.statements { return TreeText.of(block.body) }
        return "no route"
    }

    /// The tree of an expression.
    static func expression(_ text: String) -> String {
        let body = Self.body("$var(x) = \(text);")
        guard body.hasPrefix("$var(x) = "), body.hasSuffix(";") else { return body }
        return String(body.dropFirst("$var(x) = ".count).dropLast())
    }

    /// The codes found, in file order.
    static func codes(_ text: String) -> [String] {
        let result = Self.file(text)
        return result.diagnostics.sorted(in: result.sources).map(\.code.id)
    }

    static func codes(inBody text: String) -> [String] { Self.codes("request_route {\n" + text + "\n}\n") }

    /// `line:column code` of everything found.
    static func places(_ text: String) -> [String] {
        let result = Self.file(text)
        return result.diagnostics.sorted(in: result.sources).map { diagnostic in
            let place = result.sources.resolve(diagnostic.range.start).location
            return "\(place.line):\(place.column) \(diagnostic.code.id)"
        }
    }

    /// The integer that `children` is set to.
    static func children(_ result: ParsedConfiguration) -> Int? {
        for case .parameter(let parameter) in result.configuration.statements where parameter.name == "children" {
            if case .integer(let value) = parameter.value { return value }
        }
        return nil
    }
}
