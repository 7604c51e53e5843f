import ArgumentParser
import CTerminal

/// A password that was not given on the command line, where other users of the machine could see it.
enum Secret {
    /// Asks twice at a terminal, without showing what is typed; else the first line of the standard input.
    static func read(for name: String) throws -> String {
        guard apus_terminal_is_there() != 0 else {
            guard let line = Self.line() else {
                Output.complain("apusctl: no password: give one behind the name, or a line on the standard input")
                throw ExitCode(1)
            }
            return line
        }
        let first = try Self.ask("Password of \(name): ")
        guard first == (try Self.ask("Again: ")) else {
            Output.complain("apusctl: these are two different passwords")
            throw ExitCode(1)
        }
        return first
    }

    private static func ask(_ prompt: String) throws -> String {
        // Nothing is read from a terminal that would show it.
        guard apus_terminal_hide() != 0 else {
            Output.complain("apusctl: the terminal cannot be silenced")
            throw ExitCode(1)
        }
        defer { apus_terminal_show() }
        Output.ask(prompt)
        let line = Self.line()
        Output.ask("\n")
        guard let line else { throw ExitCode(1) }
        return line
    }

    /// Up to the end of the line; nil at the end of the input, and at Ctrl-C.
    private static func line() -> String? {
        var bytes: [UInt8] = []
        while bytes.count < 4096 {
            let byte = apus_terminal_next()
            if byte == 3 { return nil }
            if byte < 0 { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
            if byte == 10 || byte == 13 { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
        return nil
    }
}
