import ArgumentParser
import Bytes
import ControlClient
import ModuleKit

/// Which server a subcommand talks to, and how it prints what it hears.
struct ServerOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: """
            The server's control socket, a path. Without it: $APUS_SOCKET, else the first served of kamailio_ctl and \
            apus_ctl in /run/kamailio, /run/apus, $XDG_RUNTIME_DIR and /tmp/apus-<user number>.
            """)
    var socket: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "Longest wait for an answer, seconds.")
    var timeout = 120

    /// Calls a command; what is wrong is printed and ends the program: 1 for the server's refusal, 2 when there is no
    /// server to ask.
    func call(_ command: String, _ parameters: [RPCValue] = []) throws -> [RPCValue] {
        do throws(ControlError) {
            return try SocketPlace.connect(to: self.socket, timeout: self.timeout).call(command, parameters)
        } catch {
            guard case .fault(let fault) = error else {
                Output.complain("error: \(error)")
                throw ExitCode(2)
            }
            if self.json {
                Output.print(AnswerJSON.text(fault))
            } else {
                Output.complain("error: \(fault.code) - \(fault.text)")
            }
            throw ExitCode(1)
        }
    }

    func show(_ values: [RPCValue]) {
        if self.json {
            Output.print(AnswerJSON.text(values))
        } else if !values.isEmpty {
            Output.print(AnswerText.text(values), terminator: "")
        }
    }
}

/// Standard output and standard error, unbuffered.
enum Output {
    static func print(_ text: String, terminator: String = "\n") {
        SystemOutput.write(ByteBuffer(text + terminator), to: 1)
    }

    /// A question at the terminal, which is not part of what a program would read.
    static func ask(_ text: String) { SystemOutput.write(ByteBuffer(text), to: 2) }

    static func complain(_ text: String) { SystemOutput.write(ByteBuffer("\(text)\n"), to: 2) }
}
