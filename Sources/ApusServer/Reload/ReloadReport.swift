import ModuleKit

/// What a reload did.
struct ReloadReport: Sendable {
    /// Number of the configuration that is in force now.
    var generation = 0
    var milliseconds = 0
    var added: [String] = []
    var removed: [String] = []
    /// Modules that the configuration before had and this one has not.
    var droppedModules: [String] = []
    var needsRestart: [FixedSettings.Difference] = []
    /// Warnings of the check, as `-c` shows them.
    var warnings = ""

    /// Lines for the log, most telling first.
    var lines: [String] {
        var text = "configuration \(self.generation) is in force, \(self.milliseconds) ms"
        if !self.added.isEmpty { text += "; listening on \(self.added.joined(separator: ", ")) too" }
        if !self.removed.isEmpty { text += "; no longer on \(self.removed.joined(separator: ", "))" }
        return [text]
    }

    var warningLines: [String] {
        self.needsRestart.map(\.text)
            + self.droppedModules.map { "module \($0) is no longer loaded: what it was in the middle of stops" }
            + self.warnings.split(separator: "\n").map(String.init)
    }

    /// The answer of the RPC command.
    var answer: RPCValue {
        var members: [RPCValue.Member] = [
            .init("status", .string("reloaded")), .init("configuration", .int(self.generation)),
            .init("milliseconds", .int(self.milliseconds)),
        ]
        for (name, texts) in [("listening", self.added), ("closing", self.removed)] where !texts.isEmpty {
            members.append(.init(name, .array(texts.map { .string($0) })))
        }
        if !self.needsRestart.isEmpty {
            members.append(
                .init(
                    "needs_restart",
                    .array(
                        self.needsRestart.map { difference in
                            .structure([
                                "parameter": .string(difference.name), "running": .string(difference.running),
                                "file": .string(difference.wanted),
                            ])
                        })))
        }
        if !self.droppedModules.isEmpty {
            members.append(.init("modules_dropped", .array(self.droppedModules.map { .string($0) })))
        }
        if !self.warnings.isEmpty { members.append(.init("warnings", .string(self.warnings))) }
        return .structure(members)
    }
}

/// Why a reload changed nothing.
struct ReloadRefusal: Error, Equatable, CustomStringConvertible {
    /// Diagnostics as `-c` shows them, or one line.
    var text: String
    var description: String { self.text }
}
