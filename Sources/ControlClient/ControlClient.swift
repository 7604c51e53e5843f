import Bytes
import ControlProtocol
import Glibc
import ModuleKit
import SIPTransport

/// A client of the server's control socket (the `ctl` module): one command at a time over one connection.
public final class ControlClient {
    /// The socket file.
    public let path: String
    private let channel: ControlChannel
    private var lastCookie: UInt64 = 0

    /// Connects.
    ///
    /// - Parameters:
    ///   - path: the server's socket file.
    ///   - timeout: longest wait for an answer, seconds.
    public init(path: String, timeout: Int = 120) throws(ControlError) {
        self.path = path
        do throws(SocketError) {
            self.channel = try ControlChannel(path: path, timeout: timeout)
        } catch {
            switch error.code {
            case ENOENT: throw .noSocket(path)
            case ECONNREFUSED: throw .nobodyServes(path)
            case EACCES, EPERM: throw .notPermitted(path)
            default: throw .broken(path, SocketError.text(of: error.code))
            }
        }
    }

    /// Calls a command.
    ///
    /// - Returns: the values of the answer, none for a command that has nothing to say.
    /// - Throws: `.fault` with the server's words when it refuses.
    public func call(_ command: String, _ parameters: [RPCValue] = []) throws(ControlError) -> [RPCValue] {
        self.lastCookie += 1
        let answer = try self.exchange(BinaryRPCWriter.request(command, parameters, cookie: self.lastCookie))
        guard case .packet(let header, let length, let cookie, _, let kind) = BinaryRPC.frame(answer),
            cookie == self.lastCookie
        else { throw .broken(self.path, "the answer belongs to another request") }
        var reader = BinaryRPCReader(answer, from: header, count: length)
        var values: [RPCValue] = []
        while !reader.isAtEnd {
            guard let value = reader.value() else { throw .broken(self.path, "the answer cannot be read") }
            values.append(value)
        }
        switch BinaryRPC.Kind(rawValue: kind) {
        case .reply: return values
        case .fault:
            guard case .int(let code)? = values.first, case .text(let text)? = values.last else {
                throw .broken(self.path, "the error answer cannot be read")
            }
            throw .fault(RPCFault(code, text.string))
        case .request, nil: throw .broken(self.path, "the answer is none")
        }
    }

    private func exchange(_ request: [UInt8]) throws(ControlError) -> [UInt8] {
        var answer: [UInt8] = []
        do throws(SocketError) {
            try self.channel.send(request)
            while BinaryRPC.frame(answer) == .incomplete {
                let more = try self.channel.receive()
                guard !more.isEmpty else { break }
                answer += more
            }
        } catch {
            if error.code == EAGAIN { throw .broken(self.path, "no answer in time") }
            throw .broken(self.path, SocketError.text(of: error.code))
        }
        switch BinaryRPC.frame(answer) {
        case .packet: return answer
        case .incomplete: throw .broken(self.path, "the server closed the connection")
        case .broken: throw .broken(self.path, "what answers there does not speak the control protocol")
        }
    }
}

/// Why a command has no answer.
public enum ControlError: Error, Equatable, CustomStringConvertible {
    /// There is no socket file.
    case noSocket(String)
    /// The file is left over: no server reads from it.
    case nobodyServes(String)
    case notPermitted(String)
    /// The conversation ended; why.
    case broken(String, String)
    /// The server answered with an error.
    case fault(RPCFault)

    public var description: String {
        switch self {
        case .noSocket(let path):
            "no server: there is no socket \(path) (is the server running, with ctl loaded? --socket names another)"
        case .nobodyServes(let path): "no server: nobody answers at \(path), which a server left behind"
        case .notPermitted(let path): "no permission to use \(path): become the server's user, or root"
        case .broken(let path, let reason): "\(path): \(reason)"
        case .fault(let fault): "\(fault.code) \(fault.text)"
        }
    }
}
