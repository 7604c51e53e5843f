import Bytes
import ModuleKit

/// Variables and transformations that the loaded modules declare, by name.
struct VariableCatalog {
    var variables: [String: ScriptVariable] = [:]
    var transformations: [String: TransformationClass] = [:]

    mutating func add(_ module: any ServerModule) {
        for variable in module.variables {
            for name in variable.names where self.variables[name] == nil || variable.bind != nil {
                self.variables[name] = variable
            }
        }
        for transformation in module.transformations {
            if let known = self.transformations[transformation.name] {
                self.transformations[transformation.name] = Self.merge(known, transformation)
            } else {
                self.transformations[transformation.name] = transformation
            }
        }
    }

    /// Two modules may add operations to one class.
    private static func merge(_ first: TransformationClass, _ second: TransformationClass) -> TransformationClass {
        TransformationClass(
            first.name, operations: first.operations + second.operations, summary: first.summary
        ) { operation, parameters, compiler in
            if second.operations.contains(operation) { return try second.bind(operation, parameters, compiler) }
            return try first.bind(operation, parameters, compiler)
        }
    }
}

/// Reads `$name`, `$name(inner)`, `$(name(inner)[index]{class.op,parameters})` and strings that contain them.
struct VariableParser {
    let bytes: [UInt8]
    var position = 0
    /// The bytes of the variable that could not be read.
    private(set) var failure: Range<Int>?
    let catalog: VariableCatalog
    let compiler: any ScriptCompiling

    /// Variables in names, indexes and parameters of variables: more levels are refused, for each is a call.
    static let depthLimit = 32
    private let depth: Int
    /// Not to be taken for text that is no variable.
    static let tooDeep = UnknownVariable(
        name: "", error: ArgumentError("variables are nested more than \(depthLimit) deep"))

    init(_ text: ByteString, catalog: VariableCatalog, compiler: any ScriptCompiling, depth: Int = 0) {
        self.bytes = text.bytes
        self.catalog = catalog
        self.compiler = compiler
        self.depth = depth
    }

    /// A parser for text that stands in a variable.
    private func inside(_ text: ByteString) throws(UnknownVariable) -> VariableParser {
        guard self.depth < Self.depthLimit else { throw Self.tooDeep }
        return VariableParser(text, catalog: self.catalog, compiler: self.compiler, depth: self.depth + 1)
    }

    /// Runs what a module does with a part of this text: variables that it reads there stand as deep.
    private func binding<Bound>(_ bind: () throws -> Bound) rethrows -> Bound {
        guard let builder = self.compiler as? ProgramBuilder else { return try bind() }
        return try builder.reading(at: self.depth, bind)
    }

    // MARK: Formats

    /// The whole text as a format. Names in running text may contain dots (language §2.2).
    mutating func format() throws -> FormatString {
        var pieces: [FormatString.Piece] = []
        var literal: [UInt8] = []
        while self.position < self.bytes.count {
            let byte = self.bytes[self.position]
            guard byte == UInt8(ascii: "$") else {
                literal.append(byte)
                self.position += 1
                continue
            }
            if self.position + 1 < self.bytes.count, self.bytes[self.position + 1] == UInt8(ascii: "$") {
                literal.append(byte)
                self.position += 2
                continue
            }
            if !literal.isEmpty { pieces.append(.literal(ByteString(literal))) }
            literal = []
            pieces.append(.variable(try self.variable(allowsDots: true)))
        }
        if !literal.isEmpty { pieces.append(.literal(ByteString(literal))) }
        return FormatString(pieces)
    }

    // MARK: Variables

    /// One variable that fills the whole text.
    mutating func wholeVariable() throws -> VariableReference {
        let variable = try self.variable(allowsDots: true)
        guard self.position == self.bytes.count else {
            throw ArgumentError("unexpected text after \(variable.text)")
        }
        return variable
    }

    /// The variable that begins at the current `$`.
    mutating func variable(allowsDots: Bool) throws -> VariableReference {
        let start = self.position
        do {
            return try self.readVariable(start, allowsDots: allowsDots)
        } catch {
            self.failure = min(start, self.bytes.count)..<max(start, self.position)
            throw error
        }
    }

