import Bytes
import ControlProtocol
import ModuleKit

/// What a document asks for.
///
/// Names of members are compared without regard to case, and of several the first counts, as Kamailio does.
public struct JSONRPCRequest: Sendable, Equatable {
    public enum Problem: String, Sendable {
        case noObject = "the document is no object; several requests in a list are not taken"
        case noVersion = "\"jsonrpc\":\"2.0\" is missing"
        case noMethod = "\"method\" is missing, or no text"
    }

    /// Why it asks for nothing; nil: it does.
    public var problem: Problem?
    public var method = ByteString()
    /// The elements of `params`, or the values of its members in order; nil: it is neither list nor object.
    public var parameters: [RPCValue]? = []
    /// Goes back in the answer; nil: there is none, and the answer has none.
    public var id: RPCValue?
    /// The fifo that the answer is for.
    public var replyName: ByteString?

    public init(_ bytes: [UInt8]) throws(JSONError) {
        guard case .structure(let members) = try JSONReader.value(bytes) else {
            self.problem = .noObject
            return
        }
        func value(_ name: String) -> RPCValue? { members.first { $0.name.lowercased() == name }?.value }
        func text(_ name: String) -> ByteString? {
            if case .text(let text)? = value(name) { text } else { nil }
        }
        switch value("id") {
        case .array?, .structure?: self.id = .null
        case let id: self.id = id
        }
        self.replyName = text("reply_name")
        switch value("params") {
        case nil, .null?: break
        case .array(let items)?: self.parameters = items
        case .structure(let members)?: self.parameters = members.map(\.value)
        case .int?, .double?, .text?: self.parameters = nil
        }
        guard text("jsonrpc") == "2.0" else {
            self.problem = .noVersion
            return
        }
        guard let method = text("method") else {
            self.problem = .noMethod
            return
        }
        self.method = method
    }
}
