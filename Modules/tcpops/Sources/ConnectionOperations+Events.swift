import Bytes
import ModuleKit
import SIPMessage

extension ConnectionOperations {
    /// Runs the event route for the end of a connection.
    func tell(_ closed: ClosedConnection, _ worker: any WorkerServices) {
        let isChosen = self.watched.remove(closed.id)
        guard self.settings.events == .always || isChosen else { return }
        let name: ByteString
        switch closed.ending {
        case .closed: name = "tcp:closed"
        case .reset: name = "tcp:reset"
        case .timedOut: name = "tcp:timeout"
        case .unnoticed: return
        }
        guard let program = worker.currentProgram else { return }
        let route = program.route(.event, named: name)
        guard route.isPresent, let context = worker.makeLocalContext(program: program) else { return }
        context.arrival.source = closed.peer
        context.arrival.socket = closed.socket
        context.arrival.connection = closed.id
        worker.schedule(RouteCall(route: route, kind: .event) { _, result in .code(result.code) }, in: context)
    }
}
