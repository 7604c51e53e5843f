import Bytes
import ModuleKit
import SIPMessage

/// Reads one step of a test: what is done, or what is expected.
struct StepParser {
    let line: TestFileParser.Line

    init(_ line: TestFileParser.Line) { self.line = line }

    func parse() throws(TestFileProblem) -> TestStep.Kind {
        var words = TestWords(self.line.text)
        guard let keyword = words.take() else { throw self.problem("there is nothing here") }
        switch keyword {
        case "phone": return try self.phone(&words)
        case "register": return try self.register(&words)
        case "send": return try self.send(&words)
        case "reply": return try self.reply(&words)
        case "wait":
            guard let time = words.take().flatMap(Self.duration) else {
                throw self.problem("wait needs a time: 500ms, 5s, 2m, 1h")
            }
            try self.end(words)
            return .wait(time)
        case "set":
            guard let name = words.take(), name.hasPrefix("$"), words.take("="), let value = words.rest() else {
                throw self.problem("set needs a variable and a value: set $var(x) = 1")
            }
            return .set(variable: name, value: value)
        case "rpc":
            guard let name = words.take() else { throw self.problem("rpc needs a command") }
            var arguments: [String] = []
            while let word = words.take() { arguments.append(word) }
            return .command(name: name, arguments: arguments)
        case "http": return try self.http(&words)
        case "expect": return .expect(try ExpectationParser(self.line).parse(&words))
        case "phones" where words.take("answer"): return .answers(phone: nil, try self.answers(&words))
        default: return try self.order(keyword, &words)
        }
    }

    // MARK: Phones

    private func phone(_ words: inout TestWords) throws(TestFileProblem) -> TestStep.Kind {
        guard let name = words.take(), let text = words.take() else {
            throw self.problem("phone needs a name and an address: phone bob tcp:192.0.2.20:5060")
        }
        try self.end(words)
        guard let (transport, address) = Self.endpoint(text) else { throw self.problem("'\(text)' is no address") }
        return .phone(name, address, transport)
    }

