import Bytes
import ModuleKit
import SIPMessage

extension Transactions {
    /// Requests that may be on their way to other programs at once; further ones are refused.
    static let mostHandedOver = 256

    private enum Door: Sendable {
        case pipe, socket
    }

    /// Requests handed to other programs, which answer them by `tm.reply`.
    var applicationFunctions: [ScriptFunction] {
        [
            self.handing(
                "t_write_req", "pipe", "Path of a named pipe, from which somebody reads.", .pipe,
                #"if (!t_write_req("/run/apus/answers", "vm")) { t_reply("503", "Nobody there"); }"#),
            self.handing(
                "t_write_unix", "socket", "Path of a unix datagram socket.", .socket,
                #"if (!t_write_unix("/run/apus/answers.sock", "vm")) { t_reply("503", "Nobody there"); }"#),
        ]
    }

    private func handing(
        _ name: String, _ place: String, _ summary: String, _ door: Door, _ example: String
    )
        -> ScriptFunction
    {
        let appendices = self.settings.appendices
        return ScriptFunction(
            name, Argument(place, .literal, summary),
            Argument(
                "action",
                .custom { text, _ in
                    try ApplicationAction(text, appendices)
                }, "What is asked for, perhaps with / and the name of a tw_append."),
            in: [.request, .failure],
            summary:
                "Hands the request to another program, which answers the transaction by tm.reply before fr_timer does with 408.",
            outcomes: [
                1: "it is handed over", -1: "there is no transaction, nobody takes it, or not in unix_tx_timeout",
            ],
            example: example
        ) { [self] route, arguments in
            guard let action = arguments.object(1, as: ApplicationAction.self) else { return .failure }
            return self.handOver(route, action, to: arguments.text(0, in: route).string, by: door)
        }
    }

    private func handOver(
        _ route: RouteContext, _ action: ApplicationAction, to path: String, by door: Door
    ) -> Outcome {
        guard route.transaction != 0, let facts = self.snapshot(route) else {
            route.log(.error, "tm: the request has no transaction that a program could answer: call t_newtran() first")
            return .failure
        }
        let hasRoom = self.handedOver.withLock { count in
            guard count < Self.mostHandedOver else { return false }
            count += 1
            return true
        }
        guard hasRoom else {
            route.log(.error, "tm: \(Self.mostHandedOver) requests are on their way to other programs")
            return .failure
        }
        let text = ByteString(ApplicationRequest(action, route, index: facts.stripe, label: facts.handle).bytes)
        let limit = self.settings.unixTimeout.value(in: route.configuration)
        let token = route.suspend()
        // The module lives as long as its work.
        route.worker.host.runBlocking { [self] in
            let code =
                switch door {
                case .pipe: self.pipeOrder.withLock { _ in SystemOutput.writePipe(path, text, within: limit) }
                case .socket: SystemOutput.sendDatagram(path, text, within: limit)
                }
            self.handedOver.withLock { $0 -= 1 }
            token.resume(ResumeResult(code: code == 0 ? 1 : -1, payload: code))
        }
        return .suspended(
            Continuation { [self] route, result in
                guard result.code > 0 else {
                    let code = result.payload as? Int32 ?? 0
                    route.log(.error, "tm: \(path) did not take the request: \(SystemError(code: code).text)")
                    return .failure
                }
                // From here on fr_timer runs, and whoever answers first counts.
                _ = self.suspend(route, keepingEdits: false)
                return .success
            })
    }
}
