import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    public var commands: [RPCCommand] { self.reportCommands + self.actionCommands + self.localCommands }

    // MARK: Looking

    private var reportCommands: [RPCCommand] {
        [
            RPCCommand("tm.stats", "Totals of transactions and replies.") { [unowned self] request throws(RPCFault) in
                let counters = request.host.counters
                func value(_ name: String) -> RPCValue { .int(counters.value("tmx", name) ?? 0) }
                let created = counters.value("tmx", "created_transactions") ?? 0
                let current = self.table.count
                return [
                    .structure([
                        "current": .int(current), "waiting": .int(self.finishedCount),
                        "total": value("UAS_transactions"),
                        "total_local": value("local_transactions"), "rpl_received": value("rpl_received"),
                        "rpl_generated": value("rpl_generated"), "rpl_sent": value("rpl_sent"),
                        "6xx": value("6xx_transactions"), "5xx": value("5xx_transactions"),
                        "4xx": value("4xx_transactions"), "3xx": value("3xx_transactions"),
                        "2xx": value("2xx_transactions"), "created": .int(created),
                        "freed": .int(max(created - current, 0)), "delayed_free": .int(0),
                    ])
                ]
            },
            RPCCommand(
                "tm.list", returnsArray: true,
                "All transactions, with what names their requests; finished ones without From, To and Call-ID."
            ) { [unowned self] request throws(RPCFault) in self.list(now: .now()) },
            RPCCommand("tm.hash_stats", returnsArray: true, "How many transactions each stripe of the table holds.") {
                [unowned self] request throws(RPCFault) in
                var answer: [RPCValue] = []
                self.table.stripes.forEachStripe { index, stripe in
                    answer.append(.structure(["hash": .int(index), "current": .int(stripe.records.count)]))
                }
                return answer
            },
            RPCCommand("tm.clean", "Removes transactions that have outlived all their timers.") {
                [unowned self] request throws(RPCFault) in
                _ = self.removeOutlived(now: .now())
                return []
            },
        ]
    }

    /// Transactions that have their final reply and stay to absorb retransmissions.
    private var finishedCount: Int {
        var total = 0
        self.table.stripes.forEachStripe { _, stripe in
            stripe.records.forEach { _, record in
                if !record.server.isOpen { total += 1 }
            }
        }
        return total
    }

    private func list(now: Instant) -> [RPCValue] {
        struct Known {
            var id: TransactionID
            /// The request, or nothing of one that only waits for repetitions.
            var request: ByteString
            var method: Method
            var cSeq: UInt32
            var branches: Int
            var age: Interval
            var state: String
        }
        var known: [Known] = []
        self.table.stripes.forEachStripe { index, stripe in
            stripe.records.forEach { handle, record in
                known.append(
                    Known(
                        id: TransactionID(stripe: index, handle: handle),
                        request: record.request?.bytes ?? ByteString(),
                        method: record.method, cSeq: record.cSeq, branches: record.branches.count,
                        age: now - record.created, state: Self.state(of: record)))
            }
        }
        return known.map { entry in
            let message = Message(entry.request.span)
            func field(_ name: HeaderName) -> ByteString? {
                guard let message, message.first(name) >= 0 else { return nil }
                return message.text(message.field(at: message.first(name)).range)
            }
            let name = message.map { $0.text($0.methodRange) } ?? ByteString(entry.method.name.span)
            return .structure([
                "cell": .string("0x" + String(entry.id.rawValue, radix: 16)), "tindex": .int(entry.id.stripe),
                "tlabel": .int(Int(entry.id.handle.rawValue)), "method": .text(name),
                "from": .text(field(.from) ?? ByteString()), "to": .text(field(.to) ?? ByteString()),
                "callid": .text(field(.callID) ?? ByteString()),
                "cseq": .text(ByteString("CSeq: \(entry.cSeq)")),
                "uas_request": .string("yes"), "tflags": .int(0), "outgoings": .int(entry.branches),
                "ref_count": .int(1), "lifetime": .int(Int(max(entry.age.milliseconds, 0))),
                "state": .string(entry.state),
            ])
        }
    }

    /// What a transaction waits for, for whoever wonders why it is still there.
    private static func state(of record: borrowing TransactionRecord) -> String {
        var words = [record.server.isOpen ? "open" : record.server.isTerminated ? "over" : "answered"]
        if record.isForking { words.append("relaying") }
        if record.isFailing { words.append("in its failure route") }
        switch record.suspension {
        case .running: break
        case .waiting: words.append("suspended")
        case .over: words.append("no longer suspended")
        }
        for index in record.branches.indices {
            let machine = record.branches[index].machine
            let state =
                machine.isTerminated
                ? "over" : machine.isProceeding ? "ringing" : machine.isPending ? "sent" : "answered"
            let isOpen = record.responses.open.contains(index)
            words.append("\(index): \(state)\(isOpen ? " open" : "") \(record.responses.status(of: index))")
            if let cancel = record.branches[index].cancel {
                words.append(cancel.isTerminated ? "cancelled" : "cancelling")
            }
            if record.branches[index].isReplyHeld { words.append("in its reply route") }
        }
        return words.joined(separator: ", ")
    }

    // MARK: Acting

    private var actionCommands: [RPCCommand] {
        [
            RPCCommand("tm.cancel", "Cancels the INVITE with a Call-ID and a CSeq number.") {
                [unowned self] request throws(RPCFault) in
                let id = try self.find(request, callID: 0, cSeq: 1, isInvite: true)
                request.host.perform(after: .zero) { [self] worker in
                    _ = self.cancel(id, flag: -1, code: nil, by: worker)
                }
                return []
            },
            RPCCommand(
                "tm.reply", "Answers a transaction: code, reason, tindex:tlabel, To tag, headers or `.`, [body]."
            ) { [unowned self] request throws(RPCFault) in
                let id = try self.named(request, 2)
                return try self.answer(id, request, rest: 3)
            },
            RPCCommand(
                "tm.reply_callid", "Answers a transaction: code, reason, Call-ID, CSeq, To tag, headers or `.`, [body]."
            ) { [unowned self] request throws(RPCFault) in
                let id = try self.find(request, callID: 2, cSeq: 3, isInvite: false)
                return try self.answer(id, request, rest: 4)
            },
            RPCCommand("tm.retransmit_reply", "Sends the last reply of a transaction again: tindex:tlabel.") {
                [unowned self] request throws(RPCFault) in try self.repeatReply(self.named(request, 0), request)
            },
            RPCCommand("tm.retransmit_reply_callid", "Sends the last reply of a transaction again: Call-ID, CSeq.") {
                [unowned self] request throws(RPCFault) in
                try self.repeatReply(self.find(request, callID: 0, cSeq: 1, isInvite: false), request)
            },
        ]
    }

    private static var unknown: RPCFault { RPCFault(481, "No such transaction") }

    private func find(_ request: RPCRequest, callID: Int, cSeq: Int, isInvite: Bool) throws(RPCFault) -> TransactionID {
        let text = try request.text(callID)
        let number = try request.text(cSeq)
        // `7` or `7 INVITE`.
        let digits = number.bytes.prefix { $0 >= 48 && $0 <= 57 }
        guard let sequence = Int(ByteString(Array(digits)).string) else { throw RPCFault(400, "CSeq expected") }
        let id = self.find(callID: text, cSeq: sequence, isInvite: isInvite)
        guard id.isPresent else { throw Self.unknown }
        return id
    }

    private func named(_ request: RPCRequest, _ index: Int) throws(RPCFault) -> TransactionID {
        let parts = try request.text(index).string.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = Int(parts[0]), let second = Int(parts[1]) else {
            throw RPCFault(400, "Invalid transaction ID")
        }
        guard let id = TransactionID(index: first, label: second), self.table.withTransaction(id, { _ in true }) == true
        else { throw Self.unknown }
        return id
    }

    private func answer(_ id: TransactionID, _ request: RPCRequest, rest: Int) throws(RPCFault) -> [RPCValue] {
        let code = try request.int(0)
        guard (100...699).contains(code) else { throw RPCFault(400, "Invalid status code") }
        var reply = OutsideReply(code: code, reason: try request.text(1))
        reply.toTag = try request.text(rest)
        let headers = try request.text(rest + 1)
        if headers != "." { reply.headers = OutsideReply.lines(headers) }
        if request.has(rest + 2) { reply.body = try request.text(rest + 2) }
        guard self.table.withTransaction(id, { $0.server.isOpen }) == true else {
            throw RPCFault(481, "The transaction has its final reply")
        }
        let finished = reply
        request.host.perform(after: .zero) { [self] worker in self.answer(id, finished, by: worker) }
        return []
    }

    private func repeatReply(_ id: TransactionID, _ request: RPCRequest) throws(RPCFault) -> [RPCValue] {
        let last = self.table.withTransaction(id) { ($0.lastReply, $0.replyDestination) }
        guard let (bytes, destination) = last, !bytes.isEmpty else {
            throw RPCFault(404, "There is no reply to repeat")
        }
        request.host.perform(after: .zero) { [self] worker in
            self.send(bytes, to: destination, token: 0, by: worker)
        }
        return []
    }
}

