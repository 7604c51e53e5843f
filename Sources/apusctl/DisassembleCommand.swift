import ApusServer
import ArgumentParser
import Simulation
import StandardModules

/// `apusctl disassemble kamailio.cfg`: what a script compiles to.
struct DisassembleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disassemble",
        abstract: "Prints what a configuration compiles to, under the lines that it comes from."
    )

    @Argument(help: "The configuration; the built-in one when there is none.")
    var file: String?

    @Option(name: [.customShort("A"), .long], help: "Preprocessor define, ID or ID=value; may be repeated.")
    var define: [String] = []

    func run() throws {
        var arguments = ["--dump-bytecode"] + self.define.flatMap { ["-A", $0] }
        if let file = self.file { arguments += ["-f", file] }
        let options = try CommandLineOptions(parsing: arguments)
        let status = SimulationCommand.run(options, modules: StandardModules.all)
        if status != 0 { throw ExitCode(1) }
    }
}
