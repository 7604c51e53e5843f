import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTesting
import StandardModules

/// A configuration with real modules, and one message that its routes run for again and again.
final class ScriptFixture {
    let script: ScriptBench
    let context: RouteContext
    private let arrival: Arrival
    private let values: ConfigurationSnapshot?

    /// - Parameters:
    ///   - routes: route blocks.
    ///   - message: with plain line ends.
    ///   - bench: keeps what modules share.
    /// - Throws: what is wrong with the configuration or the message.
    init(
        modules: [String], settings: String = "", _ routes: String, message: String,
        on bench: ModuleBench = ModuleBench()
    ) throws {
        let loads = modules.map { "loadmodule \"\($0).so\"\n" }.joined()
        let text = "debug=-1\n\(loads)\(settings)\nrequest_route { exit; }\n\(routes)\n"
        self.script = try ScriptBench(text, StandardModules.all, on: bench)
        let received = try self.script.bench.receive(message, from: "192.0.2.1:5060")
        self.arrival = received.arrival
        self.context = RouteContext(
            message: received.message, arrival: received.arrival, worker: self.script.worker,
            program: self.script.program)
        self.values = self.script.program.configuration?.snapshot
        self.script.begin()
    }

    /// Runs `route[name]` as for a message that has just come.
    func run(_ route: RouteID) -> Int {
        self.context.reset(
            arrival: self.arrival, program: self.script.program, configuration: self.values)
        guard case .ended(let result) = self.script.program.start(route, kind: .request, in: self.context) else {
            return 0
        }
        return result.code
    }

    func route(_ name: String) -> RouteID { self.script.program.route(.request, named: ByteString(name)) }

    /// A case that runs a route, which does something `times` times and is to end with a code above 0.
    func measured(_ name: String, route: String, times: Int = 1, before: @escaping () -> Void = {}) -> Case {
        let id = self.route(route)
        precondition(id.isPresent, "no route \(route)")
        return Case(name, times: times) { [self] in
            before()
            precondition(self.run(id) > 0, "route \(route) fails")
            if !self.script.worker.sent.isEmpty { self.script.worker.sent.removeAll(keepingCapacity: true) }
        }
    }
}
