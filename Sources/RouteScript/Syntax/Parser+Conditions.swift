import SIPMessage

extension Parser {
    /// Whether the current token is one of the legacy keywords that are compared.
    var isAtCoreSubject: Bool { self.coreSubject != nil }

    private var coreSubject: CoreSubject? {
        guard let word = self.word() else { return nil }
        if word == "msg", self.isSymbol(.colon, at: 1), self.isWord("len", at: 2) { return .messageLength }
        return CoreSubject(rawValue: word)
    }

    private func passSubject(_ subject: CoreSubject) {
        self.advance()
        if subject == .messageLength {
            self.advance()
            self.advance()
        }
    }

    /// `uri == myself`, `src_ip != 10.0.0.0/8`, `myself == uri`.
    func parseCoreCondition() -> Expression {
        let start = self.current.range
        if self.isWord("myself") { return self.parseReversedCondition() }
        guard let subject = self.coreSubject else { return Expression(.invalid, at: start) }
        self.passSubject(subject)
        let subjectRange = start.through(self.previousRange)
        guard let (operation, _) = self.binaryOperator(), subject.operators.contains(operation) else {
            let operators = subject.operators.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            self.error(
                .badCondition,
                "'\(subject.rawValue)' must be compared with \(operators), found \(self.describe(self.current))",
                suggestion: subject.variable.map { "\($0) gives the value itself" }
            )
            return Expression(.invalid, at: start)
        }
        self.advance()
        let operandStart = self.current.range
        let errors = self.diagnostics.errorCount
        guard let operand = self.parseOperand(of: subject), self.diagnostics.errorCount == errors else {
            return Expression(.invalid, at: start)
        }
        let condition = CoreCondition(
            subject: subject, operation: operation, operand: operand, subjectRange: subjectRange,
            operandRange: operandStart.through(self.previousRange), range: start.through(self.previousRange)
        )
        return Expression(.condition(condition), at: condition.range)
    }

    private func parseReversedCondition() -> Expression {
        let start = self.current.range
        self.advance()
        guard let (operation, _) = self.binaryOperator(), operation == .equal || operation == .notEqual else {
            self.error(.badCondition, "'myself' must be compared with '==' or '!='")
            return Expression(.invalid, at: start)
        }
        self.advance()
        let place = self.current.range
        guard let subject = self.coreSubject, subject.comparesWithMyself else {
            self.error(.badCondition, "expected 'uri', 'from_uri', 'to_uri' or an address such as 'src_ip'")
            return Expression(.invalid, at: start)
        }
        self.passSubject(subject)
        let condition = CoreCondition(
            subject: subject, operation: operation, operand: .myself, subjectRange: place, operandRange: start,
            range: start.through(self.previousRange)
        )
        return Expression(.condition(condition), at: condition.range)
    }

    private func parseOperand(of subject: CoreSubject) -> CoreOperand? {
        if self.isWord("myself") {
            guard subject.comparesWithMyself else {
                self.error(.badCondition, "'\(subject.rawValue)' cannot be compared with 'myself'")
                return nil
            }
            self.advance()
            return .myself
        }
        switch subject {
        case .method:
            if let word = self.word(), !Keywords.all.contains(word), !self.isSymbol(.leftParen, at: 1) {
                self.advance()
                return .word(word)
            }
        case .sourceIP, .destinationIP, .sendIP, .toIP:
            let errors = self.diagnostics.errorCount
            if let operand = self.parseAddressOperand() { return operand }
            if self.isInvalid || self.diagnostics.errorCount > errors { return nil }
        case .family, .sendFamily:
            if let word = self.word(), let isIPv6 = Keywords.families[word] {
                self.advance()
                return .family(isIPv6: isIPv6)
            }
        case .proto, .sendProto:
            if let word = self.word(), let transport = TransportProtocol(scriptWord: word) {
                self.advance()
                return .transport(transport)
            }
            if self.consume(.star) { return .anyTransport }
        case .messageLength:
            if self.isWord("max_len") {
                self.advance()
                return .maximumLength
            }
        default: break
        }
        let expression = self.parseBinary(level: Self.operandLevel)
        if case .invalid = expression.kind { return nil }
        return .expression(expression)
    }

    /// An address, a network or a host name; nil if something else stands here.
    private func parseAddressOperand() -> CoreOperand? {
        switch self.current.kind {
        case .ipv6, .symbol(.leftBracket): break
        case .integer, .numberWord: guard self.isSymbol(.dot, at: 1) else { return nil }
        case .word(let word):
            guard !Keywords.all.contains(word), !self.isSymbol(.leftParen, at: 1) else { return nil }
        default: return nil
        }
        guard let host = self.parseHost() else { return nil }
        guard case .address(let address) = host.kind else { return .word(host.text) }
        let width = address.isIPv6 ? 128 : 32
        guard self.isSymbol(.slash) else { return .network(address, prefixLength: width) }
        self.advance()
        if case .integer(let length) = self.current.kind, !self.isSymbol(.dot, at: 1) {
            guard (0...width).contains(length) else {
                self.error(.badCondition, "the length of this network goes from 0 to \(width)")
                return nil
            }
            self.advance()
            return .network(address, prefixLength: length)
        }
        let place = self.current.range
        guard let mask = self.parseHost() else { return nil }
        guard case .address(let bits) = mask.kind, bits.isIPv6 == address.isIPv6, let length = bits.maskLength else {
            self.error(.badCondition, "'\(mask.text)' is no mask of this network", at: place.through(mask.range))
            return nil
        }
        return .network(address, prefixLength: length)
    }
}

extension CoreSubject {
    /// The operators that the keyword may stand before.
    public var operators: [BinaryOperator] {
        switch self {
        case .method, .uri, .status, .fromURI, .toURI:
            [.equal, .notEqual, .matches, .stringEqual, .stringNotEqual]
        case .sourceIP, .destinationIP, .sendIP, .toIP: [.equal, .notEqual, .matches]
        case .proto, .sendProto, .family, .sendFamily: [.equal, .notEqual]
        case .sourcePort, .destinationPort, .sendPort, .toPort, .messageLength:
            [.equal, .notEqual, .less, .greater, .lessOrEqual, .greaterOrEqual, .integerEqual, .integerNotEqual]
        }
    }

    /// Whether `myself` may stand on the other side.
    public var comparesWithMyself: Bool {
        switch self {
        case .uri, .fromURI, .toURI, .sourceIP, .destinationIP, .sendIP, .toIP: true
        default: false
        }
    }

    /// The variable that holds the same value.
    var variable: String? {
        switch self {
        case .method: "$rm"
        case .uri: "$ru"
        case .status: "$rs"
        case .fromURI: "$fu"
        case .toURI: "$tu"
        case .sourceIP: "$si"
        case .destinationIP: "$Ri"
        case .sourcePort: "$sp"
        case .destinationPort: "$Rp"
        case .proto: "$proto"
        case .messageLength: "$ml"
        default: nil
        }
    }
}

extension IPAddress {
    /// The number of leading one bits, if no other bit is set: 24 for 255.255.255.0.
    var maskLength: Int? {
        if !self.isIPv6 {
            let bits = UInt32(truncatingIfNeeded: self.low)
            let length = (~bits).leadingZeroBitCount
            return length == 32 || bits << length == 0 ? length : nil
        }
        let upper = (~self.high).leadingZeroBitCount
        if upper < 64 { return self.high << UInt64(upper) == 0 && self.low == 0 ? upper : nil }
        let lower = (~self.low).leadingZeroBitCount
        return lower == 64 || self.low << UInt64(lower) == 0 ? 64 + lower : nil
    }
}
