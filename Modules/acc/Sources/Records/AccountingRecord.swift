import Bytes
import ModuleKit
import SIPMessage

/// What is written of one event beside what its request says.
struct AccountingRecord: Sendable {
    /// `transaction answered`, `call missed`, `request acknowledged`, `request accounted`.
    var title: StaticString
    var toTag: ByteString
    /// The tags change places: the request comes from the callee.
    var isUpstream: Bool
    /// nil: none was given.
    var code: Int?
    var reason: ByteString
    /// Microseconds since 1970.
    var time: Int
}

extension Accounting {
    /// - Parameter code: nil leaves the value empty.
    func record(
        _ title: StaticString, code: Int?, toTag: ByteString, reason: ByteString, for route: RouteContext
    ) -> AccountingRecord {
        AccountingRecord(
            title: title, toTag: toTag, isUpstream: self.settings.detectsDirection && self.isUpstream(route.message),
            code: code, reason: reason, time: WallClock.microseconds())
    }

    /// Whether a request inside a dialog comes from the callee: its Route carries another From tag than its own
    /// (`ftag`, which `append_fromtag` of rr adds).
    private func isUpstream(_ message: Message) -> Bool {
        let route = message.topRoute
        guard message.to.hasTag, route.isValid, let uri = SIPURI(message.span, route.uri) else { return false }
        let tag = uri.parameter(message.span, named: ("ftag" as StaticString).span)
        guard tag.isPresent, tag.value.isPresent else { return false }
        return !message.span.equals(tag.value, message.text(message.from.tag).span)
    }

    /// The values of `multi_leg_info`, leg after leg, the newest value of each AVP first; one leg without values when
    /// nothing was set.
    func legs(of route: RouteContext) -> [[Value]] {
        guard !self.legParts.isEmpty else { return [] }
        var legs: [[Value]] = []
        while legs.count < 64 {
            let leg = self.legParts.map { route.attributes.value($0.attribute, at: legs.count) }
            if !legs.isEmpty, leg.allSatisfy({ $0.isNull }) { break }
            legs.append(leg)
        }
        return legs
    }
}

/// One `name=$variable` of `log_extra` or `db_extra`. Never copied: writing it counts neither part.
struct AccountingExtra: ~Copyable, Sendable {
    let name: ByteString
    let variable: VariableReference

    /// Appends `;name=value`.
    @inline(never)
    func write(to out: ByteBuffer, in route: RouteContext) {
        Self.write(self.name, self.variable.read(in: route), to: out, in: route)
    }

    /// Appends `;name=value` for a value that was read already.
    static func write(_ name: ByteString, _ value: Value, to out: ByteBuffer, in route: RouteContext) {
        out.append(UInt8(ascii: ";"))
        out.append(name)
        out.append(UInt8(ascii: "="))
        route.withText(value) { out.append($0) }
    }

    /// What `list` finds, to write from.
    static func table(
        _ text: ByteString, _ parameter: String, limit: Int, compiler: any ScriptCompiling
    ) throws(ModuleError) -> FixedTable<AccountingExtra> {
        let list = try Self.list(text, parameter, limit: limit, compiler: compiler)
        return FixedTable(list) { AccountingExtra(name: $0.name, variable: $0.variable) }
    }

    /// - Parameters:
    ///   - parameter: whose value the text is.
    ///   - limit: how many there may be.
    /// - Throws: `ModuleError` for text that is no such list.
    static func list(
        _ text: ByteString, _ parameter: String, limit: Int = .max, compiler: any ScriptCompiling
    ) throws(ModuleError) -> [(name: ByteString, variable: VariableReference)] {
        var list: [(name: ByteString, variable: VariableReference)] = []
        for piece in Self.pieces(text.string) {
            guard let equals = piece.firstIndex(of: "=") else {
                throw ModuleError("acc: \(parameter): '\(piece)' is not NAME=$VARIABLE")
            }
            let name = piece[..<equals].trimmed
            let value = piece[piece.index(after: equals)...].trimmed
            guard !name.isEmpty, value.hasPrefix("$") else {
                throw ModuleError("acc: \(parameter): '\(piece)' is not NAME=$VARIABLE")
            }
            do {
                list.append((ByteString(name), try compiler.variable(ByteString(value))))
            } catch let error as ArgumentError {
                throw ModuleError("acc: \(parameter): \(error.message)")
            } catch {
                throw ModuleError("acc: \(parameter): \(error)")
            }
        }
        guard list.count <= limit else {
            throw ModuleError(
                "acc: \(parameter) names \(list.count) values, and at most \(limit) may be; raise acc_extra_size")
        }
        return list
    }

    /// The parts between semicolons; those inside parentheses belong to a transformation.
    private static func pieces(_ text: String) -> [Substring] {
        var depth = 0
        return text.split { character in
            switch character {
            case "(", "{": depth += 1
            case ")", "}": depth -= 1
            default: break
            }
            return character == ";" && depth <= 0
        }.filter { !$0.trimmed.isEmpty }
    }
}

/// One `name=$avp(x)` of `multi_leg_info`.
struct AccountingLegPart: Sendable {
    var name: ByteString
    var attribute: AttributeName

    static func list(_ text: ByteString, compiler: any ScriptCompiling) throws(ModuleError) -> [AccountingLegPart] {
        var list: [AccountingLegPart] = []
        for extra in try AccountingExtra.list(text, "multi_leg_info", compiler: compiler) {
            let text = extra.variable.text
            guard extra.variable.name == "avp", text.hasPrefix("$avp("), text.hasSuffix(")") else {
                throw ModuleError("acc: multi_leg_info: '\(text)' is no $avp(name)")
            }
            var name = text.dropFirst("$avp(".count).dropLast()
            if name.hasPrefix("s:") { name = name.dropFirst(2) }
            if name.hasPrefix("i:"), let number = Int(name.dropFirst(2)) {
                list.append(AccountingLegPart(name: extra.name, attribute: .number(number)))
            } else {
                list.append(AccountingLegPart(name: extra.name, attribute: .text(ByteString(String(name)))))
            }
        }
        return list
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var part = self
        while let first = part.first, first.isWhitespace { part.removeFirst() }
        while let last = part.last, last.isWhitespace { part.removeLast() }
        return String(part)
    }
}
