import ArgumentParser

/// The tool beside the server: one subcommand a file.
@main
struct ApusCtl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apusctl",
        abstract: "Controls a running apus and works on its configuration files.",
        subcommands: [
            CallCommand.self,
            DatabaseCommand.self,
            UserCommand.self,
            DomainCommand.self,
            AddressCommand.self,
            TrustedCommand.self,
            AliasCommand.self,
            AccessCommand.self,
            DisassembleCommand.self,
            ReloadCommand.self,
            FormatCommand.self,
            LanguageServerCommand.self,
            TestCommand.self,
        ]
    )
}