    /// `192.0.2.1`, `192.0.2.1:5070`, `tcp:192.0.2.1:5060`, `[2001:db8::1]:5060`.
    static func endpoint(_ text: String) -> (TransportProtocol, SocketAddress)? {
        var transport = TransportProtocol.udp
        var rest = text
        for known in TransportProtocol.allCases where text.lowercased().hasPrefix("\(known.name):") {
            transport = known
            rest = String(text.dropFirst("\(known.name):".count))
        }
        var host = rest
        var port = transport.defaultPort
        // A colon behind the brackets, or the only one there is, stands before a port.
        if let colon = rest.lastIndex(of: ":"), rest[..<colon].hasSuffix("]") || !rest[..<colon].contains(":") {
            guard let number = UInt16(rest[rest.index(after: colon)...]), number > 0 else { return nil }
            port = number
            host = String(rest[..<colon])
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return IPAddress(host).map { (transport, SocketAddress(ip: $0, port: port)) }
    }

    /// `bob answers 180, 200 after 5s`, `bob is silent`.
    private func order(_ name: String, _ words: inout TestWords) throws(TestFileProblem) -> TestStep.Kind {
        if words.take("answers") { return .answers(phone: name, try self.answers(&words)) }
        if words.take("is"), let word = words.take() {
            try self.end(words)
            switch word {
            case "silent": return .answers(phone: name, nil)
            case "reachable": return .reachable(phone: name, true)
            case "unreachable": return .reachable(phone: name, false)
            default: throw self.problem("a phone is silent, reachable or unreachable, not \(word)")
            }
        }
        if words.take("sends"), words.take("no"), words.take("ACK") { return .acknowledges(phone: name, false) }
        throw self.problem("'\(name)' is no step")
    }

    private func answers(_ words: inout TestWords) throws(TestFileProblem) -> [Phone.Answer] {
        var result: [Phone.Answer] = []
        for part in (words.rest() ?? "").split(separator: ",") {
            var words = TestWords(part)
            guard let status = words.take().flatMap(Self.status) else {
                throw self.problem("an answer begins with a status code: answers 180, 200 after 5s")
            }
            let reason = words.take(until: ["after"])
            var delay = Interval.zero
            if words.take("after") {
                guard let time = words.take().flatMap(Self.duration) else {
                    throw self.problem("after needs a time: 500ms, 5s, 2m, 1h")
                }
                delay = time
            }
            result.append(Phone.Answer(status, reason: reason, delay: delay))
        }
        guard !result.isEmpty else { throw self.problem("which answers?") }
        return result
    }

    /// `http GET http://host/* answers 200 "text" after 50ms`, `http http://host/* fails`.
    private func http(_ words: inout TestWords) throws(TestFileProblem) -> TestStep.Kind {
        var method: String?
        if let word = words.next, !word.contains("/"), word != "*" { method = words.take() }
        guard let url = words.take() else { throw self.problem("http needs a URL, in which * stands for any text") }
        if words.take("fails") {
            try self.end(words)
            return .outside(StandingAnswer(method: method, url: url, answer: .unreachable, delay: .zero))
        }
        guard words.take("answers"), let status = words.take().flatMap(Self.status) else {
            throw self.problem("http is followed by what comes back: answers 200 \"text\" after 50ms, or fails")
        }
        var answer = OutsideAnswer(status: status)
        if words.isNextQuoted, let body = words.take() { answer.body = ByteString(body) }
        var delay = Interval.zero
        if words.take("after") {
            guard let time = words.take().flatMap(Self.duration) else {
                throw self.problem("after needs a time: 500ms, 5s, 2m, 1h")
            }
            delay = time
        }
        try self.end(words)
        for (text, _) in self.line.details {
            if text.hasPrefix("|") {
                let line = Self.afterBar(text)
                answer.body = answer.body.isEmpty ? ByteString(line) : answer.body + ByteString("\n" + line)
            } else {
                answer.headers.append(ByteString(text))
            }
        }
        return .outside(StandingAnswer(method: method, url: url, answer: answer, delay: delay))
    }

    private func register(_ words: inout TestWords) throws(TestFileProblem) -> TestStep.Kind {
        guard let name = words.take() else { throw self.problem("register needs a phone") }
        var expires: Int?
        if words.take("expires") {
            guard let number = words.take().flatMap({ Int($0) }) else { throw self.problem("expires needs seconds") }
            expires = number
        }
        try self.end(words)
        return .register(phone: name, expires: expires)
    }

    // MARK: Messages

    private static let clauses: Set<String> = ["from", "to", "on", "with"]

    private func send(_ words: inout TestWords) throws(TestFileProblem) -> TestStep.Kind {
        guard let method = words.take() else { throw self.problem("send needs a method") }
        var what: SendStep.What
        switch method {
        case "again": what = .again
        case "raw": what = .raw([])
        default:
            guard method.allSatisfy({ $0.isLetter && $0.isUppercase || $0.isNumber || $0 == "_" || $0 == "-" }) else {
                throw self.problem("a method is written in capitals, not '\(method)'")
            }
            let uri = words.take(until: Self.clauses)
            what = .request(method: method, uri: uri)
        }
        var step = SendStep(what: what)
        while !words.isAtEnd {
            if words.take("from") {
                step.phone = words.take()
            } else if words.take("on") {
                step.socket = words.take()
            } else if words.take("with"), words.take("sdp") {
                step.details.hasSDP = true
            } else {
                throw self.problem("'\(words.next ?? "with")' is not understood here")
            }
        }
        if case .raw = what {
            let lines = self.line.details.map(\.text).filter { $0.hasPrefix("|") }
            step.what = .raw(lines.map(Self.afterBar))
            return .send(step)
        }
        let hasSDP = step.details.hasSDP
        step.details = try self.details()
        step.details.hasSDP = hasSDP
        return .send(step)
    }

    private func reply(_ words: inout TestWords) throws(TestFileProblem) -> TestStep.Kind {
        guard let status = words.take().flatMap(Self.status) else { throw self.problem("reply needs a status code") }
        var step = ReplyStep(status: status)
        step.reason = words.take(until: Self.clauses)
        var hasSDP = false
        while !words.isAtEnd {
            if words.take("from") {
                step.phone = words.take()
            } else if words.take("to") {
                step.method = words.take()
            } else if words.take("with"), words.take("sdp") {
                hasSDP = true
            } else {
                throw self.problem("'\(words.next ?? "with")' is not understood here")
            }
        }
        step.details = try self.details()
        step.details.hasSDP = hasSDP
        return .reply(step)
    }

    /// The lines below a message: `Name: value`, `no Name`, `| body`.
    private func details() throws(TestFileProblem) -> MessageDetails {
        var details = MessageDetails()
        for (text, place) in self.line.details {
            if text.hasPrefix("|") {
                details.body.append(Self.afterBar(text))
            } else if text.hasPrefix("no ") {
                details.fields.append((String(text.dropFirst(3)), nil))
            } else if let colon = text.firstIndex(of: ":") {
                details.fields.append(
                    (
                        PlainMessage.trimmed(text[..<colon]),
                        PlainMessage.trimmed(text[text.index(after: colon)...])
                    ))
            } else {
                throw TestFileProblem(
                    place: place, message: "'Name: value', 'no Name' or '| body' is expected below a message")
            }
        }
        return details
    }

    static func afterBar(_ text: String) -> String {
        let rest = text.dropFirst()
        return String(rest.first == " " ? rest.dropFirst() : rest)
    }

    // MARK: Words

    static func status(_ text: String) -> Int? { Int(text).flatMap { 100...699 ~= $0 ? $0 : nil } }

    /// `500ms`, `5s`, `2m`, `1h`; a number alone is seconds.
    package static func duration(_ text: String) -> Interval? {
        let digits = text.prefix { $0.isNumber }
        guard let number = Int(digits), number < 100_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(number)
        case "s", "": return .seconds(number)
        case "m": return .seconds(number * 60)
        case "h": return .seconds(number * 3600)
        default: return nil
        }
    }

    private func end(_ words: TestWords) throws(TestFileProblem) {
        guard let left = words.next else { return }
        throw self.problem("'\(left)' is not understood here")
    }

    func problem(_ message: String) -> TestFileProblem { TestFileProblem(place: self.line.place, message: message) }
}
