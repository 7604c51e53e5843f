import Bytes
import ModuleKit

extension TestRun {
    /// Checks one expectation against what happened in the scene.
    func check(_ expectation: Expectation, _ step: TestStep) throws(Failure) {
        switch expectation {
        case .message(let message): try self.check(message, step)
        case .nothing(let phone):
            let left = self.record.sent.filter { sent in
                !sent.isRepeat && sent.message.status != 100 && (phone == nil || self.isFor(sent, phone))
            }
            guard left.isEmpty else {
                throw Failure(
                    place: step.place, message: "nothing more was expected\(phone.map { " to \($0)" } ?? "")",
                    details: ["but the server sent:"] + left.map { "  " + $0.summary })
            }
        case .log(let wanted, let isWanted): try self.check(wanted, isWanted, step)
        case .variable(let name, let comparison, let kind): try self.check(name, comparison, kind, step)
        case .verdict(let wanted):
            let actual = self.record.verdict
            guard actual == wanted || actual.hasPrefix(wanted + " ") else {
                throw self.mismatch(step, "verdict", wanted, actual)
            }
        case .route(let name, let isWanted):
            guard self.record.routes.contains(name) != isWanted else { return }
            throw Failure(
                place: step.place, message: "route[\(name)] \(isWanted ? "did not run" : "ran")",
                details: ["routes that ran: \(self.record.routes.joined(separator: ", "))"])
        case .call(let name, let code, let isWanted):
            let calls = self.record.calls.filter { $0.name == name }
            let isThere = calls.contains { code == nil || $0.code == code }
            guard isThere != isWanted else { return }
            let codes = calls.map { $0.code.map { "\($0)" } ?? "no code" }.joined(separator: ", ")
            throw Failure(
                place: step.place,
                message: isWanted ? "\(name)() was not called so" : "\(name)() was called",
                details: [calls.isEmpty ? "it was not called" : "it gave \(codes)"])
        case .query(let method, let url, let body, let isWanted):
            let wanted = StandingAnswer(
                method: method, url: self.filled(url), answer: .unreachable, delay: .zero)
            let isThere = self.record.queries.contains { query in
                wanted.fits(query) && (body.map { query.body.string == self.filled($0) } ?? true)
            }
            guard isThere != isWanted else { return }
            let lines = self.record.queries.map { "  \($0.method) \($0.url) \($0.body)" }
            throw Failure(
                place: step.place, message: isWanted ? "this was not asked" : "this was asked",
                details: lines.isEmpty ? ["nothing was asked"] : ["asked was:"] + lines)
        case .counter(let group, let name, let wanted):
            guard let actual = self.stage.server.counter(group, name) else {
                throw self.failure(step, "there is no counter \(group):\(name)")
            }
            guard actual == wanted else {
                throw self.mismatch(step, "counter \(group):\(name)", "\(wanted)", "\(actual)")
            }
        }
    }

    private func mismatch(_ step: TestStep, _ what: String, _ expected: String, _ actual: String) -> Failure {
        Failure(place: step.place, message: what, details: ["expected: \(expected)", "actual:   \(actual)"])
    }

    // MARK: Messages

    private func isFor(_ sent: StageEvent.Departed, _ receiver: String?) -> Bool {
        guard let receiver else { return true }
        if sent.phone == receiver { return true }
        guard let (transport, address) = StepParser.endpoint(self.filled(receiver)) else { return false }
        return sent.destination.address == address
            && (!receiver.contains(":") || !receiver.hasPrefix("\(transport.name):")
                || sent.destination.transport == transport)
    }

    private func fits(_ sent: StageEvent.Departed, _ wanted: MessageExpectation) -> Bool {
        guard sent.isRepeat == wanted.isRepeat, self.isFor(sent, wanted.receiver) else { return false }
        switch wanted.kind {
        case .request(let method): return !sent.message.isReply && sent.message.method == method
        case .reply(let status, let reason):
            return sent.message.status == status && (reason == nil || sent.message.reason == reason)
        }
    }

    private func check(_ wanted: MessageExpectation, _ step: TestStep) throws(Failure) {
        // Of several that fit, the first whose fields fit as well.
        let fitting = self.record.sent.indices.filter { self.fits(self.record.sent[$0], wanted) }
        guard wanted.isWanted else {
            guard let first = fitting.first else { return }
            throw Failure(
                place: step.place, message: "this was not to be sent",
                details: ["  " + self.record.sent[first].summary])
        }
        guard let first = fitting.first else {
            throw Failure(
                place: step.place, message: "expected \(Self.describe(wanted))", details: self.record.lines)
        }
        var failure: Failure?
        for index in fitting {
            failure = self.firstFailure(self.record.sent[index].message, wanted)
            if failure == nil {
                self.record.sent.remove(at: index)
                return
            }
        }
        if fitting.count > 1 { failure = self.firstFailure(self.record.sent[first].message, wanted) }
        if let failure { throw failure }
    }

