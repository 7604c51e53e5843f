import Bytes
import HTTPTransfer
import ModuleKit
import SIPMessage

extension HTTPClient {
    private static let routes: RouteKinds = [.request, .failure, .reply, .transactionReply, .branch, .event]
    private static let outcomes: [Int: String] = [
        200: "any status from 100 on: the server's answer",
        7: "any number below 100: no answer, $curlerror(number) has the text",
        -1: "the request cannot be made",
    ]
    private static let result = Argument("result", .variable, "Variable for the answer's body; empty without one.")
    private static let connection = Argument("connection", .format, "Name of the connection.")
    private static let path = Argument("path", .format, "What to add to its URL.")

    public var functions: [ScriptFunction] { self.connectFunctions + self.queryFunctions + self.headerFunctions }

    private var connectFunctions: [ScriptFunction] {
        let type = Argument("type", .format, "Content-Type of the data.")
        return [
            ScriptFunction(
                "http_connect", Self.connection, Self.path, Self.result, in: Self.routes,
                summary: "GETs a URL on a named connection; the script waits for the answer.", outcomes: Self.outcomes,
                example: "if (http_connect(\"api\", \"/users/$rU\", \"$var(answer)\") == 200) { return; }",
                body: { [unowned self] route, arguments in
                    self.connect(route, arguments, result: 2) { $0.request($1) }
                }
            ),
            ScriptFunction(
                "http_connect", Self.connection, Self.path, type,
                Argument("data", .format, "What to send; variables are expanded."), Self.result, in: Self.routes,
                summary: "POSTs data to a URL on a named connection; the script waits for the answer.",
                outcomes: Self.outcomes,
                example: "http_connect(\"api\", \"/log\", \"text/plain\", \"$ci\", \"$var(answer)\");",
                body: { [unowned self] route, arguments in self.post(route, arguments) }
            ),
            ScriptFunction(
                "http_connect_raw", Self.connection, Self.path, type,
                Argument("data", .literal, "What to send, as it stands."), Self.result, in: Self.routes,
                summary: "As http_connect(), but the data is sent as written.", outcomes: Self.outcomes,
                example: "http_connect_raw(\"api\", \"/log\", \"text/plain\", \"$100\", \"$var(answer)\");",
                body: { [unowned self] route, arguments in self.post(route, arguments) }
            ),
            ScriptFunction(
                "http_get_redirect", Self.connection,
                Argument("result", .variable, "Variable for the URL."), in: Self.routes,
                summary: "Gives the URL that the last answer on a connection came from, after redirects.",
                outcomes: [1: "given", -1: "there is no such connection"],
                example: "http_get_redirect(\"api\", \"$var(url)\");",
                body: { [unowned self] route, arguments in
                    let name = arguments.text(0, in: route)
                    guard let connection = self.connection(named: name) else { return self.unknown(name, route) }
                    let url = connection.lastURL.withLock { $0 }
                    return self.give(.bytes(url), arguments, 1, route) ? .success : .failure
                }
            ),
        ]
    }

    private var queryFunctions: [ScriptFunction] {
        let url = Argument("url", .format, "The whole URL.")
        let data = Argument("data", .format, "What to POST; empty: GET.")
        let headers = Argument("headers", .format, "Header fields to add, each line ended by CRLF.")
        let body = Argument("body", .format, "Body of the request; empty: none.")
        let method = Argument("method", .format, "The method, such as PUT.")
        let query = "Asks a URL and waits for the answer: GET, or POST when there is data."
        return [
            ScriptFunction(
                "http_client_query", url, Self.result, in: Self.routes, summary: query, outcomes: Self.outcomes,
                example: "http_client_query(\"http://127.0.0.1:8080/lcr?to=$rU\", \"$var(answer)\");",
                body: { [unowned self] route, arguments in
                    self.query(route, arguments, url: 0, data: nil, headers: nil, result: 1)
                }
            ),
            ScriptFunction(
                "http_client_query", url, data, Self.result, in: Self.routes, summary: query, outcomes: Self.outcomes,
                example: "http_client_query(\"http://127.0.0.1:8080/\", \"to=$rU\", \"$var(answer)\");",
                body: { [unowned self] route, arguments in
                    self.query(route, arguments, url: 0, data: 1, headers: nil, result: 2)
                }
            ),
            ScriptFunction(
                "http_client_query", url, data, headers, Self.result, in: Self.routes, summary: query,
                outcomes: Self.outcomes,
                example:
                    "http_client_query(\"http://127.0.0.1:8080/\", \"{}\", \"Content-Type: application/json\", \"$var(answer)\");",
                body: { [unowned self] route, arguments in
                    self.query(route, arguments, url: 0, data: 1, headers: 2, result: 3)
                }
            ),
            ScriptFunction(
                "http_client_get", url, body, headers, Self.result, in: Self.routes,
                summary: "GETs a URL, if need be with a body, and waits for the answer.", outcomes: Self.outcomes,
                example: "http_client_get(\"http://127.0.0.1:8080/\", \"\", \"X-Call: $ci\", \"$var(answer)\");",
                body: { [unowned self] route, arguments in
                    self.query(route, arguments, method: "GET", url: 0, data: 1, headers: 2, result: 3)
                }
            ),
            ScriptFunction(
                "http_client_request", method, url, body, headers, Self.result, in: Self.routes,
                summary: "Makes a request with any method and waits for the answer.", outcomes: Self.outcomes,
                example: "http_client_request(\"PUT\", \"http://127.0.0.1:8080/\", \"$ci\", \"\", \"$var(answer)\");",
                body: { [unowned self] route, arguments in
                    self.query(
                        route, arguments, method: arguments.text(0, in: route), url: 1, data: 2, headers: 3, result: 4)
                }
            ),
            ScriptFunction(
                "http_client_request_v2pk", method, url, body, headers, Self.result, in: Self.routes,
                summary: "As http_client_request(), over HTTP/2 without asking first whether the server has it.",
                outcomes: Self.outcomes,
                example: "http_client_request_v2pk(\"GET\", \"http://127.0.0.1:8080/\", \"\", \"\", \"$var(answer)\");",
                body: { [unowned self] route, arguments in
                    self.query(
                        route, arguments, method: arguments.text(0, in: route), url: 1, data: 2, headers: 3, result: 4,
                        httpVersion: 5)
                }
            ),
        ]
    }

    private var headerFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "http_client_response_headers_set", Argument("mode", .int, "1: on, 0: off."), in: .any,
                summary: "Says whether $httprhdr(name) shows the headers of answers that this script gets.",
                outcomes: [1: "said", -1: "no number"], example: "http_client_response_headers_set(\"1\");",
                body: { [unowned self] route, arguments in
                    guard let mode = arguments.int(0, in: route) else { return .failure }
                    self.memory(of: route).keepsHeaders = mode != 0
                    return .success
                }
            ),
            ScriptFunction(
                "http_client_response_headers_clear", in: .any, summary: "Forgets the header of the last answer.",
                example: "http_client_response_headers_clear();",
                body: { [unowned self] route, _ in
                    self.memory(of: route).last = nil
                    return .success
                }
            ),
        ]
    }
}
