import Bytes
import Synchronization

/// Routes that a periodic task runs, one after the other, in a context that no message started.
///
/// A turn that comes while the routes of the last one still run, because they wait for something, is left out.
public final class RepeatedRoutes: Sendable {
    private let name: String
    private let routes: [ByteString]
    private let prepare: @Sendable (RouteContext) -> Void
    private let isBusy = Atomic<Bool>(false)
    private let complained = Atomic<Bool>(false)

    /// - Parameters:
    ///   - name: what the log calls it.
    ///   - routes: names of `route[NAME]` blocks.
    ///   - prepare: puts into the context what variables of the module read.
    public init(_ name: String, routes: [ByteString], prepare: @escaping @Sendable (RouteContext) -> Void) {
        self.name = name
        self.routes = routes
        self.prepare = prepare
    }

    /// Starts the routes, unless those of the last turn still run. `exit` in one of them does not keep the next back.
    public func turn(on worker: any WorkerServices) {
        guard let program = worker.currentProgram,
            self.isBusy.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else { return }
        // From here on the turn owns the flag: whatever becomes of the script, it is given back.
        let turn = Turn(self)
        guard let context = worker.makeLocalContext(program: program) else { return }
        context.setState(turn)
        self.prepare(context)
        let routes = self.routes.map { program.route(.request, named: $0) }
        if !routes.allSatisfy(\.isPresent) { self.complain(worker) }
        worker.schedule(Self.call(routes[...], turn), in: context)
    }

    private func complain(_ worker: any WorkerServices) {
        guard !self.complained.exchange(true, ordering: .relaxed) else { return }
        worker.host.logger.error("a route of \(self.name) does not exist")
    }

    private static func call(_ routes: ArraySlice<RouteID>, _ turn: Turn) -> RouteCall {
        RouteCall(route: routes.first ?? .none, kind: .request) { _, result in
            let rest = routes.dropFirst()
            guard !rest.isEmpty else {
                turn.finish()
                return .code(result.code)
            }
            return .run(Self.call(rest, turn))
        }
    }

    /// One run of the routes; kept with its context.
    private final class Turn {
        let owner: RepeatedRoutes
        private var isOver = false

        init(_ owner: RepeatedRoutes) { self.owner = owner }

        func finish() {
            guard !self.isOver else { return }
            self.isOver = true
            self.owner.isBusy.store(false, ordering: .releasing)
        }

        // A script that never ends, because whoever should wake it is gone, must not stop the timer for ever.
        deinit { self.finish() }
    }
}
