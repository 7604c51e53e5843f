import Bytes
import ModuleKit

extension HTTPEngine {
    /// Makes a request as `send` does; in a simulation, `host` has somebody who answers in place of servers outside.
    public func send(
        _ request: HTTPRequest, for host: any ModuleHost, completion: @escaping @Sendable (HTTPResponse) -> Void
    ) -> Bool {
        guard let outside = host.outside else { return self.send(request, completion: completion) }
        let query = OutsideQuery(
            method: request.method ?? (request.body == nil ? "GET" : "POST"), url: request.url,
            body: request.body ?? ByteString())
        outside.ask(query) { answer in completion(HTTPResponse(answer, to: request)) }
        return true
    }
}

extension HTTPResponse {
    /// What a simulation answers, as if it had come over the wire.
    init(_ answer: OutsideAnswer, to request: HTTPRequest) {
        self.init(result: answer.isAnswered ? 0 : Self.notConnected)
        guard answer.isAnswered else { return }
        self.status = answer.status
        self.url = request.url
        let header = ByteBuffer(capacity: 128)
        header.append("HTTP/1.1 ")
        header.append(decimal: answer.status)
        header.append(" Simulated\r\n")
        for line in answer.headers {
            header.append(line)
            header.append("\r\n")
        }
        header.append("\r\n")
        self.header = ByteString(header.span)
        let limit = request.bodyLimit > 0 ? min(request.bodyLimit, HTTPRequest.largestBody) : HTTPRequest.largestBody
        self.isCut = answer.body.count > limit
        self.body = self.isCut ? ByteString(Array(answer.body.bytes.prefix(limit))) : answer.body
    }
}
