extension CommandLineOptions {
    private static let memory = "memory is not divided into pools; the server takes what it needs"
    private static let allocator = "there is one allocator, the system's"
    private static let sctp = "SCTP is not part of this build"
    private static let reasons: [Character: String] = [
        "m": memory, "M": memory, "x": allocator, "X": allocator,
        "W": "epoll is used for streams and blocking reads for datagrams", "O": "the script is always compiled",
        "Q": sctp, "S": sctp, "B": "the send buffer follows -b",
        "L": "all modules of this build are part of the program",
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
                self.ignore(argument, "it is no option")
            }
        }
        for argument in arguments[index...] { self.ignore(argument, "it is no option") }
        if let simulation = self.simulation, simulation.path.isEmpty {
            throw CommandLineError(
                message: "--full, --quiet, --answer, --for, --at and --from belong to --simulate=FILE")
        }
    }

    private static func simulation(_ known: Simulation?, path: String) -> Simulation {
        var result = known ?? Simulation(path: path)
        result.path = path
        return result
    }

    private mutating func ignore(_ option: String, _ reason: String) {
        self.withoutEffect.append(Ignored(option: option, reason: reason))
    }

    private mutating func parseShort(
        _ letters: [Character], _ arguments: [String], _ index: inout Int
    ) throws(CommandLineError) {
        var position = 0
        while position < letters.count {
            let letter = letters[position]
            position += 1
            // The rest of this argument, or the next one.
            func value() throws(CommandLineError) -> String {
                if position < letters.count {
                    defer { position = letters.count }
                    return String(letters[position...])
                }
                guard index < arguments.count else {
                    throw CommandLineError(message: "option '-\(letter)' requires an argument; -h lists the options")
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
            case "d": self.debugLevel = (self.debugLevel ?? 0) + 1
            case "l": self.listen.append(try value())
            case "a": self.autoAliases = try Self.boolean(value(), "-a")
            case "n": self.udpWorkers = try Self.number(value(), "-n", from: 1)
            case "N": self.tcpWorkers = try Self.number(value(), "-N", from: 1)
            case "A": try self.addDefine(value())
            case "P": self.pidFile = try value()
            case "G": self.groupPidFile = try value()
            case "Y": self.runDirectory = try value()
            case "w": self.workingDirectory = try value()
            case "t": self.chrootDirectory = try value()
            case "u": self.user = try value()
            case "g": self.group = try value()
            case "b": self.maxBuffer = try Self.number(value(), "-b", from: 1)
            case "T": self.disablesTCP = true
            case "K": self.checksVia = true
            case "v", "V": self.showsVersion = true
            case "I": self.showsBuild = true
            case "h": self.showsHelp = true
            case "m", "M", "Q", "O", "B":
                _ = try Self.number(value(), "-\(letter)", from: 0)
                self.ignore("-\(letter)", Self.reasons[letter] ?? "")
            case "x", "X", "W", "L":
                _ = try value()
                self.ignore("-\(letter)", Self.reasons[letter] ?? "")
            case "r": self.viaCheck = .byName
            case "R": self.viaCheck = .byReverseName
            case "S": self.ignore("-\(letter)", Self.reasons[letter] ?? "")
            default: throw CommandLineError(message: "unknown option '-\(letter)'; -h lists the options")
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
            guard index < arguments.count else {
                throw CommandLineError(message: "option '--\(name)' requires an argument; -h lists the options")
            }
            defer { index += 1 }
            return arguments[index]
        }
        switch name {
        case "help": self.showsHelp = true
        case "version": self.showsVersion = true
        case "debug": self.debugLevel = try Self.number(value(), "--debug", from: -5)
        case "alias": self.aliases.append(try value())
        case "subst": self.substitutions.append(Substitution(kind: .text, expression: try value()))
        case "substdef": self.substitutions.append(Substitution(kind: .define, expression: try value()))
        case "substdefs": self.substitutions.append(Substitution(kind: .quotedDefine, expression: try value()))
        case "loadmodule": self.loadModules.append(try value())
        case "modparam": try self.addModuleParameter(value())
        case "log-engine": self.logEngine = try value()
        case "server-id": self.serverID = try Self.number(value(), "--server-id", from: 0)
        case "cfg-print": self.printsConfiguration = true
        case "strict": self.isStrict = true
        case "dump-bytecode": self.dumpsBytecode = true
        case "simulate": self.simulation = Self.simulation(self.simulation, path: try value())
        case "full", "quiet", "answer", "for", "at", "from":
            // Options of the simulation, in any order with it.
            var simulation = self.simulation ?? Simulation(path: "")
            switch name {
            case "full": simulation.showsMessages = true
            case "quiet": simulation.hidesLines = true
            case "answer": simulation.answers = try value()
            case "for": simulation.duration = try value()
            case "at": simulation.startTime = try value()
            default: simulation.source = try value()
            }
            self.simulation = simulation
        case "diagnostics":
            let format = try value()
            guard let known = DiagnosticFormat(rawValue: format) else {
                throw CommandLineError(message: "--diagnostics knows text and json, not '\(format)'")
            }
            self.diagnosticFormat = known
        case "all-errors": self.ignore("--all-errors", "all errors are always reported")
        case "atexit":
            _ = try Self.boolean(value(), "--atexit")
            self.ignore("--atexit", "no library handler runs at the end that could do harm")
        default: throw CommandLineError(message: "unknown option '--\(name)'; -h lists the options")
        }
    }

    private mutating func addDefine(_ text: String) throws(CommandLineError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else {
            throw CommandLineError(message: "-A needs ID or ID=value, not '\(text)'")
        }
        self.defines.append(Define(name: String(name), value: parts.count == 2 ? String(parts[1]) : ""))
    }

    private mutating func addModuleParameter(_ text: String) throws(CommandLineError) {
        let parts = text.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw CommandLineError(message: "--modparam needs module:parameter:type:value, not '\(text)'")
        }
        let value: ModuleParameter.Value
        switch parts[2] {
        case "s": value = .text(parts[3])
        case "i": value = .int(try Self.number(parts[3], "--modparam=\(parts[0]):\(parts[1])", from: Int.min))
        default: throw CommandLineError(message: "--modparam knows the types s and i, not '\(parts[2])'")
        }
        self.modparams.append(ModuleParameter(module: parts[0], name: parts[1], value: value))
    }

    private static func number(_ text: String, _ option: String, from least: Int) throws(CommandLineError) -> Int {
        guard let number = Int(text), number >= least else {
            let bound = least == Int.min ? "a number" : "a number from \(least) up"
            throw CommandLineError(message: "\(option) needs \(bound), not '\(text)'")
        }
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