    private mutating func readVariable(_ start: Int, allowsDots: Bool) throws -> VariableReference {
        guard start < self.bytes.count, self.bytes[start] == UInt8(ascii: "$") else {
            throw ArgumentError("a variable is expected: $name")
        }
        self.position += 1
        guard self.position < self.bytes.count else { throw ArgumentError("a lone $: write $$ for a dollar sign") }
        if self.bytes[self.position] == UInt8(ascii: "(") {
            self.position += 1
            let reference = try self.extended(start)
            return reference
        }
        let name = self.name(allowsDots: allowsDots)
        guard !name.isEmpty else { throw ArgumentError("a lone $: write $$ for a dollar sign") }
        var inner: VariableName = .none
        if self.peek(UInt8(ascii: "(")) { inner = try self.inner() }
        return try self.reference(start, name, inner, .none, [])
    }

    /// After `$(`: name, index, transformations, `)`.
    private mutating func extended(_ start: Int) throws -> VariableReference {
        let name = self.name(allowsDots: true)
        guard !name.isEmpty else { throw ArgumentError("a variable name is expected after $(") }
        var inner: VariableName = .none
        if self.peek(UInt8(ascii: "(")) { inner = try self.inner() }
        var index = VariableReference.Index.none
        if self.peek(UInt8(ascii: "[")) { index = try self.index() }
        var transforms: [VariableReference.Transform] = []
        while self.peek(UInt8(ascii: "{")) { transforms.append(try self.transformation()) }
        guard self.peek(UInt8(ascii: ")")) else {
            throw ArgumentError("')' is missing after \(self.text(from: start))")
        }
        self.position += 1
        return try self.reference(start, name, inner, index, transforms)
    }

    private mutating func name(allowsDots: Bool) -> String {
        let start = self.position
        if self.peek(UInt8(ascii: "?")) {
            self.position += 1
            return "?"
        }
        while self.position < self.bytes.count {
            let byte = self.bytes[self.position]
            let isDot = allowsDots && byte == UInt8(ascii: ".")
            guard byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") || isDot else { break }
            self.position += 1
        }
        return self.text(from: start)
    }

