import ArgumentParser
import Foundation
import ScriptTools

/// `apusctl format FILE…`
struct FormatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "format",
        abstract: "Lays out configuration files: indentation, blanks, empty lines.",
        discussion: "The tokens of a file stay the same, and so does what it means."
    )

    @Flag(help: "Change nothing; list the files that are not laid out, and end with status 1 if there are any.")
    var check = false

    @Option(help: "Blanks for each level, 1 to 16; tabs without this option.")
    var indent: Int?

    @Argument(help: "Files to change in place; '-' reads standard input and writes standard output.")
    var files: [String]

    func validate() throws {
        if let indent, !(1...16).contains(indent) { throw ValidationError("--indent takes 1 to 16, not \(indent)") }
    }

    func run() throws {
        let options = FormatOptions(indentation: self.indent.map { .spaces($0) } ?? .tabs)
        var isChanged = false
        for file in self.files {
            let original = try self.read(file)
            let formatted = ScriptFormatter.format(original, options: options)
            if file == "-", !self.check {
                FileHandle.standardOutput.write(Data(formatted))
            } else if formatted != original {
                isChanged = true
                print(file)
                if !self.check { try Data(formatted).write(to: URL(filePath: file), options: .atomic) }
            }
        }
        if self.check, isChanged { throw ExitCode(1) }
    }

    private func read(_ file: String) throws -> [UInt8] {
        if file == "-" { return [UInt8](FileHandle.standardInput.readDataToEndOfFile()) }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ValidationError("cannot read \(file)")
        }
        return [UInt8](data)
    }
}
