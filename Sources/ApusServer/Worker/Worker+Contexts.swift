import Bytes
import ModuleKit
import RouteScript
import SIPMessage

extension Worker {
    /// A context whose arrival is still another message's when it was used before: `reset` sets it.
    func takeContext(_ arrival: Arrival) -> RouteContext {
        if let context = self.contexts.popLast() { return context }
        return RouteContext(
            message: Message(buffer: ByteBuffer(capacity: 64)), arrival: arrival, worker: self, program: self.program
        )
    }

    /// This worker's copy of a program, if it is that in force.
    func own(_ program: any RouteProgram) -> any RouteProgram {
        if ObjectIdentifier(program) == ObjectIdentifier(self.program) { return program }
        return program.identity == self.program.identity ? self.program : program
    }

    func giveBack(_ context: consuming RouteContext) {
        if context.goes(by: self.program) { self.keep(context) }
    }

    /// Keeps a context of the program in force for later messages, unless there are enough.
    func keep(_ context: consuming RouteContext) {
        guard self.contexts.count < 64 else { return }
        context.giveBackMemory()
        self.contexts.append(context)
    }

    func makeContext(_ bytes: Span<UInt8>, arrival: Arrival, program: any RouteProgram) -> RouteContext? {
        let context = self.takeContext(arrival)
        // What waits for use has its buffer for itself.
        let buffer = context.message.buffer
        buffer.removeAll()
        buffer.append(bytes)
        guard context.message.parse() == nil else {
            self.giveBack(context)
            return nil
        }
        context.reset(arrival: arrival, program: self.own(program))
        if let world = self.server.world { context.tracer = world.tracer }
        return context
    }

    func recycle(_ context: RouteContext) { self.giveBack(context) }

    func schedule(_ call: ModuleKit.RouteCall, in context: RouteContext) {
        self.scheduled.append((call, context))
        self.progress.value.hasWork = true
    }

    func suspend(_ context: RouteContext) -> any ResumeToken {
        let token = SuspensionToken(server: self.server)
        self.pendingToken = token
        if self.server.suspended.count >= self.host.sharedSettings.values.maxSuspendedScripts {
            token.resume(ResumeResult(code: -1))
            if self.server.suspended.refuse(at: self.now, in: self.bank) {
                context.log(.error, "too many scripts wait (max_suspended_scripts): no further one may")
            }
        }
        return token
    }

    func finish(_ call: ModuleKit.RouteCall, in context: RouteContext) -> RouteResult? {
        // The function in progress may have announced that it is going to wait.
        let pending = self.pendingToken
        defer { self.pendingToken = pending }
        guard let program = context.program as? Program, case .ended(let result) = program.start(call, in: context)
        else { return nil }
        return result
    }
}
