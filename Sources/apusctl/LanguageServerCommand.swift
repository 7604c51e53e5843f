import ArgumentParser
import Foundation
import ScriptTools
import StandardModules

/// `apusctl lsp`
struct LanguageServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lsp",
        abstract: "Serves editors: diagnostics, completion, hover, definitions, renaming, formatting.",
        discussion: "Speaks the Language Server Protocol over standard input and output."
    )

    func run() throws {
        var server = try LanguageServer(moduleTypes: StandardModules.all)
        var framing = MessageFraming()
        while !server.hasExited {
            let bytes = FileHandle.standardInput.availableData
            guard !bytes.isEmpty else { break }
            framing.append(bytes)
            while let message = try framing.next() {
                for answer in server.receive(message) {
                    FileHandle.standardOutput.write(Data(MessageFraming.frame(answer)))
                }
            }
        }
        if !server.isShutDown { throw ExitCode(1) }
    }
}
