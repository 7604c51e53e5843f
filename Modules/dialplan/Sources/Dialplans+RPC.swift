import Bytes
import Database
import ModuleKit
import SIPMessage

extension Dialplans {
    public var commands: [RPCCommand] {
        [
            .waiting("dialplan.reload", "Reads the rules again; those that were there stay when that fails.") {
                [unowned self] request, answer in
                let now = WallClock.seconds()
                let isEarly = self.lastReload.withLock { last in
                    if now >= last, now - last < self.settings.reloadDelta { return true }
                    last = now
                    return false
                }
                if isEarly { return answer.refuse(RPCFault(500, "ongoing reload")) }
                let host = request.host
                let reader = self.reader(host)
                self.database.perform(.read, within: .seconds(60)) {
                    try reader($0)
                } answer: { [self] result in
                    switch result {
                    case .success(let table):
                        self.use(table, host.logger)
                        let left = table.complaints.count
                        answer.give(left == 0 ? [] : [.string("rows left out, see the log: \(left)")])
                    case .failure(let error):
                        host.logger.error("dialplan: table \(self.settings.tableName): \(error)")
                        answer.refuse(RPCFault(500, "Dialplan Reload Failed"))
                    }
                }
            },
            .waiting("dialplan.translate", "Shows what a dialplan makes of a text: number of the dialplan, text.") {
                [unowned self] request, answer in
                guard let number = try? request.int(0), request.has(1), let input = try? request.text(1) else {
                    return answer.refuse(RPCFault(500, "Invalid parameters"))
                }
                guard let dialplan = self.table.read({ $0[number] }) else {
                    return answer.refuse(RPCFault(500, "Dialplan ID not matched"))
                }
                guard !input.isEmpty else { return answer.refuse(RPCFault(500, "Empty input parameter")) }
                let logger = request.host.logger
                guard dialplan.rules.contains(where: \.needsRoute) else {
                    return Self.translate(input, dialplan, in: nil, logger, answer)
                }
                // Variables need a message: a request of our own, on a worker.
                request.host.perform(after: .zero) { worker in
                    let context = Self.context(worker)
                    Self.translate(input, dialplan, in: context, logger, answer)
                    if let context { worker.recycle(context) }
                }
            },
            RPCCommand("dialplan.dump", "Shows the rules of a dialplan, in the order in which they are tried.") {
                [unowned self] request throws(RPCFault) in
                guard let number = try? request.int(0) else { throw RPCFault(500, "Missing parameter") }
                guard let dialplan = self.table.read({ $0[number] }) else {
                    throw RPCFault(500, "Dialplan ID not matched")
                }
                let entries = dialplan.rules.map { rule in
                    RPCValue.Member(
                        "ENTRY",
                        .structure([
                            "PRIO": .int(rule.row.priority), "MATCHOP": .int(rule.row.operation),
                            "MATCHEXP": Self.text(rule.row.match), "MATCHLEN": .int(rule.row.length),
                            "SUBSTEXP": Self.text(rule.row.substitution), "REPLEXP": Self.text(rule.row.replacement),
                            "ATTRS": Self.text(rule.row.attributes),
                        ]))
                }
                return [.structure(["DPID": .int(number), "ENTRIES": .structure(entries)])]
            },
        ]
    }

    private static func text(_ text: ByteString) -> RPCValue { text.isEmpty ? .null : .text(text) }

    private static func translate(
        _ input: ByteString, _ dialplan: DialplanTable.Dialplan, in route: RouteContext?, _ logger: Logger,
        _ answer: RPCAnswer
    ) {
        let complain = { (text: String) in logger.error("dialplan.translate: \(text)") }
        guard let rule = dialplan.rule(for: input, in: route, complain) else {
            return answer.refuse(RPCFault(500, "No translation"))
        }
        do throws(ArgumentError) {
            let output = try rule.translate(input, in: route)
            answer.give([.structure(["Output": .text(output), "Attributes": Self.text(rule.row.attributes)])])
        } catch {
            complain(error.message)
            answer.refuse(RPCFault(500, "No translation"))
        }
    }

    private static func context(_ worker: any WorkerServices) -> RouteContext? {
        guard let program = worker.currentProgram, let socket = worker.host.sockets.first else { return nil }
        let text = ByteString(
            "OPTIONS sip:dialplan@localhost SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1\r\nFrom: <sip:dialplan@localhost>;tag=1\r\n"
                + "To: <sip:dialplan@localhost>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
        return worker.makeContext(
            text.span, arrival: Arrival(source: socket.address, socket: socket, connection: .none, time: worker.now),
            program: program)
    }
}
