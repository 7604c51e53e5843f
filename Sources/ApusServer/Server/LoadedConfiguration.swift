import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// One loaded configuration together with the view of the server that its modules have.
final class LoadedConfiguration: Sendable {
    let program: Program
    let host: ProgramHost
    /// Kept for modules that compile formats later.
    private let builder: ProgramBuilder

    init(program: Program, host: ProgramHost, builder: ProgramBuilder) {
        self.program = program
        self.host = host
        self.builder = builder
    }
}
