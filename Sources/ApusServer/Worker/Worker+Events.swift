import Bytes
import ModuleKit
import RouteScript
import SIPMessage

extension Worker {
    /// `latency_cfg_log`: the level for lines about the time that scripts took; nil when it is not logged.
    var scriptTimeLevel: LogLevel? {
        let level = self.path.value.scriptTimeLevel
        return self.logger.isOn(level) ? level : nil
    }

    /// Time until the script ended or began to wait, in microseconds; `latency_limit_cfg` spares the quick ones.
    func noteScriptTime(_ taken: Int, at level: LogLevel, _ arrival: Arrival) {
        guard taken > self.host.sharedSettings.values.slowScriptLimit else { return }
        self.server.logger.write(level, "the script for a message from \(arrival.source) took \(taken) us")
    }

    /// Runs `event_route[core:msg-received]`; what it leaves of the bytes is then taken as a message.
    func runReceived(_ context: RouteContext, _ arrival: Arrival, _ event: RouteID) -> RunState {
        context.reset(arrival: arrival, program: self.program)
        context.setState(ReceivedBytes(buffer: context.message.buffer, arrival: arrival))
        let program = self.program
        let call = ModuleKit.RouteCall(route: event, kind: .event) { context, result in
            context.removeState(ReceivedBytes.self)
            guard !result.isDropped, let worker = context.worker as? Worker else { return .code(0) }
            // The event may have changed them.
            let failure = context.message.parse()
            context.invalidateRequestURI()
            return worker.admitReceived(context, failure, program)
        }
        return self.program.start(call, in: context)
    }

    /// Runs a block that no message starts: when the server starts.
    func run(event: RouteID) {
        guard event.isPresent, let context = self.makeLocalContext(program: self.program) else { return }
        self.schedule(ModuleKit.RouteCall(route: event, kind: .event) { _, _ in .code(0) }, in: context)
        self.drain()
        self.endBatch()
    }
}
