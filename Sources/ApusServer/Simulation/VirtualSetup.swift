import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

/// What a simulated server is to run.
package struct VirtualSetup {
    /// The command line: configuration, defines, substitutions, further modules.
    package var options = CommandLineOptions()
    /// The configuration itself, in place of the file that the options name; the name is what messages show.
    package var text: (name: String, content: String)?
    package var files = FileAccess.system
    package var moduleTypes: [ModuleType]
    /// Instructions after which a run of a script is stopped; nil: the usual limit.
    package var scriptFuel: Int?
    /// Takes the place of the sockets of the configuration when there are any.
    package var listen: [String] = []
    /// Seconds since 1970 when the simulation begins.
    package var wallSeconds = WallClock.seconds()

    package init(moduleTypes: [ModuleType]) { self.moduleTypes = moduleTypes }
}

/// Why a simulation cannot begin.
package enum VirtualFailure: Error, CustomStringConvertible {
    /// The configuration has errors; the text is what a check would show.
    case configuration(String)
    case other(String)

    package var description: String {
        switch self {
        case .configuration(let text), .other(let text): text
        }
    }
}

/// What a simulated server tells whoever simulates the rest of the world.
package protocol VirtualServerObserver: AnyObject {
    /// The server sends.
    /// - Returns: false when nobody can be reached there, known at once.
    func sent(_ bytes: ByteString, to destination: Destination, token: UInt64) -> Bool
    func logged(_ level: LogLevel, _ prefix: ByteString, _ text: ByteString)
    /// A script ended or suspended; `context` holds what it left, until this returns.
    func ranScript(in context: RouteContext, _ state: RunState)
    /// Addresses of a host name, none when it cannot be resolved.
    func addresses(of name: String) -> [IPAddress]
    /// Records that the simulated DNS has; nil: only addresses.
    func records(_ question: DNSQuestion) -> DNSAnswer?
    /// A module asks a server outside; `then` is to be called once, at once or later.
    func asked(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void)
    /// Sees every action of scripts; nil: they run untraced.
    var tracer: (any ScriptTracer)? { get }
}

extension VirtualServerObserver {
    package func records(_ question: DNSQuestion) -> DNSAnswer? { nil }
}

/// Between server and simulation: holds the owner weakly, so that neither keeps the other.
final class VirtualWorld: SimulatedWorld, LogSink, @unchecked Sendable {  // used on the thread of its server
    weak var observer: (any VirtualServerObserver)?

    func send(_ bytes: Span<UInt8>, to destination: Destination, token: UInt64, by worker: Int) -> Bool {
        self.observer?.sent(ByteString(bytes), to: destination, token: token) ?? false
    }

    func ask(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void) {
        guard let observer = self.observer else { return then(.unreachable) }
        observer.asked(query, then: then)
    }

    var tracer: (any ScriptTracer)? { self.observer?.tracer }

    func addresses(of name: ByteString) -> [IPAddress] { self.observer?.addresses(of: name.string) ?? [] }

    func records(_ question: DNSQuestion) -> DNSAnswer {
        if let known = self.observer?.records(question) { return known }
        guard question.type == .a || question.type == .aaaa else { return .none }
        let found = self.addresses(of: question.name).filter { $0.isIPv6 == (question.type == .aaaa) }
        return DNSAnswer(found.map { .address($0) }, lifetime: nil)
    }

    func ranScript(in context: RouteContext, _ state: RunState) { self.observer?.ranScript(in: context, state) }

    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {
        self.observer?.logged(level, ByteString(prefix), ByteString(text))
    }
}
