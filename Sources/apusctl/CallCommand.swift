import ArgumentParser
import ControlClient

/// `apusctl rpc core.uptime`: any command of the server.
struct CallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc",
        abstract: "Calls an RPC command of the server and prints its answer.",
        discussion: """
            Arguments that look like numbers are sent as numbers; s: before one keeps it a text. system.listMethods \
            lists the commands, system.methodHelp explains one.

            Exit status: 0 answered, 1 refused by the server, 2 no server reached.
            """
    )

    @OptionGroup var server: ServerOptions

    @Argument(help: "The command, as core.uptime.")
    var command: String

    @Argument(parsing: .captureForPassthrough, help: "Its parameters.")
    var arguments: [String] = []

    func run() throws {
        self.server.show(try self.server.call(self.command, self.arguments.map(CallArguments.value)))
    }
}
