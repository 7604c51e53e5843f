import Bytes
import HTTPTransfer
import ModuleKit
import SIPMessage

/// What a script's queries leave behind for its variables.
final class QueryMemory {
    var keepsHeaders: Bool
    var last: HTTPResponse?
    init(keepsHeaders: Bool) { self.keepsHeaders = keepsHeaders }
}

extension HTTPClient {
    func memory(of route: RouteContext) -> QueryMemory {
        if let known = route.state(QueryMemory.self) { return known }
        let made = QueryMemory(keepsHeaders: self.settings.keepsHeaders)
        route.setState(made)
        return made
    }

    // MARK: Connections

    func post(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        let type = arguments.text(2, in: route)
        let data = arguments.text(3, in: route)
        return self.connect(route, arguments, result: 4) { connection, path in
            var request = connection.request(path)
            if !type.isEmpty { request.headers.append("Content-Type: " + type) }
            request.body = data
            return request
        }
    }

    /// - Parameter request: makes the request for a connection: the named one, or the one it fails over to.
    func connect(
        _ route: RouteContext, _ arguments: Arguments, result: Int,
        _ request: @escaping (HTTPConnection, ByteString) -> HTTPRequest
    ) -> Outcome {
        let name = arguments.text(0, in: route)
        let path = arguments.text(1, in: route)
        guard let connection = self.connection(named: name) else {
            _ = self.give(.bytes(ByteString()), arguments, result, route)
            return self.unknown(name, route)
        }
        return self.attempt(route, connection, arguments, result, tried: [name]) { request($0, path) }
    }

    func unknown(_ name: ByteString, _ route: RouteContext) -> Outcome {
        route.log(.error, "there is no HTTP connection '\(name)'")
        return .failure
    }

    private func attempt(
        _ route: RouteContext, _ connection: HTTPConnection, _ arguments: Arguments, _ result: Int,
        tried: [ByteString], _ request: @escaping (HTTPConnection) -> HTTPRequest
    ) -> Outcome {
        self.ask(route, request(connection)) { [self] route, response in
            if !response.url.isEmpty { connection.lastURL.withLock { $0 = response.url } }
            if response.result != 0, let next = self.connection(named: connection.failover),
                !tried.contains(next.name)
            {
                route.log(.warning, "HTTP connection \(connection.name) failed, trying \(next.name)")
                return self.attempt(route, next, arguments, result, tried: tried + [next.name], request)
            }
            let body = response.result == 0 ? response.body : ByteString()
            _ = self.give(.bytes(body), arguments, result, route)
            return .code(Self.code(response))
        }
    }

    // MARK: Queries

    /// - Parameters:
    ///   - url, data, headers, result: which argument is which.
    func query(
        _ route: RouteContext, _ arguments: Arguments, method: ByteString? = nil, url: Int, data: Int?, headers: Int?,
        result: Int, httpVersion: Int = 0
    ) -> Outcome {
        var request = HTTPRequest(url: arguments.text(url, in: route))
        request.method = method
        if let data {
            let text = arguments.text(data, in: route)
            if !text.isEmpty { request.body = text }
        }
        if let headers { request.headers = Self.lines(arguments.text(headers, in: route)) }
        request.options = self.settings.options(self.host)
        request.options.httpVersion = httpVersion
        request.timeout = self.settings.interval(self.settings.timeout)
        request.bodyLimit = self.settings.largestQueryBody
        return self.ask(route, request) { [self] route, response in
            var text = ByteString()
            // What comes with a server's own failure is no answer to the question.
            if response.result == 0, response.status < 500 {
                text = response.body
                if self.settings.givesFirstLine { text = ByteString(Array(HTTPResponse.line(text.bytes[...]))) }
            }
            _ = self.give(.bytes(text), arguments, result, route)
            return .code(Self.code(response))
        }
    }

    static func lines(_ text: ByteString) -> [ByteString] {
        text.bytes.split { $0 == 13 || $0 == 10 }.map { ByteString(Array($0)) }
    }

    /// What the script gets: the status, or libcurl's result where there is none.
    private static func code(_ response: HTTPResponse) -> Int {
        let code = response.result == 0 ? response.status : response.result
        return code == 0 ? -1 : code
    }

    func give(_ value: Value, _ arguments: Arguments, _ index: Int, _ route: RouteContext) -> Bool {
        guard index < arguments.count, case .variable(let variable) = arguments.bound[index] else { return false }
        return variable.write(value, in: route)
    }

    /// Makes the request; the script is suspended until `then` has the answer.
    private func ask(
        _ route: RouteContext, _ request: HTTPRequest, then: @escaping (RouteContext, HTTPResponse) -> Outcome
    ) -> Outcome {
        let token = route.suspend()
        let isSent = self.engine.send(request, for: self.host) { response in
            token.resume(ResumeResult(code: 1, payload: response))
        }
        if !isSent {
            route.log(.error, "too many HTTP requests are under way")
            token.resume(ResumeResult(code: -1))
        }
        let url = request.url
        return .suspended(
            Continuation { [self] route, result in
                // Woken without an answer: the request was not made, or too many scripts wait.
                guard let response = result.payload as? HTTPResponse else { return .failure }
                if response.result != 0 {
                    route.log(.warning, "\(HTTPLibrary.text(of: response.result)) (\(url))")
                }
                let memory = self.memory(of: route)
                if memory.keepsHeaders { memory.last = response }
                return then(route, response)
            })
    }
}
