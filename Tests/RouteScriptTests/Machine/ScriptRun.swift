import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import RouteScript

/// A configuration loaded with the modules of the tests, ready to be run.
final class ScriptRun {
    struct Refused: Error, CustomStringConvertible {
        var description: String
    }

    static let head = "loadmodule \"probe.so\"\n"
    static let invite = """
        INVITE sip:alice@example.org SIP/2.0\r
        Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1\r
        From: <sip:bob@example.org>;tag=1\r
        To: <sip:alice@example.org>\r
        Call-ID: 1\r
        CSeq: 1 INVITE\r
        Content-Length: 0\r
        \r

        """

    let host = ScriptHost()
    let builder: ProgramBuilder
    let program: Program
    let context: RouteContext
    private let worker: ScriptWorker

    /// - Parameters:
    ///   - text: a configuration, without `loadmodule` unless `head` is empty.
    ///   - fuel: instructions until the script is stopped.
    init(_ text: String, head: String = ScriptRun.head, fuel: Int? = nil) throws {
        self.builder = ProgramBuilder(
            FrontEnd.parse(text: head + text),
            moduleTypes: [ModuleType(CoreStandIn.self), ModuleType(ProbeModule.self)])
        self.host.builder = self.builder
        if let fuel { self.builder.settings.core.scriptFuel = fuel }
        guard let program = self.builder.build(host: self.host) else {
            throw Refused(description: Self.render(self.builder))
        }
        guard let message = Message(ByteString(Self.invite).span), let source = IPAddress("192.0.2.1") else {
            throw Refused(description: "no message")
        }
        self.program = program
        self.worker = ScriptWorker(self.host)
        self.context = RouteContext(
            message: message,
            arrival: Arrival(
                source: SocketAddress(ip: source, port: 5070), socket: self.host.sockets[0], connection: .none,
                time: Instant(milliseconds: 0)),
            worker: self.worker, program: program)
    }

    static func render(_ builder: ProgramBuilder) -> String {
        DiagnosticRenderer(sources: builder.parsed.sources).render(builder.diagnostics)
    }

    /// What the probes saw.
    var trace: [String] { self.host.trace }
    var log: [String] { self.host.sink.lines }

    /// Runs `request_route`; a suspended script is woken with 1 until it ends.
    @discardableResult
    func run(_ kind: RouteKinds = .request, waking code: Int = 1) -> RouteResult {
        let route = kind == .reply ? self.program.replyRoute : self.program.requestRoute
        var state = self.program.start(route, kind: kind, in: self.context)
        while true {
            switch state {
            case .ended(let result): return result
            case .suspended: state = self.program.resume(ResumeResult(code: code), in: self.context)
            }
        }
    }

    /// The trace of one run of a request route with this body.
    static func trace(_ body: String, routes: String = "", settings: String = "") throws -> [String] {
        let script = try ScriptRun("\(settings)\nrequest_route {\n\(body)\n}\n\(routes)")
        script.run()
        return script.trace
    }

    /// The value that `expression` has, as text.
    static func value(_ expression: String, after: String = "", settings: String = "") throws -> String {
        try self.trace("\(after) $var(r) = \(expression); probe(\"$var(r)\");", settings: settings).last ?? "nothing"
    }
}

/// The diagnostics of a configuration, each as `line:column code message`.
func findings(_ text: String, change: (ProgramBuilder) -> Void = { _ in }) -> [String] {
    let host = ScriptHost()
    let builder = ProgramBuilder(
        FrontEnd.parse(text: text, name: "t.cfg"),
        moduleTypes: [ModuleType(CoreStandIn.self), ModuleType(ProbeModule.self)])
    host.builder = builder
    change(builder)
    _ = builder.build(host: host)
    return builder.diagnostics.sorted(in: builder.parsed.sources).map { diagnostic in
        let place = builder.parsed.sources.resolve(diagnostic.range.start).location
        let hint = diagnostic.suggestion.map { " (\($0))" } ?? ""
        return "\(place.line):\(place.column) \(diagnostic.code.id) \(diagnostic.message)\(hint)"
    }
}
