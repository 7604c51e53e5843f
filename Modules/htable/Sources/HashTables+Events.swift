import Bytes
import ModuleKit

/// The item that `event_route[htable:expired:TABLE]` runs for; one context is used for all of a round.
final class ExpiredItem {
    var record: SharedTable.Record
    init(_ record: SharedTable.Record) { self.record = record }
}

extension HashTables {
    /// Runs `event_route[htable:mod-init]`, before the first message is received.
    func runInitRoute(on worker: any WorkerServices) {
        guard let program = worker.currentProgram else { return }
        let route = program.route(.event, named: "htable:mod-init")
        guard route.isPresent, let context = worker.makeLocalContext(program: program) else { return }
        worker.schedule(RouteCall(route: route, kind: .event) { _, result in .code(result.code) }, in: context)
    }

    /// Runs `event_route[htable:reloaded:TABLE]`.
    func runReloadedRoute(of table: Table, on worker: any WorkerServices) {
        guard let program = worker.currentProgram else { return }
        let route = program.route(.event, named: "htable:reloaded:" + table.definition.name)
        guard route.isPresent, let context = worker.makeLocalContext(program: program) else { return }
        worker.schedule(RouteCall(route: route, kind: .event) { _, result in .code(result.code) }, in: context)
    }

    /// Takes the items out whose time is over, and runs the event of each: one after the other for each table, so that
    /// a burst costs one context and a list.
    func expire(on worker: any WorkerServices) {
        let second = SharedTable.second(worker.now)
        for table in self.tables where table.definition.autoexpire > 0 {
            let name = "htable:expired:" + table.definition.name
            let route = worker.currentProgram?.route(.event, named: name) ?? .none
            let gone = table.store.collectExpired(at: second, wantsRecords: route.isPresent)
            guard let first = gone.first, let program = worker.currentProgram,
                let context = worker.makeLocalContext(program: program)
            else { continue }
            context.setState(ExpiredItem(first))
            worker.schedule(Self.event(route, gone[...]), in: context)
        }
    }

    private static func event(_ route: RouteID, _ records: ArraySlice<SharedTable.Record>) -> RouteCall {
        RouteCall(route: route, kind: .event) { context, result in
            let rest = records.dropFirst()
            guard let next = rest.first else { return .code(result.code) }
            context.state(ExpiredItem.self)?.record = next
            return .run(Self.event(route, rest))
        }
    }
}
