import Bytes
import ModuleKit
import SIPMessage

/// How a `tm.t_uac_*` command treats its request.
struct LocalCommandMode: Sendable {
    enum Answer: Sendable {
        /// The request has been sent.
        case whenSent
        /// The final outcome is known.
        case whenOver
    }

    var answer = Answer.whenSent
    /// The body is written in hexadecimal.
    var isHexadecimal = false
    var acknowledges = true

    /// Reads `mode=start;body=text;ack=yes`.
    /// - Returns: nil when a word means nothing.
    init?(attributes text: ByteString) {
        for part in text.string.split(separator: ";") {
            switch part.filter({ $0 != " " }) {
            case "mode=start": self.answer = .whenSent
            case "mode=wait", "mode=block": self.answer = .whenOver
            case "body=text": self.isHexadecimal = false
            case "body=hex": self.isHexadecimal = true
            case "ack=yes": self.acknowledges = true
            case "ack=no": self.acknowledges = false
            default: return nil
            }
        }
    }

    init(_ answer: Answer, isHexadecimal: Bool, acknowledges: Bool) {
        self.answer = answer
        self.isHexadecimal = isHexadecimal
        self.acknowledges = acknowledges
    }
}

extension Transactions {
    /// `tm.t_uac_start` and its kin.
    var localCommands: [RPCCommand] {
        var commands: [RPCCommand] = []
        for (word, answer) in [
            ("start", LocalCommandMode.Answer.whenSent), ("wait", .whenOver), ("wait_block", .whenOver),
        ] {
            for acknowledges in [true, false] {
                for isHexadecimal in [false, true] {
                    let name = "tm.t_uac_\(word)\(acknowledges ? "" : "_noack")\(isHexadecimal ? "_hex" : "")"
                    let mode = LocalCommandMode(answer, isHexadecimal: isHexadecimal, acknowledges: acknowledges)
                    let summary =
                        "Sends a request: method, Request-URI, next hop or ., socket or ., header lines, body"
                        + (isHexadecimal ? " in hexadecimal" : "")
                        + (answer == .whenOver ? "; answers with code and reason of its final reply" : "")
                        + (acknowledges ? "." : "; the ACK for a 2xx is left to others.")
                    commands.append(
                        .waiting(name, summary) { [unowned self] request, answer in
                            self.start(request, from: 0, mode, answer)
                        })
                }
            }
        }
        commands.append(
            .waiting(
                "tm.t_uac_attrs",
                "As the other tm.t_uac commands, with attributes first: mode=start|wait|block;body=text|hex;ack=yes|no."
            ) { [unowned self] request, answer in
                guard let text = try? request.text(0), let mode = LocalCommandMode(attributes: text) else {
                    return answer.refuse(RPCFault(400, "invalid attributes"))
                }
                self.start(request, from: 1, mode, answer)
            })
        return commands
    }

    /// - Parameter first: index of the method among the parameters.
    private func start(_ request: RPCRequest, from first: Int, _ mode: LocalCommandMode, _ answer: RPCAnswer) {
        do throws(RPCFault) {
            guard request.parameters.count >= first + 5 else {
                throw RPCFault(400, "too few parameters (\(request.parameters.count - first)/5)")
            }
            var body = request.has(first + 5) ? try request.text(first + 5) : ByteString()
            if mode.isHexadecimal {
                guard let bytes = Self.bytes(ofHexadecimal: body) else {
                    throw RPCFault(400, "Invalid hexadecimal body")
                }
                body = bytes
            }
            let command = try LocalCommand(
                request, from: first, body: body, host: self.host)
            var local = command.request
            if !mode.acknowledges { local.acknowledges = false }
            let ready = local
            self.host.perform(after: .zero) { [weak self] worker in
                guard let self else { return answer.refuse(RPCFault(500, "the configuration has been replaced")) }
                self.send(ready, mode, answer, by: worker)
            }
        } catch {
            answer.refuse(error)
        }
    }

    private func send(
        _ request: LocalRequest, _ mode: LocalCommandMode, _ answer: RPCAnswer, by worker: any WorkerServices
    ) {
        let sending = self.sendRequest(request, by: worker) { event, _ in
            // A name that cannot be resolved is told as a failure to send, also when it takes a while to know.
            if event.transaction == .none {
                return answer.refuse(RPCFault(500, event.reason.string.replacingOrigin()))
            }
            guard mode.answer == .whenOver else { return }
            answer.give([.structure(["code": .int(event.code), "text": .text(event.reason)])])
        }
        switch sending {
        case .sent: if mode.answer == .whenSent { answer.give([]) }
        case .resolving: if mode.answer == .whenSent { answer.give([]) }
        case .failed(let failure): answer.refuse(RPCFault(500, failure.reason("RPC/UAC").string))
        case .keptBack: answer.refuse(RPCFault(500, "No error (0/RPC/UAC)"))
        }
    }

    private static func bytes(ofHexadecimal text: ByteString) -> ByteString? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.bytes {
            guard let value = digit.hexValue else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? ByteString(bytes) : nil
    }
}

extension LocalCommand {
    /// From the parameters of a command.
    init(_ request: RPCRequest, from first: Int, body: ByteString, host: any ModuleHost) throws(RPCFault) {
        let texts = [
            try request.text(first), try request.text(first + 1), try request.text(first + 2),
            try request.text(first + 3), try request.text(first + 4),
        ]
        do throws(Refusal) {
            try self.init(
                method: texts[0], requestURI: texts[1], nextHop: texts[2], socket: texts[3], headers: texts[4],
                body: body, host: host)
        } catch {
            throw RPCFault(400, error.text)
        }
    }
}

extension String {
    /// The reason of a failure, told by a command.
    fileprivate func replacingOrigin() -> String {
        self.hasSuffix("/TM)") ? self.dropLast(4) + "/RPC/UAC)" : self
    }
}
