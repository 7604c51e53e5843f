import ArgumentParser
import ControlClient

/// `apusctl reload`.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Has the server read its configuration again, without stopping.",
        discussion: """
            A configuration with a mistake changes nothing; what is wrong is printed as apus -c prints it. What needs \
            a restart is named.

            Exit status: 0 reloaded, 1 refused, 2 no server reached.
            """
    )

    @OptionGroup var server: ServerOptions

    func run() throws {
        self.server.show(try self.server.call("apus.reload"))
    }
}
