import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

extension Worker {
    /// Drops what no script should have to deal with: messages without the fields that replies and transactions need.
    func isUsable(_ context: RouteContext) -> Bool {
        guard let field = context.message.unusableField(allowingDoubles: self.path.value.allowsDoubles) else {
            return true
        }
        self.bank.add(at: Int(self.core.badHeaders.index), 1)
        context.log(.error, "message from \(context.arrival.source) has no usable \(field), dropped")
        if field == .via || field == .cSeq { self.giveUpStream(context.arrival) }
        return false
    }

    /// Closes the connection of a peer that sends what are no messages: nobody knows where its next one begins.
    func giveUpStream(_ arrival: Arrival) {
        guard arrival.transport.isReliable, !self.policy.keepsBadStreams else { return }
        self.server.transport.streams.close(arrival.connection)
    }

    /// Counts and logs bytes that are no message.
    func note(_ failure: ParseFailure, _ context: RouteContext) {
        self.bank.add(at: Int(self.core.badHeaders.index), 1)
        self.giveUpStream(context.arrival)
        let level = LogLevel(rawValue: min(max(self.host.sharedSettings.values.inputLogLevel, -5), 3)) ?? .error
        if self.server.logger.isOn(level) {
            let length = context.message.buffer.count
            self.server.logger.write(
                level, "bad message of \(length) bytes from \(context.arrival.source) dropped: \(failure)"
            )
        }
    }

    /// Bytes that are no message are shown to the script if it wants to see them.
    func refuse(_ context: RouteContext, _ failure: ParseFailure) {
        self.note(failure, context)
        let event = self.program.events.parseError
        guard event.isPresent else { return self.giveBack(context) }
        context.reset(arrival: context.arrival, program: self.program)
        let call = ModuleKit.RouteCall(route: event, kind: .event) { _, _ in .code(0) }
        let program = self.program
        self.finish(context, program.start(call, in: context), program)
    }

    /// 482 (RFC 3261 §16.3 step 4), without a transaction: whoever sent it round is not worth one.
    func refuseLoop(_ context: RouteContext) {
        self.server.logger.info("a request of \(context.arrival.source) loops")
        guard context.message.method != .ack else { return }
        let replies = LocalReply(host: self.host)
        let buffer = self.outgoing()
        replies.write(482, ("Loop Detected" as StaticString).span, for: context, from: .stateless, into: buffer)
        _ = self.send(buffer, to: replies.destination(for: context), token: 0)
    }
}
