import Bytes
import ModuleKit
import SIPMessage

/// `operator/value/flags` of `avp_check`.
private final class Check: Sendable {
    enum Operation: String, CaseIterable {
        case eq, ne, lt, le, gt, ge, re, fm, and, or, xor
    }

    let operation: Operation
    let operand: Operand
    let testsAll: Bool
    private let ignoresCase: Bool
    /// Of `re` with a fixed pattern.
    private let regex: RegularExpression?

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        // Patterns may hold slashes: the flags stand behind the last one, when they are flags.
        var parts = SlashText.split(text)
        guard parts.count >= 2, let operation = Operation(rawValue: parts[0].string.lowercased()) else {
            let known = Operation.allCases.map(\.rawValue).joined(separator: ", ")
            throw ArgumentError("a check is written operator/value/flags; operators are \(known)")
        }
        self.operation = operation
        var flags: Set<UInt8> = []
        if parts.count > 2, let last = parts.last, last.bytes.allSatisfy({ "gGiI".utf8.contains($0) }) {
            flags = Set(last.bytes.map(\.lowercased))
            parts.removeLast()
        }
        let value = ByteString(Array(parts.dropFirst().map(\.bytes).joined(separator: [UInt8(ascii: "/")])))
        self.operand = try Operand(value, compiler)
        self.testsAll = flags.has("g")
        self.ignoresCase = flags.has("i")
        if operation == .re, case .text(let pattern) = self.operand {
            do {
                self.regex = try RegularExpression(pattern, ignoringCase: true)
            } catch {
                throw ArgumentError("\(pattern.string) is no regular expression: \(error.message)")
            }
        } else {
            self.regex = nil
        }
    }

    func holds(_ value: Value, _ other: Value, _ route: RouteContext) -> Bool {
        guard value.isInt == other.isInt else {
            route.log(.error, "avp_check: a number and a text cannot be compared")
            return false
        }
        if case .int(let left) = value, case .int(let right) = other { return self.holds(left, right) }
        return route.withText(value) { left in route.withText(other) { self.holds(left, $0, route) } }
    }

    private func holds(_ left: Int, _ right: Int) -> Bool {
        switch self.operation {
        case .eq: left == right
        case .ne: left != right
        case .lt: left < right
        case .le: left <= right
        case .gt: left > right
        case .ge: left >= right
        case .and: left & right != 0
        case .or: left | right != 0
        case .xor: left ^ right != 0
        case .re, .fm: false
        }
    }

    private func holds(_ left: Span<UInt8>, _ right: Span<UInt8>, _ route: RouteContext) -> Bool {
        switch self.operation {
        case .eq: return self.ignoresCase ? left.equalsIgnoringCase(right) : left.equals(right)
        case .ne: return !(self.ignoresCase ? left.equalsIgnoringCase(right) : left.equals(right))
        case .lt: return ByteString(left) < ByteString(right)
        case .le: return !(ByteString(right) < ByteString(left))
        case .gt: return ByteString(right) < ByteString(left)
        case .ge: return !(ByteString(left) < ByteString(right))
        case .fm: return ShellPattern(ByteString(right)).matches(ByteString(left))
        case .re:
            if let regex = self.regex { return regex.matches(left) }
            do throws(RegularExpression.Failure) {
                return try RegularExpression(ByteString(right), ignoringCase: true).matches(left)
            } catch {
                route.log(.error, "avp_check: bad regular expression: \(error.message)")
                return false
            }
        case .and, .or, .xor: return false
        }
    }
}

/// What is checked or pushed: an `$avp` as a stack, or any other variable.
final class Subject: Sendable {
    private let operand: Operand

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        guard text.bytes.first == UInt8(ascii: "$") else {
            throw ArgumentError("'\(text.string)' is no variable")
        }
        self.operand = try Operand(text, compiler)
    }

    /// Newest first.
    func values(in route: RouteContext) -> [Value] { self.operand.values(in: route) }
}

extension AttributeOperations {
    var checkFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "avp_check",
                Argument(
                    "variable", .custom { text, compiler in try Subject(text, compiler) }, "What is checked."),
                Argument(
                    "check", .custom { text, compiler in try Check(text, compiler) },
                    "operator/value/flags; value: i:number, text or variable; flags: g any value will do, i ignores case."
                ),
                in: Self.routes, summary: "Compares a value: eq ne lt le gt ge re fm (shell pattern) and or xor.",
                outcomes: [1: "it holds", -1: "it does not, there is no value, or the types differ"],
                example: #"if (avp_check("$avp(tries)", "gt/i:3/g")) { setflag(1); }"#
            ) { route, arguments in
                guard let subject = arguments.object(0, as: Subject.self),
                    let check = arguments.object(1, as: Check.self)
                else { return .failure }
                let values = subject.values(in: route)
                let others = check.operand.values(in: route)
                for value in check.testsAll ? values[...] : values.prefix(1) {
                    if others.contains(where: { check.holds(value, $0, route) }) { return .success }
                }
                return .failure
            }
        ]
    }
}
