import Bytes
import HTTPTransfer
import ModuleKit
import SIPMessage
import tm

/// An answer, kept with the context of the route that gets it.
final class QueryAnswer: Sendable {
    let response: HTTPResponse
    let number: Int
    let data: ByteString

    init(_ response: HTTPResponse, number: Int, data: ByteString) {
        self.response = response
        self.number = number
        self.data = data
    }
}

extension HTTPAsyncClient {
    public var functions: [ScriptFunction] {
        let url = Argument("url", .format, "The whole URL.")
        let target = Argument("route", .format, "Name of the route that gets the answer.")
        return [
            ScriptFunction(
                "http_async_query", url, target, in: .any,
                summary:
                    "Makes the request that $http_req(…) describes. With a transaction, suspends it until the route goes on with the answer; else the route gets a request made up here.",
                outcomes: [
                    0: "suspended: the script ends", 1: "made, and the script goes on: no transaction, or suspend is 0",
                    -1: "no such route, or too many requests are under way",
                ],
                example: "t_newtran(); http_async_query(\"http://127.0.0.1:8080/$rU\", \"ANSWER\");",
                body: { [unowned self] route, arguments in
                    self.query(
                        route, arguments.text(0, in: route), arguments.text(1, in: route), ByteString(),
                        maySuspend: true)
                }
            ),
            ScriptFunction(
                "http_async_send", url, target, in: .any,
                summary: "As http_async_query(), but never suspends.",
                outcomes: [1: "made", -1: "no such route, or too many requests are under way"],
                example: "http_async_send(\"http://127.0.0.1:8080/\", \"ANSWER\");",
                body: { [unowned self] route, arguments in
                    self.query(
                        route, arguments.text(0, in: route), arguments.text(1, in: route), ByteString(),
                        maySuspend: false)
                }
            ),
            ScriptFunction(
                "http_async_send_xdata", url, target,
                Argument("xdata", .format, "Text that $http_xdata gives in the route."), in: .any,
                summary: "As http_async_send(), with a text for the route.",
                outcomes: [1: "made", -1: "no such route, or too many requests are under way"],
                example: "http_async_send_xdata(\"http://127.0.0.1:8080/\", \"ANSWER\", \"$ci\");",
                body: { [unowned self] route, arguments in
                    self.query(
                        route, arguments.text(0, in: route), arguments.text(1, in: route),
                        arguments.text(2, in: route), maySuspend: false)
                }
            ),
        ]
    }

    private func query(
        _ route: RouteContext, _ url: ByteString, _ name: ByteString, _ data: ByteString, maySuspend: Bool
    ) -> Outcome {
        let draft = QueryDraft.of(route)
        let content = draft.take()
        let target = route.program.route(.request, named: name)
        guard target.isPresent else {
            route.log(.error, "there is no route[\(name)] to get the answer")
            return .failure
        }
        let number = self.counters.request()
        draft.lastNumber = number
        let request = self.request(url, content)
        if maySuspend, content.suspends, let transactions = self.transactions, route.transaction != 0, route.isRequest {
            return self.suspend(route, transactions, request, number, target)
        }
        return self.detach(route, request, number, data, target) ? .success : .failure
    }

    private func request(_ url: ByteString, _ content: QueryDraft.Content) -> HTTPRequest {
        var request = HTTPRequest(url: url)
        request.method = content.method
        request.body = content.body
        request.headers = content.headers
        request.timeout = .milliseconds(content.timeout ?? self.settings.timeout)
        request.options = content.options ?? self.settings.options(self.host)
        return request
    }

    /// The script waits with its transaction; the route goes on in its place.
    private func suspend(
        _ route: RouteContext, _ transactions: Transactions, _ request: HTTPRequest, _ number: Int, _ target: RouteID
    ) -> Outcome {
        guard case .waiting(let id) = transactions.suspend(route, keepingEdits: false) else { return .failure }
        let token = route.suspend()
        let counters = self.counters
        let isSent = self.engines.engine.send(request, for: self.host) { response in
            counters.answer(response)
            token.resume(ResumeResult(code: 1, payload: response))
        }
        if !isSent { token.resume(ResumeResult(code: -1)) }
        return .suspended(
            Continuation { route, result in
                guard transactions.resume(id, in: route) else {
                    route.log(.notice, "the transaction was ended while its HTTP request was under way")
                    return .stop
                }
                guard let response = result.payload as? HTTPResponse else {
                    counters.refused()
                    route.log(.error, "the HTTP request cannot be made: too many are under way, or scripts wait")
                    return .failure
                }
                route.setState(QueryAnswer(response, number: number, data: ByteString()))
                route.branches.removeAll()
                route.routeKind = .failure
                return .run(RouteCall(route: target, kind: .failure) { _, _ in .stop })
            })
    }

    /// The script goes on; the route will run by itself.
    private func detach(
        _ route: RouteContext, _ request: HTTPRequest, _ number: Int, _ data: ByteString, _ target: RouteID
    ) -> Bool {
        let program = route.program
        let counters = self.counters
        let host = self.host
        let isSent = self.engines.engine.send(request, for: self.host) { response in
            counters.answer(response)
            host.perform(after: .zero) { worker in
                guard let context = worker.makeLocalContext(program: program) else { return }
                context.setState(QueryAnswer(response, number: number, data: data))
                worker.schedule(RouteCall(route: target, kind: .request) { _, _ in .success }, in: context)
            }
        }
        if !isSent {
            counters.refused()
            route.log(.error, "too many HTTP requests are under way")
        }
        return isSent
    }
}
