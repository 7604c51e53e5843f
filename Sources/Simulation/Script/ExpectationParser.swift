import Bytes
import ModuleKit

/// Reads what follows `expect`.
struct ExpectationParser {
    private let line: TestFileParser.Line

    init(_ line: TestFileParser.Line) { self.line = line }

    func parse(_ words: inout TestWords) throws(TestFileProblem) -> Expectation {
        let isWanted = !words.take("no")
        guard let first = words.take() else { throw self.problem("what is expected?") }
        let result: Expectation
        switch first {
        case "nothing":
            result = .nothing(phone: words.take("to") ? words.take() : nil)
        case "log": result = .log(try self.log(&words), isWanted: isWanted)
        case "verdict":
            guard let word = words.rest() else {
                throw self.problem("a verdict is replied, relayed, dropped or suspended")
            }
            result = .verdict(word)
        case "http":
            var method: String?
            if let word = words.next, !word.contains("/"), word != "*" { method = words.take() }
            guard let url = words.take() else { throw self.problem("which URL?") }
            let body = self.line.details.filter { $0.text.hasPrefix("|") }.map { StepParser.afterBar($0.text) }
            result = .query(
                method: method, url: url, body: body.isEmpty ? nil : body.joined(separator: "\n"),
                isWanted: isWanted)
        case "route":
            guard let name = words.take() else { throw self.problem("which route?") }
            result = .route(name, isWanted: isWanted)
        case "call":
            guard let name = words.take() else { throw self.problem("a call of which function?") }
            var code: Int?
            if words.take("=") {
                guard let number = words.take().flatMap({ Int($0) }) else {
                    throw self.problem("a call gives a number: expect call t_relay = 1")
                }
                code = number
            }
            result = .call(name, code: code, isWanted: isWanted)
        case "counter":
            guard let name = words.take(), let colon = name.firstIndex(of: ":"), words.take("="),
                let number = words.take().flatMap({ Int($0) })
            else { throw self.problem("a counter is written: expect counter core:rcv_requests = 1") }
            result = .counter(
                group: String(name[..<colon]), name: String(name[name.index(after: colon)...]), number)
        default:
            result =
                first.hasPrefix("$")
                ? try self.variable(first, &words) : .message(try self.message(first, &words, isWanted: isWanted))
        }
        if let left = words.next { throw self.problem("'\(left)' is not understood here") }
        return result
    }

    private func variable(_ name: String, _ words: inout TestWords) throws(TestFileProblem) -> Expectation {
        let comparison = try self.comparison(&words, until: ["in"])
        var route: RouteKinds?
        if words.take("in") {
            guard let kind = words.take().flatMap({ word in Self.kinds.first { $0.blockName == word } }) else {
                throw self.problem("in needs request_route, reply_route, failure_route or another kind of route")
            }
            route = kind
        }
        return .variable(name, comparison, route: route)
    }

    private static let kinds: [RouteKinds] = [.request, .reply, .failure, .branch, .event]

    private func comparison(
        _ words: inout TestWords, until stops: Set<String>
    ) throws(TestFileProblem) -> Expectation.Comparison {
        if words.take("is") {
            let isNull = !words.take("not")
            guard words.take("null") else { throw self.problem("is needs null or not null") }
            return .isNull(isNull)
        }
        if words.take("=") || words.take("==") { return .equal(words.take(until: stops) ?? "") }
        if words.take("!=") { return .notEqual(words.take(until: stops) ?? "") }
        if words.take("~") || words.take("=~") {
            guard let pattern = words.take(until: stops) else { throw self.problem("~ needs an expression") }
            return .matches(pattern)
        }
        throw self.problem("a value is compared with =, !=, ~, is null or is not null")
    }

    private func log(_ words: inout TestWords) throws(TestFileProblem) -> LogExpectation {
        var result = LogExpectation()
        if !words.isNextQuoted, let word = words.next,
            let level = LogLevel.allCases.first(where: { "\($0.label)" == word })
        {
            result.level = level
            _ = words.take()
        }
        result.isPattern = words.take("~")
        result.text = words.rest()
        if result.isPattern, result.text == nil { throw self.problem("~ needs an expression") }
        return result
    }

    private func message(
        _ first: String, _ words: inout TestWords, isWanted: Bool
    ) throws(TestFileProblem) -> MessageExpectation {
        let kind: MessageExpectation.Kind
        if let status = StepParser.status(first) {
            kind = .reply(status: status, reason: words.take(until: ["to", "again"]))
        } else if first.allSatisfy({ $0.isLetter && $0.isUppercase || $0.isNumber }), first.first?.isLetter == true {
            kind = .request(method: first)
        } else {
            throw self.problem("'\(first)' is nothing that can be expected")
        }
        var result = MessageExpectation(kind: kind)
        result.isWanted = isWanted
        while !words.isAtEnd {
            if words.take("to") {
                result.receiver = words.take()
            } else if words.take("again") {
                result.isRepeat = true
            } else {
                break
            }
        }
        for (text, place) in self.line.details { result.checks.append((try self.check(text, place), place)) }
        return result
    }

    /// A line below an expected message.
    private func check(_ text: String, _ place: TestPlace) throws(TestFileProblem) -> MessageExpectation.Check {
        if text.hasPrefix("|") { return .bodyLine(StepParser.afterBar(text)) }
        if text.hasPrefix("no ") { return .absent(PlainMessage.trimmed(text.dropFirst(3))) }
        guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains(" ") else {
            var words = TestWords(text)
            // `Via 2 times`
            if let name = words.take(), let count = words.take().flatMap({ Int($0) }),
                words.take("times") || words.take("time")
            {
                return .count(name, count)
            }
            throw TestFileProblem(
                place: place,
                message: "'Name: value', 'Name: ~ expression', 'Name 2 times', 'no Name' or '| body line' is expected")
        }
        let name = String(text[..<colon])
        let value = PlainMessage.trimmed(text[text.index(after: colon)...])
        if value.hasPrefix("~") { return .field(name, .matches(PlainMessage.trimmed(value.dropFirst()))) }
        if value.hasPrefix("!=") { return .field(name, .notEqual(PlainMessage.trimmed(value.dropFirst(2)))) }
        return .field(name, .equal(value))
    }

    private func problem(_ message: String) -> TestFileProblem {
        TestFileProblem(place: self.line.place, message: message)
    }
}
