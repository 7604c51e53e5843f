import Bytes
import ModuleKit
import SIPTransport

/// All worker threads: event workers for the life of the server, datagram workers as listeners come and go.
final class WorkerCrew: Sendable {
    /// The workers of one UDP listener.
    private struct Gang {
        var listener: Int
        var workers: [DatagramWorker]
    }

    /// A worker's number and its row of statistics; both are used again by later workers, so that nothing is lost from
    /// the statistics and numbers stay small.
    private struct Seat {
        var index: Int
        var bank: CounterBank
    }

    private struct State {
        var events: [EventWorker] = []
        var gangs: [Gang] = []
        var free: [Seat] = []
        var seatCount = 0
    }

    private let state = Lock(State())

    /// Makes the event workers; their threads are yet to be started.
    func prepare(_ server: Server) throws {
        guard let situation = server.situation else { return }
        for (lane, loop) in server.transport.loops.enumerated() {
            let seat = self.takeSeat(server)
            let worker = Worker(
                index: seat.index, lane: lane, server: server, situation: situation, bank: seat.bank,
                buffers: loop.buffers)
            let event = EventWorker(worker: worker, loop: loop)
            self.state.withLock { $0.events.append(event) }
        }
    }

    /// The first event worker: before `start` whoever starts the server may act for it.
    var firstWorker: Worker? { self.state.withLock { $0.events.first?.worker } }

    /// Starts all workers of a server whose sockets are bound.
    func start(_ server: Server) throws {
        guard let situation = server.situation else { return }
        let events = self.state.withLock { $0.events }
        let limits = server.transport.limits
        for (lane, event) in events.enumerated() {
            try event.start(name: "apus-event-\(lane)", processor: limits.processor(lane: lane))
        }
        for sockets in situation.descriptors where !sockets.isEmpty { try self.add(sockets, server) }
    }

    /// Starts the workers of a UDP listener, one for each descriptor.
    func add(_ sockets: [DatagramSocket], _ server: Server) throws {
        guard let situation = server.situation, let first = sockets.first else { return }
        let listener = first.listenSocket.index
        for (lane, socket) in sockets.enumerated() {
            let seat = self.takeSeat(server)
            let worker = Worker(
                index: seat.index, lane: lane, server: server, situation: situation, bank: seat.bank)
            let datagram = DatagramWorker(worker: worker, socket: socket)
            do {
                try datagram.start(
                    name: "apus-udp-\(listener).\(lane)", processor: server.transport.limits.processor(lane: lane))
            } catch {
                self.giveBack(worker)
                throw error
            }
            self.state.withLock { state in
                if let index = state.gangs.firstIndex(where: { $0.listener == listener }) {
                    state.gangs[index].workers.append(datagram)
                } else {
                    state.gangs.append(Gang(listener: listener, workers: [datagram]))
                }
            }
        }
    }

    /// Ends the workers of a listener and waits for them.
    func remove(listener: Int) {
        let leaving = self.state.withLock { state -> [DatagramWorker] in
            guard let index = state.gangs.firstIndex(where: { $0.listener == listener }) else { return [] }
            return state.gangs.remove(at: index).workers
        }
        for worker in leaving {
            worker.stop()
            worker.worker.dismiss()
            self.giveBack(worker.worker)
        }
    }

    /// Has idle workers look round now rather than at their next message.
    func wake() {
        let (events, gangs) = self.state.withLock { ($0.events, $0.gangs) }
        for event in events { event.loop.post(LoopWork { _ in }) }
        for gang in gangs { for worker in gang.workers { worker.wake() } }
    }

    /// Returns when all workers go by the situation with this number, or after `limit`.
    /// - Returns: how many do not.
    @discardableResult
    func settle(_ number: Int, limit: Interval) -> Int {
        let signal = WorkSignal()
        let end = Instant.precise() + limit
        var pause = 1
        while true {
            let (events, datagrams) = self.state.withLock { ($0.events, $0.gangs.flatMap(\.workers)) }
            let lateEvents = events.filter { $0.worker.isBehind(number) }
            let lateDatagrams = datagrams.filter { $0.worker.isBehind(number) }
            let count = lateEvents.count + lateDatagrams.count
            guard count > 0, Instant.precise() < end else { return count }
            for event in lateEvents { event.loop.post(LoopWork { _ in }) }
            for datagram in lateDatagrams { datagram.wake() }
            // Nobody raises it: workers have no more to do than to look round.
            signal.wait(milliseconds: pause)
            pause = min(pause * 2, 32)
        }
    }

    func stop() {
        let state = self.state.withLock { state in
            defer { state = State() }
            return state
        }
        for gang in state.gangs { for worker in gang.workers { worker.stop() } }
        for event in state.events { event.stop() }
    }

    /// Numbers in use once `count` more workers have started.
    func seats(adding count: Int) -> Int {
        self.state.withLock { $0.seatCount + max(count - $0.free.count, 0) }
    }

    /// What each thread does, for `core.ps`.
    var names: [String] {
        self.state.withLock { state in
            ["main", "log writer", "control"]
                + state.events.indices.map { "event worker \($0): streams, timers" }
                + state.gangs.flatMap(\.workers).indices.map { "datagram worker \($0)" }
        }
    }

    private func takeSeat(_ server: Server) -> Seat {
        self.state.withLock { state in
            if let seat = state.free.popLast() { return seat }
            defer { state.seatCount += 1 }
            return Seat(index: state.seatCount, bank: server.counters.makeBank())
        }
    }

    private func giveBack(_ worker: Worker) {
        self.state.withLock { $0.free.append(Seat(index: worker.index, bank: worker.bank)) }
    }
}
