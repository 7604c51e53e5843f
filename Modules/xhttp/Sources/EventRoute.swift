import Bytes
import ModuleKit
import Synchronization

/// `event_route[xhttp:request]`, looked up once: a module belongs to one program.
final class EventRoute: Sendable {
    /// Its index and 2; 0: not looked up.
    private let known = Atomic<Int>(0)

    func id(in program: any RouteProgram) -> RouteID {
        let index = self.known.load(ordering: .relaxed)
        if index != 0 { return RouteID(index: index - 2) }
        let route = program.route(.event, named: "xhttp:request")
        self.known.store(Int(route.index) + 2, ordering: .relaxed)
        return route
    }
}
