import ModuleKit

/// A `request_route` with real modules that notes what it sees: `note("text with $variables")` is there in it, and what
/// it was given is in `notes`.
public final class NoteBench {
    public let script: ScriptBench
    private let pad: NotePad

    public static let request = """
        INVITE sip:bob@example.com SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
        Max-Forwards: 70
        From: "Alice" <sip:alice@atlanta.com>;tag=1
        To: <sip:bob@example.com>
        Call-ID: c1
        CSeq: 1 INVITE
        Content-Length: 0

        """

    /// - Parameters:
    ///   - body: what stands in `request_route`.
    ///   - settings: global parameters and `modparam` lines; the modules are loaded before them.
    ///   - routes: further route blocks.
    ///   - bench: keeps shared state.
    /// - Throws: `ScriptBench.Refused`.
    public init(
        _ body: String, settings: String = "", routes: String = "", modules: [ModuleType],
        on bench: ModuleBench = ModuleBench()
    ) throws {
        let pad = NotePad()
        self.pad = pad
        _ = bench.shared("bench.notes") { pad }
        let loads = modules.filter { $0.name != "core" }.map { "loadmodule \"\($0.name).so\"\n" }.joined()
        self.script = try ScriptBench(
            "loadmodule \"bench.so\"\n\(loads)\(settings)\nrequest_route {\n\(body)\n}\n\(routes)\n",
            modules + [ModuleType(NoteModule.self)], on: bench)
    }

    public var notes: [String] { self.pad.lines }
    public var log: [String] { self.script.log }

    /// - Parameter message: a request with plain line ends.
    /// - Returns: the context as the script left it.
    @discardableResult
    public func run(_ message: String = NoteBench.request) throws -> RouteContext { try self.script.run(message) }

    /// The notes of one run.
    public static func notes(
        _ body: String, settings: String = "", message: String = NoteBench.request, modules: [ModuleType]
    ) throws -> [String] {
        let bench = try NoteBench(body, settings: settings, modules: modules)
        try bench.run(message)
        return bench.notes
    }
}

/// What `note()` was given.
private final class NotePad: @unchecked Sendable {  // a test uses it on one thread
    var lines: [String] = []
}

/// The module behind `note()`.
private final class NoteModule: ServerModule {
    static let name = "bench"
    static let summary = "Notes what a script has seen."
    private let pad: NotePad

    init(_ settings: NoSettings, host: any ModuleHost) throws {
        self.pad = host.shared("bench.notes") { NotePad() }
    }

    var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "note", Argument("text", .format, "The text."), in: .any, summary: "Notes a text.",
                example: "note(\"$rm\");"
            ) { [pad] route, arguments in
                pad.lines.append(arguments.text(0, in: route).string)
                return .success
            }
        ]
    }
}
