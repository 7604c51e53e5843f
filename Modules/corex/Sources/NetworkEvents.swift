import Bytes
import ModuleKit
import SIPMessage

/// Which way the bytes go that `event_route[network:msg]` looks at.
final class NetworkDirection {
    let isIncoming: Bool
    init(isIncoming: Bool) { self.isIncoming = isIncoming }
}

/// Runs `event_route[network:msg]` and `event_route[corex:reply-out]` on what comes in and goes out.
///
/// The routes run in the middle of receiving and sending: they cannot wait. What they see is a message of their own, the
/// bytes as they are; bytes that are no SIP message have no header fields.
final class NetworkEvents: Sendable {
    private struct Routes {
        var message: RouteID
        var reply: RouteID
    }

    let isOn: Bool
    private let minimum: Int
    private let replacement: VariableReference?
    private let known = Lock<Routes?>(nil)

    init(_ settings: Corex.Settings, _ host: any ModuleHost) throws {
        self.isOn = settings.interceptsNetwork
        self.minimum = settings.shortestIntercepted
        guard !settings.replacement.isEmpty else {
            self.replacement = nil
            return
        }
        let variable = try host.compiler.variable(settings.replacement)
        guard variable.isWritable else {
            throw ModuleError("corex: nio_msg_avp \(settings.replacement.string) cannot be assigned")
        }
        self.replacement = variable
    }

    private func routes(_ program: any RouteProgram) -> Routes {
        if let known = self.known.withLock({ $0 }) { return known }
        let found = Routes(
            message: program.route(.event, named: "network:msg"), reply: program.route(.event, named: "corex:reply-out")
        )
        self.known.withLock { $0 = found }
        return found
    }

    /// - Returns: always true: the route cannot drop what came in.
    func arrived(
        _ worker: any WorkerServices, _ program: any RouteProgram, _ buffer: ByteBuffer, _ arrival: Arrival
    ) -> Bool {
        let route = self.routes(program).message
        guard route.isPresent, buffer.count >= self.minimum else { return true }
        self.run(route, isIncoming: true, worker, program, buffer, arrival)
        return true
    }

    func leaving(
        _ worker: any WorkerServices, _ program: any RouteProgram, _ buffer: ByteBuffer, _ destination: Destination
    ) -> Bool {
        let routes = self.routes(program)
        guard routes.message.isPresent || routes.reply.isPresent else { return true }
        let host = worker.host
        let isIPv6 = destination.address.ip.isIPv6
        guard
            let socket = destination.socket ?? host.socket(for: destination.transport, isIPv6: isIPv6)
                ?? host.sockets.first
        else { return true }
        let arrival = Arrival(
            source: destination.address, socket: socket, connection: destination.connection, time: worker.now)
        let span = buffer.span
        if routes.reply.isPresent, span.count > 8, span.equals(ByteRange(start: 0, count: 8), "SIP/2.0 ") {
            self.look(routes.reply, worker, program, buffer, arrival)
        }
        if self.isOn, routes.message.isPresent, buffer.count >= self.minimum {
            self.run(routes.message, isIncoming: false, worker, program, buffer, arrival)
        }
        return true
    }

    private func context(
        _ worker: any WorkerServices, _ program: any RouteProgram, _ buffer: ByteBuffer, _ arrival: Arrival
    ) -> RouteContext {
        let message = Message(buffer: ByteBuffer(buffer.span))
        // What is no message stays bytes.
        _ = message.parse()
        return RouteContext(message: message, arrival: arrival, worker: worker, program: program)
    }

    private func look(
        _ route: RouteID, _ worker: any WorkerServices, _ program: any RouteProgram, _ buffer: ByteBuffer,
        _ arrival: Arrival
    ) {
        let context = self.context(worker, program, buffer, arrival)
        let call = RouteCall(route: route, kind: .event) { _, result in .code(result.code) }
        if worker.finish(call, in: context) == nil { context.log(.error, "event_route[corex:reply-out] cannot wait") }
    }

    private func run(
        _ route: RouteID, isIncoming: Bool, _ worker: any WorkerServices, _ program: any RouteProgram,
        _ buffer: ByteBuffer, _ arrival: Arrival
    ) {
        let context = self.context(worker, program, buffer, arrival)
        context.setState(NetworkDirection(isIncoming: isIncoming))
        let call = RouteCall(route: route, kind: .event) { _, result in .code(result.code) }
        guard worker.finish(call, in: context) != nil else {
            return context.log(.error, "event_route[network:msg] cannot wait")
        }
        guard let value = self.replacement?.read(in: context), !value.isNull else { return }
        let text = context.text(value)
        guard !text.isEmpty else { return }
        buffer.removeAll()
        buffer.append(text)
    }
}