    /// `(inner)`, balanced.
    private mutating func inner() throws -> VariableName {
        self.position += 1
        let start = self.position
        var depth = 1
        while self.position < self.bytes.count {
            let byte = self.bytes[self.position]
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") {
                depth -= 1
                if depth == 0 { break }
            }
            self.position += 1
        }
        guard depth == 0 else { throw ArgumentError("')' is missing after \(self.text(from: start))") }
        let text = ByteString(Array(self.bytes[start..<self.position]))
        self.position += 1
        guard text.bytes.first == UInt8(ascii: "$") else { return .literal(text) }
        var parser = try self.inside(text)
        do {
            return .dynamic(try parser.wholeVariable())
        } catch let error as UnknownVariable {
            throw error
        } catch {}
        // Not one variable: text with variables in it, which the variable itself reads (`$sht(t=>$fU)`).
        return .literal(text)
    }

    private mutating func index() throws -> VariableReference.Index {
        self.position += 1
        let start = self.position
        var depth = 1
        while self.position < self.bytes.count {
            if self.bytes[self.position] == UInt8(ascii: "[") { depth += 1 }
            if self.bytes[self.position] == UInt8(ascii: "]") {
                depth -= 1
                if depth == 0 { break }
            }
            self.position += 1
        }
        guard self.position < self.bytes.count else { throw ArgumentError("']' is missing") }
        let text = self.text(from: start)
        let bytes = ByteString(Array(self.bytes[start..<self.position]))
        self.position += 1
        if text == "*" { return .all }
        if let number = Int(text) { return .at(number) }
        guard text.hasPrefix("$") else { throw ArgumentError("'\(text)' is no index: a number, * or a variable") }
        var parser = try self.inside(bytes)
        return .variable(try parser.wholeVariable())
    }

    // MARK: Transformations

    private mutating func transformation() throws -> VariableReference.Transform {
        self.position += 1
        let start = self.position
        var depth = 1
        while self.position < self.bytes.count {
            if self.bytes[self.position] == UInt8(ascii: "{") { depth += 1 }
            if self.bytes[self.position] == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { break }
            }
            self.position += 1
        }
        guard depth == 0 else { throw ArgumentError("'}' is missing after {\(self.text(from: start))") }
        let body = Array(self.bytes[start..<self.position])
        self.position += 1
        guard let dot = body.firstIndex(of: UInt8(ascii: ".")) else {
            throw ArgumentError("'{\(String(decoding: body, as: UTF8.self))}' is no transformation")
        }
        let name = String(decoding: body[..<dot], as: UTF8.self)
        let comma = body[dot...].firstIndex(of: UInt8(ascii: ",")) ?? body.endIndex
        let operation = String(decoding: body[(dot + 1)..<comma], as: UTF8.self)
        guard let known = self.catalog.transformations[name] else {
            throw UnknownVariable(
                name: name,
                error: ArgumentError(
                    "unknown class of transformations '\(name)'",
                    suggestion: nearest(name, in: self.catalog.transformations.keys.sorted())),
                isTransformation: true)
        }
        var parameters: [TransformationClass.Parameter] = []
        if comma < body.endIndex {
            let rest = Array(body[(comma + 1)...])
            // A substitution expression has commas of its own.
            for part in name == "re" ? [rest] : Self.split(rest) { parameters.append(try self.parameter(part)) }
        }
        do {
            return try self.binding { try known.bind(operation, parameters, self.compiler) }
        } catch let error as ArgumentError {
            let hint = error.suggestion ?? nearest(operation, in: known.operations)
            throw ArgumentError("{\(name).\(operation)}: \(error.message)", suggestion: hint)
        }
    }

    private func parameter(_ bytes: [UInt8]) throws -> TransformationClass.Parameter {
        let text = ByteString(bytes)
        guard bytes.first == UInt8(ascii: "$") else { return .literal(text) }
        var parser = try self.inside(text)
        return .variable(try parser.wholeVariable())
    }

    /// Splits at commas that stand in no parentheses or braces.
    private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        var depth = 0
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
            if byte == UInt8(ascii: ","), depth == 0 {
                parts.append([])
            } else {
                parts[parts.count - 1].append(byte)
            }
        }
        return parts
    }

    // MARK: Binding

    private func reference(
        _ start: Int, _ name: String, _ inner: VariableName, _ index: VariableReference.Index,
        _ transforms: [VariableReference.Transform]
    ) throws -> VariableReference {
        let text = self.text(from: start)
        guard let known = self.catalog.variables[name] else {
            throw UnknownVariable(
                name: name,
                error: ArgumentError("unknown variable $\(name)", suggestion: self.meant(name)))
        }
        guard let bind = known.bind else { throw ArgumentError("$\(name) is not built yet") }
        switch (known.inner, inner) {
        case (.none, .literal), (.none, .dynamic): throw ArgumentError("$\(name) takes nothing in parentheses")
        case (.required, .none): throw ArgumentError("$\(name) needs something in parentheses")
        default: break
        }
        let access = try self.binding { try bind(inner, self.compiler) }
        let made = VariableReference(text: text, name: name, index: index, transforms: transforms, access: access)
        (self.compiler as? ProgramBuilder)?.note(made)
        return made
    }

    /// What `$name` was probably meant to be. A dot behind a name is a part of it (language §2.2).
    private func meant(_ name: String) -> String? {
        let short = name.prefix { $0 != "." }
        if short.count < name.count, self.catalog.variables[String(short)] != nil {
            return "$(\(short))\(name.dropFirst(short.count))"
        }
        return nearest(name, in: self.catalog.variables.keys.sorted()).map { "$" + $0 }
    }

    private func peek(_ byte: UInt8) -> Bool {
        self.position < self.bytes.count && self.bytes[self.position] == byte
    }

    private func text(from start: Int) -> String {
        String(decoding: self.bytes[start..<self.position], as: UTF8.self)
    }
}

/// A variable that no loaded module declares: perhaps one that is loaded further down does.
package struct UnknownVariable: Error {
    var name: String
    package var error: ArgumentError
    /// It is the class of a transformation that is not known.
    var isTransformation = false
}