    private static func describe(_ wanted: MessageExpectation) -> String {
        var text: String
        switch wanted.kind {
        case .request(let method): text = method
        case .reply(let status, let reason): text = reason.map { "\(status) \($0)" } ?? "\(status)"
        }
        if let receiver = wanted.receiver { text += " to \(receiver)" }
        return wanted.isRepeat ? text + ", sent again" : text
    }

    /// The first check that `message` does not pass.
    private func firstFailure(_ message: PlainMessage, _ wanted: MessageExpectation) -> Failure? {
        for (check, place) in wanted.checks {
            if let lines = self.difference(message, check) {
                return Failure(
                    place: place, message: "\(Self.describe(wanted)): \(lines.0)", details: lines.1)
            }
        }
        return nil
    }

    private func difference(_ message: PlainMessage, _ check: MessageExpectation.Check) -> (String, [String])? {
        switch check {
        case .absent(let name):
            guard let value = self.values(of: name, message).first else { return nil }
            return ("\(name) is there", ["actual:   \(value)"])
        case .count(let name, let count):
            let values = self.values(of: name, message)
            if values.count == count { return nil }
            return ("\(name) is there \(values.count) times, not \(count)", values.map { "  \($0)" })
        case .bodyLine(let line):
            let wanted = self.filled(line)
            let lines = message.body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(
                String.init)
            if lines.contains(wanted) { return nil }
            return ("the body has no such line", ["expected: \(wanted)"] + lines.prefix(30).map { "  | \($0)" })
        case .field(let name, let comparison):
            let values = self.values(of: name, message)
            if case .notEqual = comparison {
                if values.allSatisfy({ self.holds(comparison, $0) }) { return nil }
            } else if values.contains(where: { self.holds(comparison, $0) }) {
                return nil
            }
            let actual = values.isEmpty ? ["actual:   (no \(name))"] : values.map { "actual:   \($0)" }
            return (name, ["expected: \(self.describe(comparison))"] + actual)
        }
    }

    /// Values of a field; `Request-URI`, `Reason-Phrase` and `Body` are parts that have no field.
    private func values(of name: String, _ message: PlainMessage) -> [String] {
        switch name.lowercased() {
        case "request-uri": return message.isReply ? [] : [message.requestURI]
        case "reason-phrase": return message.isReply ? [message.reason] : []
        case "body": return [message.body]
        default: return message.all(name)
        }
    }

    // MARK: Values

    private func holds(_ comparison: Expectation.Comparison, _ value: String?) -> Bool {
        switch comparison {
        case .equal(let text): return value == self.filled(text)
        case .notEqual(let text): return value != self.filled(text)
        case .matches(let pattern):
            guard let value, let regex = try? RegularExpression(ByteString(self.filled(pattern))) else { return false }
            return regex.matches(ByteString(value).span)
        case .isNull(let isNull): return (value == nil) == isNull
        }
    }

    private func describe(_ comparison: Expectation.Comparison) -> String {
        switch comparison {
        case .equal(let text): self.filled(text)
        case .notEqual(let text): "anything but \(self.filled(text))"
        case .matches(let pattern): "~ \(self.filled(pattern))"
        case .isNull(let isNull): isNull ? "no value" : "a value"
        }
    }

    private func check(
        _ name: String, _ comparison: Expectation.Comparison, _ kind: RouteKinds?, _ step: TestStep
    ) throws(Failure) {
        guard let script = self.record.scripts.first(where: { kind == nil || $0.kind == kind }) else {
            throw Failure(
                place: step.place, message: "no \(kind?.blockName ?? "script") ended, so \(name) has no value",
                details: self.record.lines)
        }
        let value = script.values[name] ?? nil
        guard !self.holds(comparison, value) else { return }
        throw self.mismatch(step, name, self.describe(comparison), value ?? "(no value)")
    }

    private func check(_ wanted: LogExpectation, _ isWanted: Bool, _ step: TestStep) throws(Failure) {
        let text = wanted.text.map { self.filled($0) }
        let regex = wanted.isPattern ? text.flatMap { try? RegularExpression(ByteString($0)) } : nil
        if wanted.isPattern, regex == nil { throw self.failure(step, "this is no regular expression") }
        let found = self.record.log.filter { entry in
            guard wanted.level == nil || wanted.level == entry.level else { return false }
            if let regex { return regex.matches(ByteString(entry.text).span) }
            return text.map { entry.text.contains($0) } ?? true
        }
        guard found.isEmpty == isWanted else { return }
        let lines = (isWanted ? self.record.log : found).prefix(20).map { "  \($0.level.label): \($0.text)" }
        throw Failure(
            place: step.place, message: isWanted ? "no such line in the log" : "this was not to be logged",
            details: lines.isEmpty ? ["the log is empty"] : ["the log:"] + lines)
    }
}
