import Bytes
import HTTPTransfer
import ModuleKit

extension HTTPAsyncClient {
    public var variables: [ScriptVariable] {
        [self.draftVariable, self.headerVariable, self.timeVariable] + self.answers
    }

    private var draftVariable: ScriptVariable {
        ScriptVariable(
            "http_req", inner: .required, writable: true,
            summary:
                "What the next query is like; only written. hdr adds a header field, body, method, timeout (milliseconds), suspend, username and so on set one thing, all = $null forgets everything.",
            bind: { [unowned self] name, _ in
                guard case .literal(let word) = name, let key = DraftKey(rawValue: word.string) else {
                    let known = DraftKey.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ArgumentError("$http_req has \(known)")
                }
                let defaults = self.settings.options(self.host)
                return VariableAccess(
                    read: { _, _ in .null },
                    write: { route, _, value in
                        key.set(value, &QueryDraft.of(route).content, defaults, route)
                    })
            }
        )
    }

    private var headerVariable: ScriptVariable {
        ScriptVariable(
            "http_hdr", inner: .required,
            summary:
                "`$http_hdr(name)`: a header field of the answer; `$(http_hdr(name)[1])` the second, [-1] the last.",
            bind: { name, _ in
                VariableAccess(read: { route, index in
                    guard let answer = route.state(QueryAnswer.self) else { return .null }
                    let values = answer.response.values(of: name.resolve(in: route))
                    var position = 0
                    if case .at(let wanted) = index { position = wanted < 0 ? values.count + wanted : wanted }
                    return values.indices.contains(position) ? .bytes(values[position]) : .null
                })
            }
        )
    }

    private var timeVariable: ScriptVariable {
        ScriptVariable(
            "http_time", inner: .required,
            summary:
                "`$http_time(total)`: microseconds; also lookup, connect, appconnect, pretransfer, starttransfer, redirect.",
            bind: { name, _ in
                guard case .literal(let word) = name, let read = Self.times[word.string] else {
                    throw ArgumentError("$http_time has \(Self.times.keys.sorted().joined(separator: ", "))")
                }
                return VariableAccess(read: { route, _ in
                    route.state(QueryAnswer.self).map { .int(read($0.response.times)) } ?? .null
                })
            }
        )
    }

    private static let times: [String: @Sendable (HTTPTimes) -> Int] = [
        "total": { $0.total }, "lookup": { $0.lookup }, "connect": { $0.connect }, "appconnect": { $0.tls },
        "pretransfer": { $0.pretransfer }, "starttransfer": { $0.firstByte }, "redirect": { $0.redirects },
    ]

    /// Variables about the answer; `$null` where there is none.
    private var answers: [ScriptVariable] {
        func make(
            _ name: String, _ summary: String, _ read: @escaping @Sendable (HTTPResponse) -> Value
        ) -> ScriptVariable {
            ScriptVariable(
                name, summary: summary,
                read: { route in route.state(QueryAnswer.self).map { read($0.response) } ?? .null })
        }
        return [
            make("http_ok", "1: an answer came, 0: none.") { .int($0.result == 0 ? 1 : 0) },
            make("http_err", "Why there is no answer; $null when there is one.") {
                $0.result == 0 ? .null : .text(HTTPLibrary.text(of: $0.result))
            },
            make("http_rs", "Status of the answer.") { $0.result == 0 ? .int($0.status) : .null },
            make("http_rr", "Reason phrase of the answer.") { $0.result == 0 ? .bytes($0.reason) : .null },
            make("http_rb", "Body of the answer.") { $0.result == 0 ? .bytes($0.body) : .null },
            make("http_bs", "Bytes of the answer's body.") { $0.result == 0 ? .int($0.body.count) : .null },
            make("http_mb", "The whole answer: first line, header and body.") {
                $0.result == 0 ? .bytes($0.header + $0.body) : .null
            },
            make("http_ml", "Bytes of the whole answer.") {
                $0.result == 0 ? .int($0.header.count + $0.body.count) : .null
            },
            ScriptVariable(
                "http_xdata", summary: "The text given to http_async_send_xdata().",
                read: { route in
                    guard let answer = route.state(QueryAnswer.self), !answer.data.isEmpty else { return .null }
                    return .bytes(answer.data)
                }),
            ScriptVariable(
                "http_req_id", summary: "Number of the query that was answered, or else of the one made last.",
                read: { route in
                    if let answer = route.state(QueryAnswer.self) { return .int(answer.number) }
                    guard let draft = route.state(QueryDraft.self), draft.lastNumber > 0 else { return .null }
                    return .int(draft.lastNumber)
                }),
        ]
    }
}
