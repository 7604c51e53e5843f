import ApusServer
import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// Takes what the server does. Holds the stage weakly, so that nothing keeps it but its owner; what the server does
/// while it starts waits here until there is a stage.
final class StageEar: VirtualServerObserver {
    private weak var stage: Stage?
    private var names: [String: [IPAddress]]
    private var early: [(Stage) -> Void] = []

    init(names: [String: [IPAddress]]) {
        self.names = names
    }

    func attach(_ stage: Stage) {
        self.stage = stage
        for action in self.early { action(stage) }
        self.early = []
    }

    func sent(_ bytes: ByteString, to destination: Destination, token: UInt64) -> Bool {
        if let stage = self.stage { return stage.serverSent(bytes, to: destination, token: token) }
        self.early.append { _ = $0.serverSent(bytes, to: destination, token: token) }
        return true
    }

    func logged(_ level: LogLevel, _ prefix: ByteString, _ text: ByteString) {
        let event = StageEvent.log(level, prefix: prefix.string, text: PlainMessage.trimmed(text.string))
        if let stage = self.stage {
            stage.listener?.note(event, at: stage.elapsed)
        } else {
            self.early.append { $0.listener?.note(event, at: .zero) }
        }
    }

    func asked(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void) {
        guard let stage = self.stage else { return then(.unreachable) }
        stage.asked(query, then: then)
    }

    var tracer: (any ScriptTracer)? { self.stage?.listener?.tracer }

    func ranScript(in context: RouteContext, _ state: RunState) { self.stage?.scriptRan(in: context, state) }

    func addresses(of name: String) -> [IPAddress] {
        let name = name.lowercased()
        if let known = self.names[name] { return known }
        let made = [IPAddress(ipv4: 0xC633_6400 + UInt32(self.names.count % 254 + 1))]
        self.names[name] = made
        return made
    }
}
