import Bytes
import ModuleKit
import RouteScript
import SIPMessage

extension Worker {
    /// What remains to be done when a run has ended or suspended.
    func conclude(_ context: consuming RouteContext, _ state: RunState) { self.conclude(context, state, self.program) }

    /// - Parameter program: the one in force.
    func conclude(_ context: consuming RouteContext, _ state: RunState, _ program: Program) {
        if self.path.value.isSimulated { self.server.world?.ranScript(in: context, state) }
        switch state {
        case .ended(let result):
            guard context.goes(by: program) else {
                context.program.hooks.routeEnded(context, result)
                return
            }
            if self.path.value.tellsOfEnds { program.hooks.routeEnded(context, result) }
            self.keep(context)
        case .suspended: self.park(context)
        }
    }

    /// Keeps what the script needs to go on, and gives the context back for other messages.
    func park(_ context: RouteContext) {
        defer { self.giveBack(context) }
        guard let token = self.pendingToken, let program = context.program as? Program else {
            // A module returned `.suspended` without asking for a token: nobody could ever wake it.
            context.log(.bug, "a function suspended the script without a token; the message is dropped")
            return
        }
        self.pendingToken = nil
        program.trim(context)
        let held = HeldContext(takingFrom: context)
        held.variables = self.variables.save()
        self.bank.add(at: Int(self.server.suspended.total.index), 1)
        if let early = token.park(held, at: self.now) {
            self.earlyResumes.append((token, early))
            self.progress.value.hasWork = true
        }
    }

    /// Runs what the message in progress left to do: failure routes, scripts woken at once.
    func drain() {
        guard self.progress.value.hasWork, !self.progress.value.isDraining else { return }
        self.progress.value.isDraining = true
        defer {
            self.progress.value.isDraining = false
            self.progress.value.hasWork = false
        }
        while true {
            if !self.earlyResumes.isEmpty {
                let (token, result) = self.earlyResumes.removeFirst()
                self.resume(token, result)
            } else if !self.scheduled.isEmpty {
                let (call, context) = self.scheduled.removeFirst()
                context.scriptFlags = 0
                context.routeKind = call.kind
                guard let program = context.program as? Program else { continue }
                self.keepOrder(of: context.message)
                self.conclude(context, program.start(call, in: context))
            } else {
                return
            }
        }
    }

    /// Goes on with a suspended script, on this worker from now on. One that is not parked yet is woken as it parks.
    func resume(_ token: SuspensionToken, _ result: ResumeResult) {
        guard let held = token.take(wakingWith: result), let program = self.own(held.program) as? Program else {
            return
        }
        let context = self.takeContext(held.arrival)
        context.message.buffer = held.buffer
        guard context.message.parse() == nil else {
            self.giveBack(context)
            self.server.logger.write(.bug, "the message of a suspended script cannot be read any more; it is dropped")
            return
        }
        self.keepOrder(of: context.message)
        context.reset(arrival: held.arrival, program: program)
        held.restore(to: context)
        context.state(ReceivedBytes.self)?.buffer = context.message.buffer
        self.variables.with(held.variables) { self.conclude(context, program.resume(result, in: context)) }
        self.drain()
    }
}
