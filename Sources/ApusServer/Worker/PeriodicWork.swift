import Bytes
import ModuleKit

/// The periodic tasks of the configuration in force that fall to one event worker, each when it is due.
struct PeriodicWork {
    private let lane: Int
    private var tasks: [(task: PeriodicTask, due: Instant)] = []
    private var configuration: LoadedConfiguration?

    /// - Parameter lane: which of the event workers does it.
    init(lane: Int) { self.lane = lane }

    /// When the next task is due; nil: there is none, or `run` has not yet seen the configuration.
    var nextDeadline: Instant? { self.tasks.map(\.due).min() }

    /// Does what is due now; a new configuration's tasks begin to count here.
    mutating func run(by worker: Worker, _ now: Instant) {
        if let current = worker.server.configuration, current !== self.configuration {
            self.configuration = current
            let workers = max(worker.server.transport.loops.count, 1)
            // What the configuration before had too goes on in its rhythm: reloads that follow each other closely must
            // not keep it from ever being due.
            let before = self.tasks
            self.tasks = current.program.hooks.periodic
                .filter { max($0.lane, 0) % workers == self.lane }
                .map { task in
                    let known = before.first { $0.task.name == task.name && $0.task.interval == task.interval }
                    return (task, known?.due ?? now + task.interval)
                }
        }
        for index in self.tasks.indices where !(now < self.tasks[index].due) {
            let task = self.tasks[index].task
            task.body(worker)
            self.tasks[index].due = task.turn(after: self.tasks[index].due, now: now)
        }
    }
}
