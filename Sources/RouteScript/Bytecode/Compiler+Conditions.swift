import Bytes
import ModuleKit
import SIPMessage

extension Compiler {
    /// Emits code that pushes whether one of the legacy comparisons holds: `uri == myself`, `src_ip != 192.0.2.1`.
    func compile(_ node: CoreCondition) {
        var condition = Condition(
            subject: self.subject(node.subject), operation: Self.binary(node.operation), operand: .computed)
        var needsValue = false
        switch node.operand {
        case .expression(let expression):
            if let constant = self.fold(expression) {
                guard let operand = self.operand(constant, for: condition, at: expression.range) else { return }
                condition.operand = operand
            } else {
                self.compile(expression)
                needsValue = true
            }
        case .word(let word):
            guard let operand = self.operand(.bytes(ByteString(word)), for: condition, at: node.operandRange) else {
                return
            }
            condition.operand = operand
        case .network(let address, let length): condition.operand = .network(address, length)
        case .myself: condition.operand = .myself
        case .transport(let transport): condition.operand = .transport(transport)
        case .anyTransport: condition.operand = .anyTransport
        case .family(let isIPv6): condition.operand = .int(isIPv6 ? 10 : 2)
        case .maximumLength: condition.operand = .int(65_535)
        }
        self.draft.conditions.append(condition)
        self.emit(
            Instruction(needsValue ? .conditionWith : .condition, self.draft.conditions.count - 1), at: node.range)
    }

    /// A constant in the form that the subject is compared with; nil after a diagnostic.
    private func operand(_ value: Value, for condition: Condition, at range: SourceRange) -> Condition.Operand? {
        let text: ByteString
        switch value {
        case .int(let number): return .int(number)
        case .bytes(let bytes): text = bytes
        default: return nil
        }
        if condition.operation == .matches {
            return self.regex(text, ignoringCase: true, at: range).map { .regex(self.draft.regexes[$0]) }
        }
        switch condition.subject {
        case .method, .uri, .fromURI, .toURI: return .text(text)
        case .sourceIP, .destinationIP, .sendIP, .toIP:
            if let (address, length) = Condition.network(text.string) { return .network(address, length) }
            return self.addresses(text.string, at: range).map { .addresses($0) }
        case .sourcePort, .destinationPort, .family, .messageLength, .sendPort, .toPort, .sendFamily:
            guard let number = Self.number(text) else {
                self.diagnostics.error(.wrongOperandType, "a number is expected, not '\(text)'", at: range)
                return nil
            }
            return .int(number)
        case .transport, .sendTransport:
            guard let transport = TransportProtocol(parsing: text.span, ByteRange(start: 0, count: text.count)) else {
                self.diagnostics.error(.wrongOperandType, "'\(text)' is no protocol", at: range)
                return nil
            }
            return .transport(transport)
        }
    }

    /// The addresses of a host, looked up once, while the script is loaded (language §12).
    private func addresses(_ host: String, at range: SourceRange) -> [IPAddress]? {
        guard let lookup = self.addressesOfHost else {
            self.diagnostics.error(
                .notBuilt, "comparing an address with the name '\(host)' is not built yet: write the address",
                at: range)
            return nil
        }
        let found = lookup(host)
        if found.isEmpty {
            self.diagnostics.error(.badArgument, "the name '\(host)' has no address", at: range)
            return nil
        }
        return found
    }

    private func subject(_ subject: CoreSubject) -> Condition.Subject {
        switch subject {
        case .method: .method
        // One word to the language: which of the two it is, the message tells.
        case .uri, .status: .uri
        case .fromURI: .fromURI
        case .toURI: .toURI
        case .sourceIP: .sourceIP
        case .destinationIP: .destinationIP
        case .sourcePort: .sourcePort
        case .destinationPort: .destinationPort
        case .family: .family
        case .proto: .transport
        case .messageLength: .messageLength
        case .sendIP: .sendIP
        case .toIP: .toIP
        case .sendPort: .sendPort
        case .toPort: .toPort
        case .sendFamily: .sendFamily
        case .sendProto: .sendTransport
        }
    }
}
