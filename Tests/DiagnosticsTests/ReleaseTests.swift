import Bytes
import ModuleKit
import RouteScript
import StandardModules
import Testing

/// A module that holds all it is given, as modules may.
private final class Witness: ServerModule {
    static let name = "witness"
    static let summary = "Counts how many of it there are."
    static let alive = Lock(0)

    let host: any ModuleHost
    let compiler: any ScriptCompiling

    init(_ settings: NoSettings, host: any ModuleHost) throws {
        self.host = host
        self.compiler = host.compiler
        Self.alive.withLock { $0 += 1 }
    }

    deinit { Self.alive.withLock { $0 -= 1 } }
}

@Suite("Checks: what an analysis made is let go of", .serialized)
struct ReleaseTests {
    private func analyse(_ text: String, keepsProgram: Bool) -> ScriptAnalysis {
        var options = ScriptAnalysis.Options(moduleTypes: StandardModules.all + [ModuleType(Witness.self)])
        options.keepsProgram = keepsProgram
        return ScriptAnalysis.of(bytes: Array(text.utf8), name: "kamailio.cfg", options: options)
    }

    private var alive: Int { Witness.alive.withLock { $0 } }

    @Test func `modules end with the analysis, loaded or looked at for a name`() {
        for _ in 0..<3 {
            _ = self.analyse("loadmodule \"witness\"\nrequest_route { exit; }", keepsProgram: false)
            _ = self.analyse("request_route { nonsense(); }", keepsProgram: false)
        }
        #expect(self.alive == 0)
    }

    @Test func `modules of a kept program end with it, once its host is detached`() {
        var analysis: ScriptAnalysis? = self.analyse(
            "loadmodule \"witness\"\nrequest_route { exit; }", keepsProgram: true)
        #expect(self.alive == 1)
        analysis?.host?.detach()
        analysis = nil
        #expect(self.alive == 0)
    }
}