/// A reply that a control client asks for.
private struct OutsideReply: Sendable {
    var code: Int
    var reason: ByteString
    var toTag = ByteString()
    /// Whole lines.
    var headers = ByteString()
    var body = ByteString()

    /// Header lines with the line ends that they have to have.
    static func lines(_ text: ByteString) -> ByteString {
        var bytes: [UInt8] = []
        for line in text.bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }) where line.contains(58) {
            bytes.append(contentsOf: line)
            bytes.append(contentsOf: [13, 10])
        }
        return ByteString(bytes)
    }
}

extension Transactions {
    /// Answers the request of a transaction from outside of its script.
    private func answer(_ id: TransactionID, _ reply: OutsideReply, by worker: any WorkerServices) {
        guard let request = self.table.withTransaction(id, { $0.server.isOpen ? $0.request : nil }), let request,
            let context = self.requestContext(request, worker)
        else { return }
        self.fill(context, id)
        context.replyHeaders.append(reply.headers)
        context.replyBody.append(reply.body)
        guard !reply.toTag.isEmpty, reply.code > 100 else {
            self.sendLocalReply(context, id, reply.code, reply.reason)
            worker.recycle(context)
            return
        }
        let buffer = worker.outgoing()
        let settings = worker.host.settings
        let server = settings.serverSignature ? settings.serverHeader + "\r\n" : ByteString()
        MessageWriter.response(
            to: context.message, code: reply.code, reason: reply.reason.span, toTag: reply.toTag.span,
            extraHeaders: reply.headers.span, serverHeader: server.span, contentType: ("" as StaticString).span,
            body: reply.body.span, copyRecordRoute: reply.code / 10 == 18 || reply.code / 100 == 2,
            source: request.arrival.source, forceRport: context.options.contains(.forceRport),
            isNamed: context.options.contains(.senderIsNamed), into: buffer)
        self.sendLocal(buffer, reply.code, reply.reason, context, id)
        worker.recycle(context)
    }
}
