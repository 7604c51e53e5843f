import ApusServer
import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import StandardModules

/// A whole server without a network and with a clock of its own: it is given messages and commands, and what it sends is
/// kept for those who answer it.
final class FuzzServer {
    let server: VirtualServer
    private let ear: Ear

    private final class Ear: VirtualServerObserver {
        /// Requests that the server sent, newest last.
        var requests: [ByteString] = []
        /// The last To of a reply to whoever asked.
        var lastReply = ByteString()
        var tracer: (any ScriptTracer)? { nil }

        func sent(_ bytes: ByteString, to destination: Destination, token: UInt64) -> Bool {
            if bytes.starts(with: "SIP/2.0 ") {
                self.lastReply = bytes
            } else {
                self.requests.append(bytes)
                if self.requests.count > 16 { self.requests.removeFirst() }
            }
            return destination.address.port != 5099
        }
        func logged(_ level: LogLevel, _ prefix: ByteString, _ text: ByteString) {}
        func ranScript(in context: RouteContext, _ state: RunState) {}
        func addresses(of name: String) -> [IPAddress] {
            name.utf8.count % 3 == 0 ? [] : [IPAddress("192.0.2.9"), IPAddress("192.0.2.8")].compactMap { $0 }
        }
        func asked(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void) { then(.unreachable) }
    }

    /// - Parameter modules: beside those of the server.
    init(_ name: String, _ script: String, modules: [ModuleType] = []) {
        var setup = VirtualSetup(moduleTypes: StandardModules.all + modules)
        setup.text = (name, script)
        setup.files = .memory([:])
        setup.wallSeconds = 1_767_268_800
        setup.scriptFuel = 20_000
        self.ear = Ear()
        do throws(VirtualFailure) {
            self.server = try VirtualServer(setup, observer: self.ear)
        } catch {
            fatalError("\(name) cannot be loaded: \(error)")
        }
    }

    /// What the server has sent since it was last forgotten.
    var requests: [ByteString] { self.ear.requests }
    var lastReply: ByteString { self.ear.lastReply }

    func forget() {
        self.ear.requests = []
        self.ear.lastReply = ByteString()
    }

    func receive(_ bytes: [UInt8], from number: Int, onStream: Bool = false) {
        let sockets = self.server.sockets
        guard let socket = sockets.first(where: { ($0.transport == .tcp) == onStream }) ?? sockets.first,
            let source = IPAddress("192.0.2.\(1 + number % 3)")
        else { return }
        self.server.receive(
            ByteString(bytes), from: SocketAddress(ip: source, port: 5060), on: socket,
            connection: onStream ? UInt64(1 + number % 3) : 0)
    }

    /// Lets time pass with all that is due meanwhile; `isOver` ends it early.
    func advance(_ interval: Interval, until isOver: () -> Bool = { false }) {
        let end = self.server.now + interval
        while !isOver() {
            guard let due = self.server.nextDeadline, due < end else { break }
            self.server.move(to: max(due, self.server.now + .milliseconds(1)))
        }
        if !isOver(), self.server.now < end { self.server.move(to: end) }
    }
}

extension ByteString {
    fileprivate func starts(with text: StaticString) -> Bool {
        self.count >= text.utf8CodeUnitCount
            && self.span.equals(ByteRange(start: 0, count: text.utf8CodeUnitCount), text.span)
    }
}
