import Bytes
import ControlProtocol
import ModuleKit

/// The answer to one request.
public struct JSONRPCReply: Sendable {
    /// 200, or the code of the error.
    public var code: Int
    /// `OK`, or the text of the error.
    public var text: String
    /// The whole document.
    public var document: ByteString
}

extension JSONRPCServer {
    /// Carries a document out and answers it: for whoever brings requests of its own, such as HTTP.
    ///
    /// - Parameters:
    ///   - bytes: one document; `JSONReader.byteLimit` at most.
    ///   - body: called once: at once, or from any thread by whoever gives the answer of a command that waits.
    /// - Throws: when it is no JSON; then nothing was done and `body` is not called.
    public func answer(_ bytes: [UInt8], _ body: @escaping @Sendable (JSONRPCReply) -> Void) throws(JSONError) {
        try self.answer(JSONRPCRequest(bytes), body)
    }

    /// As the other, for a request that has been read.
    public func answer(_ request: JSONRPCRequest, _ body: @escaping @Sendable (JSONRPCReply) -> Void) {
        if let problem = request.problem {
            // Kamailio's answer to what is no request: it has a result, with nothing in it.
            self.host.logger.error("jsonrpcs: no request: \(problem.rawValue)")
            return body(self.reply(.success([]), to: request))
        }
        let name = request.method.string
        guard let command = self.host.command(named: name) else {
            self.host.logger.error("jsonrpcs: there is no command '\(name)'")
            return body(self.reply(.failure(RPCFault(500, "Method Not Found")), to: request))
        }
        guard let parameters = request.parameters else {
            self.host.logger.error("jsonrpcs: params of \(name) is neither list nor object")
            return body(self.reply(.failure(Self.invalidParameters), to: request))
        }
        self.host.begin(name, parameters).whenGiven { [self] outcome in
            let shaped = outcome.map { JSONShape.of($0, command: name) }
            body(self.reply(shaped, to: request, isList: command.returnsArray || JSONShape.isList(name)))
        }
    }

    private static let invalidParameters = RPCFault(500, "Invalid Parameters")

    /// - Parameter isList: the result is a list however many values it has.
    func reply(_ outcome: RPCAnswer.Outcome, to request: JSONRPCRequest, isList: Bool = false) -> JSONRPCReply {
        var members = [RPCValue.Member("jsonrpc", .string("2.0"))]
        var reply = JSONRPCReply(code: 200, text: "OK", document: ByteString())
        switch outcome {
        case .success(let values):
            let result: RPCValue =
                if isList { .array(values) } else if let only = values.first, values.count == 1 { only } else {
                    values.isEmpty ? .structure([]) : .array(values)
                }
            members.append(RPCValue.Member("result", result))
        case .failure(var fault):
            if fault.isAboutParameter {
                self.host.logger.error("jsonrpcs: \(request.method): \(fault.text)")
                fault = Self.invalidParameters
            }
            reply.code = fault.code
            reply.text = fault.text
            members.append(
                RPCValue.Member(
                    "error", .structure(["code": .int(fault.code), "message": .string(fault.text)])))
        }
        if let id = request.id { members.append(RPCValue.Member("id", id)) }
        reply.document = JSONWriter.text(.structure(members), isPretty: self.settings.isPretty)
        return reply
    }
}
