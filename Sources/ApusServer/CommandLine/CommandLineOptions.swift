/// What the command line asks for: Kamailio's options, parsed by hand because several of them look like nothing that a
/// modern parser accepts (`-DD`, `-A ID=value`, `-n4`).
public struct CommandLineOptions: Sendable, Equatable {
    /// nil: the configuration that the server carries in itself.
    public var configurationPath: String?
    public var checksOnly = false
    public var printsConfiguration = false
    public var isStrict = false
    /// How often `-D` was given: 1 and 2 stay in the foreground, 3 or none of them goes to the background.
    public var foreground = 0
    /// Change of the `debug` parameter: added `-d`s, or a value from `--debug=N`.
    public var debugIncrement = 0
    public var debugLevel: Int?
    public var logsToStandardError = false
    public var usesColor = false
    public var logEngine: String?
    public var listen: [String] = []
    public var aliases: [String] = []
    public var autoAliases: Bool?
    public var udpWorkers: Int?
    public var tcpWorkers: Int?
    public var disablesTCP = false
    public var defines: [(name: String, value: String)] = []
    public var substitutions: [(kind: Substitution, expression: String)] = []
    public var loadModules: [String] = []
    public var modparams: [String] = []
    public var modulePath: String?
    public var pidFile: String?
    public var groupPidFile: String?
    public var runDirectory: String?
    public var workingDirectory: String?
    public var chrootDirectory: String?
    public var user: String?
    public var group: String?
    public var maxBuffer: Int?
    public var checksVia = false
    public var serverID: Int?
    public var showsVersion = false
    public var showsBuild = false
    public var showsHelp = false
    /// Options that are understood and need no action here, each with the reason.
    public var withoutEffect: [(option: String, reason: String)] = []

    public enum Substitution: Sendable, Equatable { case text, define, quotedDefine }

    public init() {}

    public static func == (left: Self, right: Self) -> Bool {
        String(describing: left) == String(describing: right)
    }
}

/// What is wrong with the command line.
public struct CommandLineError: Error, Equatable {
    public var message: String
}

extension CommandLineOptions {
    private static let memory = "memory is not divided into pools; the server takes what it needs"
    private static let withoutEffect: [Character: String] = [
        "m": memory, "M": memory,
        "x": "there is one allocator, the system's", "X": "there is one allocator, the system's",
        "W": "epoll is used for streams and blocking reads for datagrams",
        "O": "the script is always compiled",
        "Q": "SCTP is not part of this build", "S": "SCTP is not part of this build",
        "r": "received= is decided by address, not by name", "R": "received= is decided by address, not by name",
        "B": "the send buffer is left to the system",
    ]

    /// - Parameter arguments: without the program's name.
    public init(parsing arguments: [String]) throws(CommandLineError) {
        self.init()
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            if argument == "--" { break }
            if argument.hasPrefix("--") {
                try self.parseLong(String(argument.dropFirst(2)), arguments, &index)
            } else if argument.hasPrefix("-"), argument.count > 1 {
                try self.parseShort(Array(argument.dropFirst()), arguments, &index)
            } else {
                throw CommandLineError(message: "unexpected argument '\(argument)'; -h lists the options")
            }
        }
    }

    private mutating func parseShort(
        _ letters: [Character], _ arguments: [String], _ index: inout Int
    ) throws(CommandLineError) {
        var position = 0
        while position < letters.count {
            let letter = letters[position]
            position += 1
            func value() throws(CommandLineError) -> String {
                if position < letters.count {
                    defer { position = letters.count }
                    return String(letters[position...])
                }
                guard index < arguments.count else {
                    throw CommandLineError(message: "option -\(letter) needs a value")
                }
                defer { index += 1 }
                return arguments[index]
            }
            switch letter {
            case "f": self.configurationPath = try value()
            case "c": self.checksOnly = true
            case "D": self.foreground += 1
            case "E": self.logsToStandardError = true
            case "e": self.usesColor = true
            case "d": self.debugIncrement += 1
            case "l": self.listen.append(try value())
            case "a": self.autoAliases = try Self.boolean(value(), "-a")
            case "n": self.udpWorkers = try Self.number(value(), "-n")
            case "N": self.tcpWorkers = try Self.number(value(), "-N")
            case "A": try self.addDefine(value())
            case "L": self.modulePath = try value()
            case "P": self.pidFile = try value()
            case "G": self.groupPidFile = try value()
            case "Y": self.runDirectory = try value()
            case "w": self.workingDirectory = try value()
            case "t": self.chrootDirectory = try value()
            case "u": self.user = try value()
            case "g": self.group = try value()
            case "b": self.maxBuffer = try Self.number(value(), "-b")
            case "T": self.disablesTCP = true
            case "K": self.checksVia = true
            case "v", "V": self.showsVersion = true
            case "I": self.showsBuild = true
            case "h": self.showsHelp = true
            case "m", "M", "x", "X", "W", "O", "Q", "B":
                _ = try value()
                self.withoutEffect.append(("-\(letter)", Self.withoutEffect[letter] ?? ""))
            case "S", "r", "R": self.withoutEffect.append(("-\(letter)", Self.withoutEffect[letter] ?? ""))
            default: throw CommandLineError(message: "unknown option -\(letter); -h lists the options")
            }
        }
    }

    private mutating func parseLong(
        _ text: String, _ arguments: [String], _ index: inout Int
    ) throws(CommandLineError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        func value() throws(CommandLineError) -> String {
            if parts.count == 2 { return String(parts[1]) }
            guard index < arguments.count else { throw CommandLineError(message: "option --\(name) needs a value") }
            defer { index += 1 }
            return arguments[index]
        }
        switch name {
        case "help": self.showsHelp = true
        case "version": self.showsVersion = true
        case "debug": self.debugLevel = try Self.number(value(), "--debug")
        case "alias": self.aliases.append(try value())
        case "subst": self.substitutions.append((.text, try value()))
        case "substdef": self.substitutions.append((.define, try value()))
        case "substdefs": self.substitutions.append((.quotedDefine, try value()))
        case "loadmodule": self.loadModules.append(try value())
        case "modparam": self.modparams.append(try value())
        case "log-engine": self.logEngine = try value()
        case "server-id": self.serverID = try Self.number(value(), "--server-id")
        case "cfg-print": self.printsConfiguration = true
        case "strict": self.isStrict = true
        case "all-errors":
            self.withoutEffect.append(("--all-errors", "all errors are always reported"))
        case "atexit":
            _ = try value()
            self.withoutEffect.append(("--atexit", "the server's own end runs no library handlers that matter"))
        default: throw CommandLineError(message: "unknown option --\(name); -h lists the options")
        }
    }

    private mutating func addDefine(_ text: String) throws(CommandLineError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { throw CommandLineError(message: "-A needs ID or ID=value") }
        self.defines.append((String(name), parts.count == 2 ? String(parts[1]) : ""))
    }

    private static func number(_ text: String, _ option: String) throws(CommandLineError) -> Int {
        guard let number = Int(text) else { throw CommandLineError(message: "\(option) needs a number, not '\(text)'") }
        return number
    }

    private static func boolean(_ text: String, _ option: String) throws(CommandLineError) -> Bool {
        switch text.lowercased() {
        case "yes", "y", "1", "on", "true": return true
        case "no", "n", "0", "off", "false": return false
        default: throw CommandLineError(message: "\(option) needs yes or no, not '\(text)'")
        }
    }
}
